/**
 * Stands in for what `wasm-bindgen --target web` makes of `crates/echolite-cache-wasm`; the generated module takes
 * its place in `dist/wasm`.
 */
import type {
  AuthReply,
  EngineConfig,
  EngineEvent,
  PageSignal,
  ReadReply,
  WireAdvice,
  WireQuery,
  WireResource,
} from '../engine/port.js';

/** A cache's engine. Its methods are commands of `port.ts`. */
export class Engine {
  constructor(config: EngineConfig, onevent: (...event: EngineEvent) => void);
  connect(): void;
  page(signal: PageSignal): void;
  release(): void;
  retire(): void;
  forget(): void;
  look(): void;
  authorized(request: number, reply: AuthReply): void;
  resource(definition: WireResource): void;
  closeResource(name: string): void;
  live(live: number, resource: string, query: WireQuery): void;
  closeLive(live: number): void;
  get(request: number, resource: string, id: string): void;
  refresh(resource: string): void;
  readDone(request: number, reply: ReadReply): void;
  readProgress(request: number): void;
  consulted(request: number, advice: WireAdvice): void;
  inspect(request: number): void;
  clear(request: number): void;
  free(): void;
}

/** Compiles and starts the module. */
export default function init(options: {
  module_or_path: Response | BufferSource | URL | string;
}): Promise<unknown>;
