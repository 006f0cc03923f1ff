/** The texts of warnings: what only a developer can mend, told once by the engine. */
import type { WarningCode } from '../engine/port.js';

const TEXTS: Record<WarningCode, (...values: string[]) => string> = {
  'belongs-undeclared': () =>
    "an event carries a row, and nothing says whether the list still holds it, so each is confirmed by a read. Declare `belongs: 'all'` if the list's URL answers every row, or `belongs: (row) => …`.",
};

/** The text for the console. */
export function warningText(resource: string, code: WarningCode, values: readonly string[]): string {
  return `Resource '${resource}': ${TEXTS[code](...values)}`;
}
