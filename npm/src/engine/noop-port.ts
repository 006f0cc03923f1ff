/** A port behind which nothing happens: on a server, and for the broadcaster `null`. */
import { whyInert } from '../common/environment.js';
import type { Command, EngineEvent, Port } from './port.js';
import { answerWithoutEngine } from './without-engine.js';

/** Answers what waits for an answer, and does nothing else. */
export class NoopPort implements Port {
  onevent: (...event: EngineEvent) => void = () => {};

  post(...command: Command): void {
    const inert = whyInert();
    const absence = {
      why: `The cache does nothing here: ${inert}`,
      facts: { inert },
      clear: async () => undefined,
    };
    answerWithoutEngine(command, absence, (...event) => this.onevent(...event));
  }

  close(): void {}
}
