/** A port to an engine that lives in the page's own thread. */
import { messageOf } from '../common/errors.js';
import type { Command, EngineConfig, EngineEvent, Port } from './port.js';
import { type AnyEngine, loadWasm, type ModuleScript, type ModuleSource } from './wasm-module.js';

/** Commands are kept until the module is there, and carried out in the order in which they were posted. */
export class DirectPort implements Port {
  onevent: (...event: EngineEvent) => void = () => {};
  private engine: AnyEngine | undefined;
  private queue: Command[] = [];
  private draining = false;
  private closed = false;

  /** The engine starts when its module is there, and not before `after` is over. */
  constructor(
    config: EngineConfig,
    private readonly source: ModuleSource,
    wasmUrl?: string | URL,
    after?: Promise<unknown>,
  ) {
    Promise.all([loadWasm(source, wasmUrl), after]).then(
      ([module]) => this.start(module.Engine, config),
      (error: unknown) => this.fail(error),
    );
  }

  post(...command: Command): void {
    if (this.closed) return;
    this.queue.push(command);
    this.drain();
  }

  close(): void {
    this.closed = true;
    const engine = this.engine;
    this.engine = undefined;
    // it cannot go while it tells something
    queueMicrotask(() => engine?.free());
  }

  private start(EngineClass: ModuleScript['Engine'], config: EngineConfig): void {
    if (this.closed) return;
    try {
      this.engine = new EngineClass(config, (...event) => {
        if (!this.closed) this.onevent(...event);
      });
    } catch (error) {
      this.fail(error);
      return;
    }
    this.onevent('ready');
    this.drain();
  }

  /** Carries out what is kept, in order; commands posted meanwhile wait for their turn. */
  private drain(): void {
    if (this.draining) return;
    this.draining = true;
    while (this.engine !== undefined && this.queue.length > 0) {
      this.carryOut(this.queue.shift() as Command);
    }
    this.draining = false;
  }

  private carryOut([name, ...args]: Command): void {
    try {
      const method = this.engine?.[name] as ((...args: unknown[]) => void) | undefined;
      if (method === undefined) throw new Error(unknownCommand(this.source, name));
      method.apply(this.engine, args);
    } catch (error) {
      this.fail(error);
    }
  }

  /** The engine is not there, or it is broken: nothing will come any more. */
  private fail(error: unknown): void {
    if (this.closed) return;
    console.error(error);
    this.closed = true;
    this.engine = undefined;
    this.onevent('failed', messageOf(error));
  }
}

function unknownCommand({ owner, file }: ModuleSource, name: string): string {
  return `The WebAssembly module of ${owner} does not know the command "${name}": ${file} and the scripts must be of one version of echolite. Build the application again, and serve the files of one build`;
}
