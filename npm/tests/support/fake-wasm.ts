/** Stands in for the generated WebAssembly modules. */
import type { EngineConfig, EngineEvent } from '../../src/engine/port.js';

export const started: unknown[] = [];
export const engines: Engine[] = [];

export default async function init(options: { module_or_path: unknown }): Promise<void> {
  started.push(options.module_or_path);
}

/** Remembers what it is told; `connect` answers within the call, as a real engine may. */
export class Engine {
  readonly calls: unknown[][] = [];

  constructor(
    readonly config: EngineConfig,
    readonly tell: (...event: EngineEvent) => void,
  ) {
    engines.push(this);
  }

  connect(): void {
    this.calls.push(['connect']);
    this.tell('connection', 'connecting', '', undefined);
    this.calls.push(['connect is done']);
  }

  subscribe(channel: string): void {
    this.calls.push(['subscribe', channel]);
  }

  disconnect(): void {
    throw new Error('unreachable');
  }

  free(): void {
    this.calls.push(['free']);
  }
}
