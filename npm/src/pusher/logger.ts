/** The log of `Pusher.log` and `Pusher.logToConsole`: one for all clients of a page, as pusher-js has it. */

import { shown } from '../common/console.js';

/** Settings of the log: statics of `Pusher`. */
export const logger: { log: ((message: string) => void) | undefined; logToConsole: boolean } = {
  log: undefined,
  logToConsole: false,
};

/** Tells what goes on to whoever wants to know, in pusher-js's form. */
export function debug(...what: unknown[]): void {
  if (logger.log === undefined && !logger.logToConsole) return;
  const message = `Pusher :  : ${shown(what)}`;
  if (logger.log !== undefined) logger.log(message);
  else console.log(message);
}
