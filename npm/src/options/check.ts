/** Checks options against a table: each option has its kind, and the first that does not fit is refused by its name. */
import { sayOnce, shown } from '../common/console.js';
import { isObject } from '../common/json.js';

/** The values that an option may have. */
export interface Kind {
  /** In words, for whoever gave something else. */
  expected: string;
  fits(value: unknown): boolean;
}

/** A kind for each option: an option that is declared and has none does not compile. */
export type Kinds<Options> = { readonly [Name in keyof Options]-?: Kind };

/** The longest time that `setTimeout` knows. */
const LONGEST = 2 ** 31 - 1;

export const text: Kind = {
  expected: 'a text that is not empty',
  fits: (value) => typeof value === 'string' && value.trim() !== '',
};
/** A text that may be empty, as what comes from an environment is. */
export const anyText: Kind = { expected: 'a text', fits: (value) => typeof value === 'string' };
export const flag: Kind = { expected: 'true or false', fits: (value) => typeof value === 'boolean' };
export const callback: Kind = { expected: 'a function', fits: (value) => typeof value === 'function' };
export const object: Kind = { expected: 'an object', fits: isObject };
export const duration: Kind = {
  expected: `milliseconds, a number from 1 to ${LONGEST}`,
  fits: (value) => typeof value === 'number' && value >= 1 && value <= LONGEST,
};
export const list: Kind = {
  expected: 'a list of texts',
  fits: (value) => Array.isArray(value) && value.every(text.fits),
};
export const address: Kind = {
  expected: 'a URL',
  fits: (value) => text.fits(value) || value instanceof URL,
};
/** Checked where it is read, with words of its own. */
export const checkedElsewhere: Kind = { expected: '', fits: () => true };

export function either(one: Kind, other: Kind): Kind {
  return {
    expected: `${one.expected}, or ${other.expected}`,
    fits: (value) => one.fits(value) || other.fits(value),
  };
}

/** One of these words. */
export function word(...words: readonly string[]): Kind {
  return {
    expected: words.map((each) => `'${each}'`).join(' or '),
    fits: (value) => words.includes(value as string),
  };
}

/**
 * Throws at the first option that does not fit; `who` is asked for them, in messages. `undefined` and `null` mean that
 * an option is not given.
 */
export function checkOptions(who: string, options: unknown, kinds: Readonly<Record<string, Kind>>): void {
  if (!isObject(options)) throw new Error(`${who} needs an object of options, and got ${shown(options)}.`);
  for (const [name, { expected, fits }] of Object.entries(kinds)) {
    const value = options[name];
    if (value === undefined || value === null || fits(value)) continue;
    const found = typeof value === 'string' ? `'${value}'` : shown(value);
    throw new Error(`${who}: \`${name}\` is ${found}; expected ${expected}.`);
  }
}

/**
 * Warns of options that nobody knows, once each. With `onlyMisspelt` those that resemble no known one are left alone:
 * they may be another library's.
 */
export function warnOfUnknown(
  who: string,
  options: object,
  known: readonly string[],
  onlyMisspelt: boolean,
): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const meant = closest(name, known);
    if (meant !== undefined)
      sayOnce('warn', `${who}: there is no option \`${name}\`; did you mean \`${meant}\`?`);
    else if (!onlyMisspelt)
      sayOnce('warn', `${who}: there is no option \`${name}\`; expected some of ${known.join(', ')}.`);
  }
}

/** The known name that differs by a letter or two, if there is one; short names by one. */
function closest(name: string, known: readonly string[]): string | undefined {
  const far = name.length > 4 ? 3 : 2;
  let best: [distance: number, name: string] = [far, ''];
  for (const candidate of known) {
    const isSame = candidate.toLowerCase() === name.toLowerCase().replaceAll(/[-_]/g, '');
    const distance = isSame ? 0 : editDistance(name, candidate);
    if (distance < best[0]) best = [distance, candidate];
  }
  return best[1] || undefined;
}

/** Levenshtein's: letters to insert, remove or replace. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] as number) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[other.length] as number;
}
