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

/** Answers a command that waits for an answer; `false` for any other. */
export function answerWithoutEngine(
  command: Command,
  { why, facts, clear }: Absence,
  tell: (...event: EngineEvent) => void,
): boolean {
  switch (command[0]) {
    case 'get':
      queueMicrotask(() => tell('rejected', command[1], why));
      return true;
    case 'inspect':
      queueMicrotask(() => tell('inspected', command[1], facts));
      return true;
    case 'clear':
      clear().then((error) => tell('cleared', command[1], error));
      return true;
    default:
      return false;
  }
}
