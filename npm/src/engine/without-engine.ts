/** Answers in the place of an engine that is not there. */
import type { Command, EngineEvent } from './port.js';

/** What those who ask are told. */
export interface Absence {
  /** The answer to `get`. */
  why: string;
  /** The answer to `inspect`. */
  facts: unknown;
  /** Clears the store; the message says why it could not. */
  clear(): Promise<string | undefined>;
}

/** Answers a command that waits for an answer, and is fulfilled when it has; `undefined` for any other. */
export function answerWithoutEngine(
  command: Command,
  { why, facts, clear }: Absence,
  tell: (...event: EngineEvent) => void,
): Promise<void> | undefined {
  switch (command[0]) {
    case 'get':
      return Promise.resolve().then(() => tell('rejected', command[1], why));
    case 'inspect':
      return Promise.resolve().then(() => tell('inspected', command[1], facts));
    case 'clear':
      return clear().then((error) => tell('cleared', command[1], error));
    default:
      return undefined;
  }
}
