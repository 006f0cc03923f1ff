import { csrfToken } from '../auth/csrf.js';
import { sayOnce } from '../common/console.js';
import { baseUrl, isSameOrigin } from '../common/environment.js';
import { messageOf } from '../common/errors.js';
import { ageOf } from '../common/http.js';
import type { ReadReply, WireRead } from '../engine/port.js';
import type { CacheSettings } from '../options/cache-options.js';
import type { FilledOptions, HeaderMap } from '../options/echo-options.js';
import type { ResourceDefinition } from './definition.js';
import { hiddenHeaders } from './hidden-headers.js';
import { Patience } from './patience.js';
import { failed, replyOf } from './read-answer.js';
import { otherScope } from './scope-header.js';

const TIMEOUT = 30_000;

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
