/**
 * Stands in for what `wasm-bindgen --target web` makes of `crates/echolite-cache-wasm`; the generated module takes
 * its place in `dist/wasm`.
 */
import type { CacheCommand, EngineConfig, EngineEvent, Engine as EngineOf } from '../engine/port.js';

/** A cache's engine. */
export const Engine: new (
  config: EngineConfig,
  onevent: (...event: EngineEvent) => void,
) => EngineOf<CacheCommand>;

/** Compiles and starts the module. */
export default function init(options: {
  module_or_path: Response | BufferSource | URL | string;
}): Promise<unknown>;
