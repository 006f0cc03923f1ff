/**
 * Stands in for what `wasm-bindgen --target web` makes of `crates/echolite-echo-wasm`; the generated module takes
 * its place in `dist/wasm`.
 */
import type { AuthReply, EngineConfig, EngineEvent, PageSignal, UserReply } from '../engine/port.js';

/** Echo's engine. Its methods are commands of `port.ts`. */
export class Engine {
  constructor(config: EngineConfig, onevent: (...event: EngineEvent) => void);
  connect(): void;
  disconnect(): void;
  subscribe(channel: string): void;
  unsubscribe(channel: string): void;
  trigger(channel: string, event: string, data: unknown): void;
  page(signal: PageSignal): void;
  authorized(request: number, reply: AuthReply): void;
  signIn(): void;
  signOut(): void;
  authenticated(request: number, reply: UserReply): void;
  inspect(request: number): void;
  free(): void;
}

/** Compiles and starts the module. */
export default function init(options: {
  module_or_path: Response | BufferSource | URL | string;
}): Promise<unknown>;
