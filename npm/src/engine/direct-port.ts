/** A port to an engine that lives in the page's own thread. */
import { sayOnce } from '../common/console.js';
import { messageOf } from '../common/errors.js';
import type { Command, EngineConfig, EngineEvent, Port } from './port.js';
import {
  type AnyEngine,
  LoadFailure,
  loadWasm,
  type ModuleScript,
  type ModuleSource,
} from './wasm-module.js';
import { answerWithoutEngine } from './without-engine.js';

/** Pauses between attempts to load the module, in milliseconds: doubled each time, and shortened by up to a half. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

/**
 * Commands are kept until the module is there, and carried out in the order in which they were posted. A module that
 * could not be loaded is tried again; meanwhile those who wait for an answer get one.
 */
export class DirectPort implements Port {
  onevent: (...event: EngineEvent) => void = () => {};
  private engine: AnyEngine | undefined;
  private queue: Command[] = [];
  private draining = false;
  private closed = false;
  /** Cause of the engine's absence, after a failure. */
  private failure: string | undefined;
  /** Whether there will never be one. */
  private over = false;
  private attempts = 0;
  /** Beginning of the last attempt, by the clock of `performance.now()`. */
  private began = 0;
  /** Until the next attempt. */
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** The engine starts when its module is there, and not before `after` is over. */
  constructor(
    private readonly config: EngineConfig,
    private readonly source: ModuleSource,
    private readonly wasmUrl?: string | URL,
    private readonly after?: Promise<unknown>,
  ) {
    this.load();
  }

  post(...command: Command): void {
    if (this.closed || (this.failure !== undefined && this.answer(command) !== undefined)) return;
    if (this.over) return;
    this.queue.push(command);
    if (this.timer !== undefined && isOccasion(command)) {
      this.loadIn(this.began + FIRST_PAUSE - performance.now());
    }
    this.drain();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    const engine = this.engine;
    this.engine = undefined;
    // it cannot go while it tells something
    queueMicrotask(() => engine?.free());
  }

  private load(): void {
    this.timer = undefined;
    this.began = performance.now();
    Promise.all([loadWasm(this.source, this.wasmUrl, this.attempts), this.after]).then(
      ([module]) => this.start(module.Engine),
      (error: unknown) => this.notLoaded(error),
    );
  }

  private loadIn(pause: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), Math.max(0, pause));
  }

  private start(EngineClass: ModuleScript['Engine']): void {
    if (this.closed) return;
    try {
      this.engine = new EngineClass(this.config, (...event) => {
        if (!this.closed && !this.over) this.onevent(...event);
      });
    } catch (error) {
      this.fail(error);
      return;
    }
    this.failure = undefined;
    this.onevent('ready');
    this.drain();
  }

  /** Says what is wrong, once, and tries again where that may help. */
  private async notLoaded(error: unknown): Promise<void> {
    if (!(error instanceof LoadFailure)) return this.fail(error);
    const words = import('./load-advice.js').then(({ loadAdvice }) => loadAdvice(this.source, error));
    const message = await words.catch(() => `${this.source.owner}: ${error.message} (${error.url})`);
    if (this.closed) return;
    sayOnce('error', message);
    if (!error.mayPass) return this.end(message);
    this.answerFrom(message);
    const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.attempts++);
    this.loadIn(longest * (1 - Math.random() / 2));
    this.onevent('delayed', message);
  }

  /** Nothing will come any more, except answers that say so. */
  private end(message: string): void {
    this.over = true;
    this.engine = undefined;
    const answers = this.answerFrom(message);
    this.queue = [];
    const tell = () => {
      if (!this.closed) this.onevent('failed', message);
    };
    // whoever hears that it failed takes what has no answer yet for lost
    if (answers.length === 0) tell();
    else Promise.all(answers).then(tell);
  }

  /** There is no engine: who waits for an answer gets one. */
  private answerFrom(failure: string): Promise<void>[] {
    this.failure = failure;
    const answers: Promise<void>[] = [];
    this.queue = this.queue.filter((command) => {
      const answer = this.answer(command);
      if (answer !== undefined) answers.push(answer);
      return answer === undefined;
    });
    return answers;
  }

  /** Answers who waits for an answer, where there is no engine; a client event is dropped, as without a connection. */
  private answer(command: Command): Promise<void> | undefined {
    const why = this.failure ?? '';
    const clear = async () => {
      if (this.config.database === undefined) return undefined;
      const deleted = import('./delete-database.js').then(({ deleteDatabase }) =>
        deleteDatabase(this.config.database ?? ''),
      );
      return deleted.catch(messageOf);
    };
    const absence = { why: `The cache has no engine: ${why}`, facts: { engine: why }, clear };
    const tell = (...event: EngineEvent) => {
      if (!this.closed) this.onevent(...event);
    };
    if (command[0] === 'trigger') return Promise.resolve();
    return answerWithoutEngine(command, absence, tell);
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

  /** The engine is broken. */
  private fail(error: unknown): void {
    if (this.closed || this.over) return;
    console.error(error);
    this.end(messageOf(error));
  }
}

/** Whether this is a moment at which another attempt may succeed. */
function isOccasion([name, signal]: Command): boolean {
  return name === 'connect' || (name === 'page' && signal !== 'offline' && signal !== 'hidden');
}

function unknownCommand({ owner, file }: ModuleSource, name: string): string {
  return `The WebAssembly module of ${owner} does not know the command "${name}": ${file} and the scripts must be of one version of echolite. Build the application again, and serve the files of one build`;
}
