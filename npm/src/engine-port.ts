/** A port to an engine that lives in the page's own thread. */
import { messageOf } from './environment.js';
import type { Command, EngineConfig, EngineEvent, Port } from './port.js';
import type { Engine } from './wasm/echolite.js';
import { loadWasm } from './wasm-module.js';

/**
 * Commands are kept until the module is there. A command posted while the engine tells an event is carried
 * out after it, because an engine cannot be entered twice.
 */
export class EnginePort implements Port {
  onevent: (...event: EngineEvent) => void = () => {};
  #engine: Engine | undefined;
  #queue: Command[] = [];
  #telling = 0;
  #closed = false;

  constructor(config: EngineConfig, wasmUrl?: string | URL) {
    loadWasm(wasmUrl).then(
      (module) => this.#start(module.Engine, config),
      (error: unknown) => this.#fail(error),
    );
  }

  post(...command: Command): void {
    if (this.#closed) return;
    if (this.#engine === undefined || this.#telling > 0) this.#queue.push(command);
    else this.#carryOut(command);
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    const engine = this.#engine;
    this.#engine = undefined;
    if (this.#telling > 0) queueMicrotask(() => engine?.free());
    else engine?.free();
  }

  #start(EngineClass: typeof Engine, config: EngineConfig): void {
    if (this.#closed) return;
    try {
      this.#engine = new EngineClass(config, (...event) => this.#tell(event));
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#tell(['ready']);
    this.#drain();
  }

  #tell(event: EngineEvent): void {
    if (this.#closed) return;
    this.#telling++;
    try {
      this.onevent(...event);
    } finally {
      this.#telling--;
      if (this.#queue.length > 0 && this.#telling === 0) queueMicrotask(() => this.#drain());
    }
  }

  #drain(): void {
    while (this.#engine !== undefined && this.#telling === 0) {
      const command = this.#queue.shift();
      if (command === undefined) return;
      this.#carryOut(command);
    }
  }

  #carryOut([name, ...args]: Command): void {
    try {
      const method = this.#engine?.[name] as ((...args: unknown[]) => void) | undefined;
      method?.apply(this.#engine, args);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The engine is not there, or it is broken: nothing will come any more. */
  #fail(error: unknown): void {
    if (this.#closed) return;
    console.error(error);
    this.#closed = true;
    this.#queue = [];
    this.#engine = undefined;
    this.onevent('failed', messageOf(error));
  }
}
