/** The texts of warnings: what only a developer can mend, told once by the engine. */
import type { WarningCode } from '../engine/port.js';

const TEXTS: Record<WarningCode, (...values: string[]) => string> = {
  'belongs-undeclared': () =>
    "an event carries a row, and nothing says whether the list still holds it, so each is confirmed by a read. Declare `belongs: 'all'` if the list's URL answers every row, or `belongs: (row) => …`.",
  'event-unfit': (event, why = '') =>
    `the event '${event}' cannot do what its reaction asks: ${why}. Send what \`on\` expects of it, or declare another reaction.`,
  'event-unnamed': (event = '', name = event) =>
    `its channel carries the event '${event}', which no \`on\` names, so nothing changes. If it changes rows, add on: { '${name}': 'auto' }; if not, say 'ignore'.`,
  'index-mixed': (field = '') =>
    `'${field}' is put in order, and has numbers and other texts: numbers come first. Say what it is: indexes: { '${field}': 'number' }, 'date' or 'text'.`,
  'operand-unlike': (field = '', operand = '') =>
    `a query compares '${field}' with ${operand}, and no row has a value of that kind there, so none matches. Ask as the rows have it (1 is not true, a date is not a number), or say what it is: indexes: { '${field}': 'number' }, 'date' or 'text'.`,
  'key-twice': (_, id = '') =>
    `the list has the key '${id}' more than once, and only the last of its rows is shown. A key must name one row, and 1 and '1' are the same: see the option \`key\`.`,
  'row-poorer': (_, field = '') =>
    `a row that came alone has no '${field}', which the list's rows have, so such rows are confirmed by a read. Send the row as the list does, or declare \`merge: true\` if what it lacks stays as it is.`,
  'versions-incomparable': (_, known = '', found = '') =>
    `a row's version is ${known} and an event's is ${found}: they have no order, so such events are confirmed by a read. Let list and events write versions in one form: whole numbers up to 2^53, or timestamps such as 2026-01-02T10:00:00.000000Z.`,
  'consultation-unanswered': (event) =>
    `for 4 s nobody said what an event '${event}' does, so the list is read instead. The functions in \`on\` and \`belongs\` must return at once.`,
};

/** The text for the console; `nameOf` says how `on` would name an event. */
export function warningText(
  resource: string,
  code: WarningCode,
  [subject = '', ...values]: readonly string[],
  nameOf: (event: string) => string = (event) => event,
): string {
  const named = code === 'event-unnamed' ? [nameOf(subject)] : values;
  return `Resource '${resource}': ${TEXTS[code](subject, ...named)}`;
}
