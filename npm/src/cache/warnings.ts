/** The texts of warnings: what only a developer can mend, told once by the engine. */
import type { WarningCode } from '../engine/port.js';

const TEXTS: Record<WarningCode, (...values: string[]) => string> = {
  'belongs-undeclared': () =>
    "an event carries a row, and nothing says whether the list still holds it, so each is confirmed by a read. Declare `belongs: 'all'` if the list's URL answers every row, or `belongs: (row) => …`.",
  'versions-incomparable': (_, known = '', found = '') =>
    `a row's version is ${known} and an event's is ${found}: they have no order, so such events are confirmed by a read. Let list and events write versions in one form: whole numbers up to 2^53, or timestamps such as 2026-01-02T10:00:00.000000Z.`,
  'consultation-unanswered': (event) =>
    `for 4 s nobody said what an event '${event}' does, so the list is read instead. The functions in \`on\` and \`belongs\` must return at once.`,
};

/** The text for the console. */
export function warningText(resource: string, code: WarningCode, values: readonly string[]): string {
  return `Resource '${resource}': ${TEXTS[code](...values)}`;
}
