/** An answer of the back end as the engine takes it: rows, one row, changes, or why it is none of these. */
import { sayOnce, shown } from '../common/console.js';
import { messageOf } from '../common/errors.js';
import { COMMON_FIXES, fixFor, isHtml, redirectedTo, retryAfter } from '../common/http.js';
import { at, isObject, made, pathOf, plainCopy } from '../common/json.js';
import type { ReadReply, WireRead, WireResource } from '../engine/port.js';
import type { ResourceDefinition } from './definition.js';
import { nextPage } from './next-page.js';
import { partOf } from './partial-answer.js';
import type { Patience } from './patience.js';
import type { ResourceOptions } from './resource-options.js';
import { EXPECTED, found, isKey, keyFault } from './row-key.js';

/** The fields that a message names, at most. */
const MOST_FIELDS = 8;

const FIXES: Readonly<Record<number, string>> = {
  ...COMMON_FIXES,
  403: 'this user may not read it',
  404: 'there is no such route; check the `url` of the resource',
};

/** The fix where a request was redirected to something else: a login page, as a rule. */
const NOT_SIGNED_IN =
  ': nobody is signed in, perhaps: let the server answer 401 to requests that accept JSON';

/** Statuses that mean the same behind a redirect. */
const PLAIN = [401, 419, 429];

/** Reads an answer whole. Throws where it cannot be read. */
export async function replyOf(
  response: Response,
  where: string,
  read: WireRead,
  definition: ResourceDefinition,
  patience: Patience,
): Promise<ReadReply> {
  const { status } = response;
  const head = headOf(response);
  if (status === 304) return { kind: 'notModified', ...head };
  if (read.target === 'row' && isGone(response, definition)) return { kind: 'gone' };
  if (!response.ok) return failed(`${where} answered ${refused(response)}`, response);
  // it never ends, and what comes on it counts as progress
  if (response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
    return failed(`${where} answered a stream of events (status ${status}); expected JSON`, response);
  }
  const text = await patience.text(response);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return failed(`${where} answered ${notJson(response, text)}`, response);
  }
  try {
    if (read.target === 'row') return rowReply(json, response, definition);
    const since = read.target === 'since' ? sinceReply(json, response, definition) : undefined;
    return since ?? listReply(json, response, read, definition);
  } catch (error) {
    // a fault of `rows`, `row` or `next`
    return failed(`${where}: ${messageOf(error)}`, response);
  }
}

/** Whether the answer says that there is no such row. Behind a redirect to something else it says that of another page. */
function isGone(response: Response, { wire }: ResourceDefinition): boolean {
  const { status, redirected, url } = response;
  const isOfRow = !redirected || wire.rowPrefixes.some((prefix) => url.startsWith(prefix));
  return isOfRow && (status === 404 || status === 410);
}

/** The status of an answer that is no success, and what to do. */
function refused(response: Response): string {
  const { status, redirected } = response;
  const elsewhere = redirected && status < 500 && !PLAIN.includes(status);
  return `${status}${redirectedTo(response)}${elsewhere ? NOT_SIGNED_IN : fixFor(status, FIXES)}`;
}

/** The fault of an answer that cannot be parsed. */
function notJson(response: Response, text: string): string {
  const { status } = response;
  const how = `status ${status}${redirectedTo(response)}`;
  if (text === '') return `nothing (${how}); expected JSON`;
  if (response.headers.get('Content-Type')?.includes('json')) {
    return `JSON that is broken off or wrong (${how}, ${text.length} characters)`;
  }
  const isPage = isHtml(response);
  const said = `${isPage ? 'HTML' : 'something else'} (${how}); expected JSON`;
  if (response.redirected) return said + NOT_SIGNED_IN;
  return isPage
    ? `${said}. A login page? Let the server answer 401 to requests that accept JSON. ` +
        'The page of the application? There is no such route; check the `url`'
    : said;
}

function listReply(
  json: unknown,
  response: Response,
  { url, target }: WireRead,
  definition: ResourceDefinition,
): ReadReply {
  const { wire, options } = definition;
  const answered = rowsOf(json, options.rows);
  const rows = typeof options.rows === 'function' ? plainCopy(answered, 'what `rows` returned') : answered;
  if (!Array.isArray(rows) || !rows.every(isObject)) {
    return failed(`Resource '${wire.name}': ${noList(rows, json, response, options.rows)}`, response);
  }
  const faulty = faultOfRows(rows, wire.key);
  if (faulty !== undefined) {
    const copied = typeof options.rows === 'function' ? ' (getters of a class are not copied)' : '';
    return failed(`Resource '${wire.name}': ${faulty}${copied}`, response);
  }
  sayUnversioned(wire, rows);
  const more = () => partOf(response, json, pathOf(json, options.rows, answered), rows.length);
  const facts = { rows, ...validatorOf(response), ...headOf(response) };
  if (wire.page !== undefined) {
    const next = nextPage(json, url, definition);
    const endsAtFirst = target === 'list' && next === undefined && options.next !== undefined;
    const said = endsAtFirst ? more() : undefined;
    if (said !== undefined) return endless(wire.name, said, response);
    return { kind: 'page', ...facts, ...(next === undefined ? {} : { next }) };
  }
  // an append list may be the last few of many rows, and `page: false` says that one page is all that is wanted
  if (options.page === undefined && wire.append === undefined) {
    const said = more();
    if (said !== undefined) return part(wire.name, said, response);
  }
  return { kind: 'list', ...facts };
}

/** The first row without a usable key, and why; nothing where all have one. */
function faultOfRows(rows: readonly unknown[], key: string): string | undefined {
  const at = rows.findIndex((row) => keyFault(row, key) !== undefined);
  return at < 0 ? undefined : `row ${at}: ${keyFault(rows[at], key)}`;
}

/** Says once that `version` names a field which no row has: each event would be confirmed by a read, and nobody knew why. */
function sayUnversioned({ name, version }: WireResource, rows: readonly unknown[]): void {
  if (version === undefined || rows.length === 0) return;
  const isVersion = (value: unknown) => ['string', 'number'].includes(typeof value);
  if (rows.some((row) => isVersion(at(row, version)))) return;
  const fields = Object.keys(Object(rows[0])).slice(0, MOST_FIELDS).join(', ');
  const message =
    `Resource '${name}': no row has a version at '${version}', so each event is confirmed by a read. ` +
    `Say with \`version\` which field grows with every change, or leave it out; the first row has ${fields}.`;
  sayOnce('warn', message, `${name} unversioned`);
}

/** The fault of what is not a list of rows, and the fix where it is known. */
function noList(
  rows: unknown,
  json: unknown,
  response: Response,
  where: ResourceOptions<object>['rows'],
): string {
  const fix = isNumbered(rows) ? '; in Laravel ->values() makes it a list' : '';
  const wanted = `${describe(rows)}; expected a list of objects`;
  if (typeof where === 'function') return `rows() returned ${wanted}${fix}`;
  if (typeof where === 'string') {
    return `the path '${where}' of \`rows\` is ${rows === undefined ? missing(json, where) : wanted + fix}`;
  }
  return `the answer${redirectedTo(response)} has ${wanted}${fix || '; say with `rows` where it is'}`;
}

/** The words for a path that is not there: how far it leads, and what is there. */
function missing(json: unknown, path: string): string {
  const names = path.split('.');
  const paths = names.map((_, length) => names.slice(0, length).join('.'));
  const last = paths.reverse().find((path) => at(json, path) !== undefined) ?? '';
  const there = at(json, last);
  const where = last === '' ? 'the answer' : `its '${last}'`;
  if (Array.isArray(there)) {
    return `not there: ${where} is a list itself; ${last === '' ? 'leave `rows` out' : `say rows: '${last}'`}`;
  }
  if (!isObject(there)) return `not there: ${where} is ${describe(there)}`;
  const fields = Object.keys(there).slice(0, MOST_FIELDS).join(', ');
  return fields === '' ? `not there: ${where} is an empty object` : `not there: ${where} has ${fields}`;
}

/** The first page is no list where more follow. */
function endless(name: string, more: string, response: Response): ReadReply {
  const message =
    `Resource '${name}': \`next\` gives no page after this one, and the answer says that more follows: ${more}; ` +
    'expected where the next page is named, and null at the end';
  return failed(message, response);
}

/** One page is not the list. */
function part(name: string, said: string, response: Response): ReadReply {
  const message =
    `Resource '${name}': the answer is one page of several: it says ${said}; expected the whole list. ` +
    "Say page: 'number' or page: 'cursor' (and with `next` where the next page is named), answer all rows, " +
    'or say page: false if this one page is all that is wanted.';
  return failed(message, response);
}

/** Parses changes since a head; `undefined` if the answer is a whole list after all. */
function sinceReply(json: unknown, response: Response, { wire }: ResourceDefinition): ReadReply | undefined {
  if (!isObject(json) || !Array.isArray(json.changed)) return undefined;
  const head = headOf(response).head ?? (typeof json.head === 'string' ? json.head : undefined);
  const deleted = json.deleted ?? [];
  if (head === undefined || !Array.isArray(deleted) || !json.changed.every(isObject)) {
    return failed('The answer to `since` must be {changed: rows, deleted: ids, head: "epoch;seq"}', response);
  }
  const { name, key } = wire;
  const faulty = faultOfRows(json.changed, key);
  if (faulty !== undefined) return failed(`Resource '${name}': \`changed\`: ${faulty}`, response);
  const wrong = deleted.findIndex((id) => !isKey(id));
  if (wrong >= 0) {
    const message = `Resource '${name}': \`deleted\` has an id that is ${found(deleted[wrong])}; expected ${EXPECTED}`;
    return failed(message, response);
  }
  return { kind: 'since', changed: json.changed, deleted, head };
}

/** `ETag`, as a part of a reply. */
function validatorOf(response: Response): { validator?: string } {
  const validator = response.headers.get('ETag');
  return validator ? { validator } : {};
}

/** `X-Cache-Head`, as a part of a reply. */
function headOf(response: Response): { head?: string } {
  const head = response.headers.get('X-Cache-Head');
  return head ? { head } : {};
}

function rowsOf(json: unknown, rows: ResourceDefinition['options']['rows']): unknown {
  if (typeof rows === 'function') return made('rows', rows, json);
  if (typeof rows === 'string') return at(json, rows);
  return isObject(json) && Array.isArray(json.data) ? json.data : json;
}

function rowReply(json: unknown, response: Response, { wire, options }: ResourceDefinition): ReadReply {
  // a row may have a field `data` of its own
  const isWrapped = isObject(json) && isObject(json.data) && !isKey(at(json, wire.key));
  const inner = isWrapped ? json.data : json;
  const row =
    options.row === undefined ? inner : plainCopy(made('row', options.row, json), 'what `row` returned');
  const wrong = (what: string) => failed(`Resource '${wire.name}': the answer for one row${what}`, response);
  if (!isObject(row)) return wrong(` is ${describe(row)}; expected an object`);
  const faulty = keyFault(row, wire.key);
  if (faulty !== undefined) return wrong(`: ${faulty}`);
  return { kind: 'row', row, ...validatorOf(response), ...headOf(response) };
}

/** Whether it is the object that PHP makes of a list with gaps: `{"0": {…}, "2": {…}}`. */
function isNumbered(value: unknown): boolean {
  if (!isObject(value)) return false;
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => /^\d+$/.test(name));
}

/** Describes what was found where a list or a row was expected. */
function describe(value: unknown): string {
  if (Array.isArray(value))
    return `a list in which ${shown(value.find((row) => !isObject(row)))} is no object`;
  if (isObject(value)) return `an object (${Object.keys(value).slice(0, 5).join(', ')})`;
  return (shown(value) ?? 'nothing').slice(0, 60);
}

export function failed(message: string, response?: Response): ReadReply {
  if (response === undefined) return { kind: 'failed', message };
  const wait = retryAfter(response);
  return {
    kind: 'failed',
    status: response.status,
    message,
    ...(wait === undefined ? {} : { retryAfter: wait }),
  };
}
