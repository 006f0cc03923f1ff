import { csrfToken } from '../auth/csrf.js';
import { sayOnce, shown } from '../common/console.js';
import { baseUrl, isSameOrigin } from '../common/environment.js';
import { messageOf } from '../common/errors.js';
import { ageOf, COMMON_FIXES, fixFor, isHtml, redirectedTo, retryAfter } from '../common/http.js';
import { at, isId, isObject, made, pathOf, plainCopy } from '../common/json.js';
import type { ReadReply, WireRead } from '../engine/port.js';
import type { CacheSettings } from '../options/cache-options.js';
import type { FilledOptions, HeaderMap } from '../options/echo-options.js';
import type { ResourceDefinition } from './definition.js';
import { hiddenHeaders } from './hidden-headers.js';
import { nextPage } from './next-page.js';
import { partOf } from './partial-answer.js';
import { Patience } from './patience.js';
import { otherScope } from './scope-header.js';

const TIMEOUT = 30_000;

const FIXES: Readonly<Record<number, string>> = {
  ...COMMON_FIXES,
  403: 'this user may not read it',
  404: 'there is no such route; check the `url` of the resource',
};

/** Beside answers that succeed and are none, these are no accident of one moment. */
const MENDED_BY_DEVELOPERS = [400, 404, 405, 406, 415, 422];

/** Reads lists and rows for the engine: cookies and tokens are the page's. */
export class HttpReader {
  /** The reads under way, by resource: each has one at most (rule 12). */
  private underWay = new Map<string, Patience>();
  /** Origins that refused a conditional read. */
  private readonly unconditional = new Set<string>();
  /** The headers that the last answer hid, by resource. */
  private readonly hiddenOf = new Map<string, string[]>();

  constructor(
    private options: FilledOptions,
    private settings: CacheSettings,
  ) {}

  /** Aborts the reads under way of `resource`, or all. */
  abandon(resource?: string): void {
    for (const [name, patience] of this.underWay) {
      if (resource !== undefined && resource !== name) continue;
      patience.end('nobody waits for it any more');
      this.underWay.delete(name);
    }
  }

  /** The headers that the last answer for `resource` hid from the page. */
  hidden(resource: string): string[] {
    return this.hiddenOf.get(resource) ?? [];
  }

  /**
   * Never rejects: the reply says what went wrong, with the fix where it is known. A read of the same resource that is
   * under way still was given up by the engine, and is aborted. `progress` is called while the answer comes.
   */
  async read(
    read: WireRead,
    definition: ResourceDefinition | undefined,
    progress: () => void = () => {},
  ): Promise<ReadReply> {
    this.abandon(read.resource);
    const patience = new Patience(this.settings.readTimeout ?? TIMEOUT, progress);
    this.underWay.set(read.resource, patience);
    const reply = await this.request(read, definition, patience);
    patience.end();
    if (this.underWay.get(read.resource) === patience) this.underWay.delete(read.resource);
    return reply;
  }

  private async request(
    read: WireRead,
    definition: ResourceDefinition | undefined,
    patience: Patience,
  ): Promise<ReadReply> {
    if (definition === undefined) return failed(`There is no resource '${read.resource}' in this page`);
    const url = new URL(read.url, baseUrl());
    if (read.target === 'row' && !definition.wire.rowPrefixes.some((prefix) => url.href.startsWith(prefix))) {
      return failed(`${read.url} is none of the \`rowUrls\` of resource '${read.resource}'`);
    }
    const { page, pageSize } = definition.options;
    if (page && pageSize !== undefined && read.target !== 'row') {
      url.searchParams.set('per_page', String(pageSize));
    }
    const where = isSameOrigin(url) ? url.pathname + url.search : url.href;
    const sent = performance.now();
    let response: Response;
    try {
      response = await this.send(read, url, patience);
    } catch (error) {
      return failed(`${where} could not be reached: ${messageOf(error)}`);
    }
    patience.heard();
    this.hiddenOf.set(read.resource, hiddenHeaders(response));
    const other = otherScope(response, this.settings.scope);
    if (other !== undefined) {
      const message = `${where} ${other}`;
      sayOnce('error', `Resource '${read.resource}': ${message}`, `${read.resource} scope`);
      return failed(message, response);
    }
    try {
      const reply = await replyOf(response, where, { ...read, url: url.href }, definition, patience);
      sayUnusable(read.resource, reply);
      const age = ageOf(response);
      if (age === undefined || reply.kind === 'failed') return reply;
      // it may have left the cache on the way as soon as the request was sent, and its body took time, too
      return { ...reply, age: age + Math.ceil(performance.now() - sent) };
    } catch (error) {
      return failed(`${where}: ${messageOf(error)}`, response);
    }
  }

  /**
   * Another origin may refuse `If-None-Match` before it is sent (CORS); that cannot be told from a network that fails.
   * Where the same request succeeds without it, that origin gets none any more.
   */
  private async send(read: WireRead, url: URL, patience: Patience): Promise<Response> {
    const ask = (validator: string | undefined) => {
      const init = { ...this.init(validator, url), signal: patience.signal };
      return patience.step((this.settings.fetch ?? fetch)(url, init));
    };
    if (read.validator === undefined || this.unconditional.has(url.origin)) return ask(undefined);
    try {
      return await ask(read.validator);
    } catch (error) {
      if (isSameOrigin(url) || patience.signal.aborted) throw error;
      const response = await ask(undefined);
      this.unconditional.add(url.origin);
      sayOnce(
        'warn',
        `${url.origin} does not allow the header If-None-Match to pages of ${location.origin}: each read brings all rows. ` +
          'Answer its preflight (OPTIONS) with `Access-Control-Allow-Headers: If-None-Match`.',
      );
      return response;
    }
  }

  private init(validator: string | undefined, url: URL): RequestInit {
    const { headers: own } = this.settings;
    const headers: HeaderMap = {
      Accept: 'application/json',
      ...this.credentials(url),
      ...(typeof own === 'function' ? own() : own),
    };
    if (validator !== undefined) headers['If-None-Match'] = validator;
    return { headers, cache: 'no-store', credentials: 'same-origin' };
  }

  /** Tokens go to the page's own origin and to that of the authorisation alone. */
  private credentials(url: URL): HeaderMap {
    const { auth, authEndpoint, bearerToken, csrfToken: option } = this.options;
    const own = isSameOrigin(url);
    const headers: HeaderMap = {};
    const token = own ? csrfToken(option) : null;
    if (token) headers['X-CSRF-TOKEN'] = token;
    if (bearerToken && (own || new URL(authEndpoint, baseUrl()).origin === url.origin)) {
      headers.Authorization = auth.headers.Authorization ?? `Bearer ${bearerToken}`;
    }
    return headers;
  }
}

/** Says once what a developer must mend: the URL, the route or the form of its answer. The list says it as long as it is so. */
function sayUnusable(name: string, reply: ReadReply): void {
  if (reply.kind !== 'failed' || reply.status === undefined) return;
  const { status, message } = reply;
  if (status >= 300 && !MENDED_BY_DEVELOPERS.includes(status)) return;
  const text = message.startsWith('Resource') ? message : `Resource '${name}': ${message}`;
  sayOnce('error', text, text.replaceAll(/\d+/g, ''));
}

async function replyOf(
  response: Response,
  where: string,
  read: WireRead,
  definition: ResourceDefinition,
  patience: Patience,
): Promise<ReadReply> {
  const { status } = response;
  const head = headOf(response);
  if (status === 304) return { kind: 'notModified', ...head };
  if (read.target === 'row' && (status === 404 || status === 410)) return { kind: 'gone' };
  if (!response.ok) return failed(`${where} answered ${status}${fixFor(status, FIXES)}`, response);
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
    const since = read.target === 'since' ? sinceReply(json, response) : undefined;
    return since ?? listReply(json, response, read.url, definition);
  } catch (error) {
    // a fault of `rows`, `row` or `next`
    return failed(`${where}: ${messageOf(error)}`, response);
  }
}

/** The fault of an answer that cannot be parsed. */
function notJson(response: Response, text: string): string {
  const { status } = response;
  const how = `status ${status}${redirectedTo(response)}`;
  if (text === '') return `nothing (${how}); expected JSON`;
  if (response.headers.get('Content-Type')?.includes('json')) {
    return `JSON that is broken off or wrong (${how}, ${text.length} characters)`;
  }
  const said = `${isHtml(response) ? 'HTML' : 'something else'} (${how}); expected JSON`;
  return response.redirected ? `${said}: nobody is signed in, perhaps` : said;
}

function listReply(
  json: unknown,
  response: Response,
  url: string,
  definition: ResourceDefinition,
): ReadReply {
  const { wire, options } = definition;
  const found = rowsOf(json, options.rows);
  const rows = typeof options.rows === 'function' ? plainCopy(found, 'what `rows` returned') : found;
  if (!Array.isArray(rows) || !rows.every(isObject)) {
    const who = typeof options.rows === 'function' ? 'rows() returned' : `the answer has`;
    const fix = isNumbered(rows)
      ? '; in Laravel ->values() makes it a list'
      : options.rows === undefined
        ? '; say with `rows` where it is'
        : '';
    return failed(
      `Resource '${wire.name}': ${who} ${describe(rows)}; expected a list of objects${fix}`,
      response,
    );
  }
  const nameless = rows.findIndex((row) => !isId(at(row, wire.key)));
  if (nameless >= 0) {
    const copied = typeof options.rows === 'function' ? ' (getters of a class are not copied)' : '';
    const fix = `say with \`key\` which field is the id${copied}`;
    return failed(`Resource '${wire.name}': row ${nameless} has no '${wire.key}'; ${fix}`, response);
  }
  const facts = { rows, ...validatorOf(response), ...headOf(response) };
  if (wire.page !== undefined) {
    const next = nextPage(json, url, definition);
    return { kind: 'page', ...facts, ...(next === undefined ? {} : { next }) };
  }
  // an append list may be the last few of many rows, and `page: false` says that one page is all that is wanted
  if (options.page === undefined && wire.append === undefined) {
    const said = partOf(response, json, pathOf(json, options.rows, found), rows.length);
    if (said !== undefined) return part(wire.name, said, response);
  }
  return { kind: 'list', ...facts };
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
function sinceReply(json: unknown, response: Response): ReadReply | undefined {
  if (!isObject(json) || !Array.isArray(json.changed)) return undefined;
  const head = headOf(response).head ?? (typeof json.head === 'string' ? json.head : undefined);
  const deleted = json.deleted ?? [];
  if (head === undefined || !Array.isArray(deleted) || !json.changed.every(isObject)) {
    return failed('The answer to `since` must be {changed: rows, deleted: ids, head: "epoch;seq"}', response);
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
  const isWrapped = isObject(json) && isObject(json.data) && !isId(at(json, wire.key));
  const inner = isWrapped ? json.data : json;
  const row =
    options.row === undefined ? inner : plainCopy(made('row', options.row, json), 'what `row` returned');
  if (isObject(row)) return { kind: 'row', row, ...validatorOf(response), ...headOf(response) };
  const message = `Resource '${wire.name}': the answer for one row is ${describe(row)}; expected an object`;
  return failed(message, response);
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

function failed(message: string, response?: Response): ReadReply {
  if (response === undefined) return { kind: 'failed', message };
  const wait = retryAfter(response);
  return {
    kind: 'failed',
    status: response.status,
    message,
    ...(wait === undefined ? {} : { retryAfter: wait }),
  };
}
