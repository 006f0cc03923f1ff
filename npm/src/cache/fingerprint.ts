/** The fingerprint of a declaration: rows are stored for a name and a fingerprint, so that they answer one question. */

import { isObject } from '../common/json.js';
import type { WireResource } from '../engine/port.js';
import type { ResourceOptions } from './resource-options.js';

/**
 * All of a declaration that makes its rows what they are, in a form in which equal declarations are equal texts. A function
 * counts as one, whatever it does: who changes it raises `schema`.
 */
export function fingerprintOf(
  wire: Omit<WireResource, 'fingerprint'>,
  options: ResourceOptions<object>,
): string {
  const { url, key, version, strict, merge, append, since, consult } = wire;
  // rows are stored with the events that they include: one that did nothing then may do something now
  const on = Object.fromEntries(wire.on);
  // `page: false` asks for one page, and no `page` for all rows
  const { rows, page, belongs } = options;
  const types = [...wire.indexTypes].sort();
  return JSON.stringify(
    [url, key, version, strict, rows, page, append, since, types, merge, belongs, on, consult].map(canonical),
  );
}

/** The same value for what is the same, whatever the order of properties. */
function canonical(value: unknown): unknown {
  if (typeof value === 'function') return { function: true };
  if (Array.isArray(value)) return value.map(canonical);
  if (!isObject(value)) return value ?? null;
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  return names.sort().map((name) => [name, canonical(value[name])]);
}
