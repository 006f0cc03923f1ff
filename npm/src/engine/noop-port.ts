/** A port behind which nothing happens: on a server, and for the broadcaster `null`. */
import { whyInert } from '../common/environment.js';
import type { Command, EngineEvent, Port } from './port.js';

/** Answers what waits for an answer, and does nothing else. */
export class NoopPort implements Port {
  onevent: (...event: EngineEvent) => void = () => {};

  post(...command: Command): void {
    if (command[0] === 'get')
      this.answer('rejected', command[1], `The cache does nothing here: ${whyInert()}`);
    else if (command[0] === 'inspect') this.answer('inspected', command[1], { inert: whyInert() });
    else if (command[0] === 'clear') this.answer('cleared', command[1], undefined);
  }

  close(): void {}

  private answer(...event: EngineEvent): void {
    queueMicrotask(() => this.onevent(...event));
  }
}
