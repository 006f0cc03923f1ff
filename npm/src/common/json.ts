/** Values in parsed JSON, and by path: field names joined by dots. */
import { messageOf } from './errors.js';

/** The value at `path`; the value itself for an empty path. */
export function at(value: unknown, path: string): unknown {
  if (path === '') return value;
  let here = value;
  for (const name of path.split('.')) {
    if (typeof here !== 'object' || here === null) return undefined;
    // `constructor`, `toString`: fields that every object has are none that somebody gave it
    here =
      name in Object.prototype && !Object.hasOwn(here, name)
        ? undefined
        : (here as Record<string, unknown>)[name];
  }
  return here;
}

/** The greatest depth at which [`pathOf`] looks for a value. */
const DEEPEST = 4;

/**
 * The place of `found` in `json`: `where`, if that is a path; else, where a function took it out, the path at which it
 * stands there as the same object, if it does.
 */
export function pathOf(json: unknown, where: unknown, found: unknown): string | undefined {
  return typeof where === 'string' ? where : search(json, found, DEEPEST)?.join('.');
}

function search(json: unknown, found: unknown, depth: number): string[] | undefined {
  if (json === found) return [];
  if (depth === 0 || !isObject(json)) return undefined;
  for (const [name, inner] of Object.entries(json)) {
    const rest = search(inner, found, depth - 1);
    if (rest !== undefined) return [name, ...rest];
  }
  return undefined;
}

/** What a function of the application, the option `option`, makes of an answer. */
export function made(option: string, make: (json: never) => unknown, json: unknown): unknown {
  try {
    return make(json as never);
  } catch (error) {
    throw new Error(`\`${option}\` threw: ${messageOf(error)}`);
  }
}

/**
 * A copy of what a function of the application gives, as JSON has it: without getters that may throw, and nobody else
 * can change it. `whose` names it in the error.
 */
export function plainCopy(value: unknown, whose: string): unknown {
  try {
    if (value instanceof Promise) throw new Error('a promise');
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value) ?? 'null');
  } catch (error) {
    throw new Error(`${whose} is not plain data (${messageOf(error)}); return objects as JSON has them.`);
  }
}

/** An object that has `leaf` at `path` and nothing else. */
export function nested(path: string, leaf: unknown): object {
  return path.split('.').reduceRight((inner, name) => ({ [name]: inner }), leaf) as object;
}

/** Whether a value may be a row: an object that is not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value may be a row's id. */
export function isId(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

/** The object that a JSON text is; an empty one if it is something else. */
export function jsonObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
