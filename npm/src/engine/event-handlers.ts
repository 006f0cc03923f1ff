/** One handler for each event of an engine. */
import type { EngineEvent } from './port.js';

type EventName = EngineEvent[0];

/** The arguments of one event. */
type Arguments<Name extends EventName> =
  Extract<EngineEvent, [Name, ...unknown[]]> extends [unknown, ...infer Rest] ? Rest : never;

/** A table without gaps: a new event does not compile until it is handled, or ignored by name. */
export type EventHandlers = { [Name in EventName]: (...args: Arguments<Name>) => void };

/** Handler of an event that does not concern its owner. */
export const ignore = (): void => {};

/** Calls the handler of each event. An event of a newer module than this one is ignored. */
export function dispatcher(handlers: EventHandlers): (...event: EngineEvent) => void {
  const table = handlers as Partial<Record<EventName, (...args: unknown[]) => void>>;
  const dispatch = (name: EventName, ...args: unknown[]) => table[name]?.(...args);
  return dispatch;
}
