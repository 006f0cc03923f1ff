/**
 * Stands in for what `wasm-bindgen --target web` makes of `crates/echolite-echo-wasm`; the generated module takes
 * its place in `dist/wasm`.
 */
import type { EchoCommand, EngineConfig, EngineEvent, Engine as EngineOf } from '../engine/port.js';

/** Echo's engine. */
export const Engine: new (
  config: EngineConfig,
  onevent: (...event: EngineEvent) => void,
) => EngineOf<EchoCommand>;

/** Compiles and starts the module. */
export default function init(options: {
  module_or_path: Response | BufferSource | URL | string;
}): Promise<unknown>;
