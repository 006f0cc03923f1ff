/** The key of a row: its check, and the words for its faults. The engine says the same of rows in events. */
import { at } from '../common/json.js';

/** The fault of the key of a row, or nothing: `'id' is 1.5; expected …`. */
export function keyFault(row: unknown, key: string): string | undefined {
  const value = at(row, key);
  return isKey(value)
    ? undefined
    : `'${key}' is ${found(value)}; expected ${EXPECTED}: see the option \`key\``;
}

/** The words for the values that a key may have. */
export const EXPECTED = 'a text, or a whole number below 2^53 (larger ones as texts)';

/** Larger numbers are not those that the back end sent: JavaScript rounds them. */
export function isKey(value: unknown): boolean {
  return typeof value === 'string' ? value !== '' : Number.isSafeInteger(value);
}

/** A value that is no key, for people. */
export function found(value: unknown): string {
  if (value === null || value === undefined) return 'null or missing';
  if (typeof value === 'object') return 'an object or a list';
  return typeof value === 'string' ? `'${value}'` : String(value);
}
