import { type LazyAuthorizer, lazyAuthorizer } from '../auth/lazy-authorizer.js';
import { naming, sayOnce } from '../common/console.js';
import { inBrowser, sayInert } from '../common/environment.js';
import { type DeepReadonly, freezeDeeply } from '../common/freeze.js';
import { at, isObject } from '../common/json.js';
import { Subscribable } from '../common/subscribable.js';
import { Unproxied } from '../common/unproxied.js';
import { cacheModule } from '../engine/cache-module.js';
import { type EventHandlers, ignore } from '../engine/event-handlers.js';
import { type OpenPort, openPort } from '../engine/open-port.js';
import type { Activity, CacheCommand, ConnectionState, EngineConfig } from '../engine/port.js';
import type { CacheOptions } from '../options/cache-options.js';
import type { FilledOptions } from '../options/echo-options.js';
import { cacheConfig, scopeName } from '../options/engine-config.js';
import { fillCacheOptions } from '../options/fill-options.js';
import { checkCacheOptions } from '../options/option-kinds.js';
import { PusherConnection } from '../pusher/connection.js';
import { consult } from './consult.js';
import { defineResource, type ResourceDefinition } from './definition.js';
import { type LazyReader, lazyReader } from './lazy-reader.js';
import { EngineLiveQuery } from './live-query.js';
import { PendingRequests } from './pending-requests.js';
import { wireQuery } from './query.js';
import { idText } from './resource-kinds.js';
import type { ResourceOptions } from './resource-options.js';
import { ScopeChannel } from './scope-channel.js';
import type { Cache, LiveOptions, LiveQuery, Resource } from './types.js';
import { warningText } from './warnings.js';

/**
 * Makes a cache of the back end's lists, which broadcast events keep right. It connects with its first
 * resource, by a socket of its own. On a server it is inert: its lists are `empty`.
 *
 * @example
 * const cache = createCache({ echo, scope: user?.id ?? null });
 * const products = cache.resource<Product>('products', {
 *   url: '/api/products',
 *   channel: 'private:products',
 *   on: { ProductChanged: 'auto' },
 *   indexes: ['category', 'price'],
 * });
 * products.live({ where: { category: 'shoes' }, orderBy: 'price' }).subscribe(({ rows, status }) => …);
 */
export function createCache(options: CacheOptions): Cache {
  checkCacheOptions(options);
  return new EngineCache(options, fillCacheOptions(options));
}

/** The scopes of this page that are being cleared. */
const clearings = new Map<string, Promise<void>>();

class EngineCache extends Unproxied implements Cache {
  private connection = new PusherConnection();
  private definitions = new Map<string, ResourceDefinition>();
  private liveQueries = new Map<number, { resource: string; live: EngineLiveQuery<object> }>();
  private requests = new PendingRequests();
  /** The number given last, to a live query or to a request. */
  private lastNumber = 0;
  private activity = new Subscribable<Activity>();
  private authorizer: LazyAuthorizer | undefined;
  private reader: LazyReader | undefined;
  /** `undefined` on a server. */
  private config: EngineConfig | undefined;
  /** Opened by the first command. */
  private port: OpenPort<CacheCommand> | undefined;
  private tabs: ScopeChannel | undefined;
  /** Cause of there being no engine. */
  private absence: string | undefined;
  private connects = false;
  private ended: 'closed' | 'cleared' | undefined;
  private clearing: Promise<void> | undefined;

  constructor(
    private settings: CacheOptions,
    private options: FilledOptions,
  ) {
    super();
    if (inBrowser() || options.port) this.config = cacheConfig(options, settings);
    else this.connection.setState('disconnected', sayInert('A cache'), undefined);
  }

  get connectionState(): ConnectionState {
    return this.connection.state;
  }

  resource<Row extends object>(name: string, options: ResourceOptions<Row>): Resource<Row> {
    if (typeof name !== 'string' || name === '')
      throw new Error('A resource needs a name, such as products.');
    if (this.definitions.has(name)) throw new Error(`Resource '${name}' is there already; name another.`);
    const anonymous = this.settings.scope === null;
    const definition = defineResource(
      name,
      options as unknown as ResourceOptions<object>,
      this.options.namespace,
      anonymous,
    );
    this.definitions.set(name, definition);
    this.post('resource', definition.wire);
    if (!this.connects) this.post('connect');
    this.connects = true;
    return this.face<Row>(definition);
  }

  onActivity(callback: (activity: Activity) => void): () => void {
    return this.activity.subscribe(callback);
  }

  onConnectionChange(callback: (state: ConnectionState, reason: string) => void): () => void {
    const changed = () => callback(this.connection.state, this.connection.reason);
    this.connection.bind('state_change', changed);
    return () => this.connection.unbind('state_change', changed);
  }

  inspect(): Promise<unknown> {
    return this.ask((request) => ['inspect', request]).then((facts) => this.withHidden(facts));
  }

  /** Adds what only the page sees: `hiddenHeaders` of each resource whose answers hide some. */
  private async withHidden(facts: unknown): Promise<unknown> {
    const resources = isObject(facts) ? at(facts, 'resources') : undefined;
    if (!isObject(resources)) return facts;
    for (const [name, resource] of Object.entries(resources)) {
      const hiddenHeaders = (await this.reader?.hidden(name)) ?? [];
      if (isObject(resource) && hiddenHeaders.length > 0) Object.assign(resource, { hiddenHeaders });
    }
    return facts;
  }

  clear(): Promise<void> {
    this.clearing ??= this.clearStore().catch((error: unknown) => {
      this.stop();
      this.clearing = undefined;
      throw error;
    });
    return this.clearing;
  }

  close(): void {
    // a cache that is being cleared closes by itself
    if (this.ended === undefined) this.end('closed', 'the cache was closed');
  }

  private async clearStore(): Promise<void> {
    const port = this.port ?? this.open();
    this.port = port;
    this.ended = 'cleared';
    const detail = 'the cache was cleared';
    this.abandonAll('cleared', detail);
    this.reader?.abandon();
    // other tabs need not wait for the store
    this.tabs?.tell('clear');
    const request = ++this.lastNumber;
    const cleared = this.requests.wait(request, undefined, () => port.post('clear', request));
    const name = this.scopeName();
    const over = cleared.then(
      () => {},
      () => {},
    );
    clearings.set(name, over);
    over.then(() => clearings.get(name) === over && clearings.delete(name));
    await cleared;
    // those that opened meanwhile
    this.tabs?.tell('cleared');
    this.end('cleared', detail);
  }

  /** Nothing is done any more, and nothing shown is fresh; after `clear` nothing is shown. */
  private end(how: 'closed' | 'cleared', detail: string): void {
    this.ended = how;
    this.stop();
    this.connection.setState('disconnected', detail, undefined);
    this.abandonAll(how, detail);
  }

  private stop(): void {
    this.tabs?.close();
    this.reader?.abandon();
    this.port?.close();
    this.port = undefined;
  }

  private scopeName(): string {
    return scopeName(this.config?.key ?? '', this.settings.scope);
  }

  private face<Row extends object>(definition: ResourceDefinition): Resource<Row> {
    const { name } = definition.wire;
    const post = (...command: CacheCommand) => {
      if (this.isClosed(definition)) {
        throw new Error(`Resource '${name}' was closed; declare it again with cache.resource.`);
      }
      this.post(...command);
    };
    const resource: Resource<Row> = {
      name,
      live: (options = {}) => this.live<Row>(definition, options, post),
      get: (id) =>
        this.ask((request) => ['get', request, name, idText(name, id)], name, post) as Promise<
          DeepReadonly<Row> | undefined
        >,
      refresh: () => post('refresh', name),
      close: () => {
        if (this.ended || this.isClosed(definition)) return;
        post('closeResource', name);
        this.reader?.abandon(name);
        this.definitions.delete(name);
        this.abandonQueries('closed', `Resource '${name}' was closed`, name);
        this.requests.rejectAll(`Resource '${name}' was closed`, name);
      },
    };
    return Object.assign(new Unproxied(), resource);
  }

  /** Whether this resource was closed, though another of its name may be there. */
  private isClosed(definition: ResourceDefinition): boolean {
    return this.definitions.get(definition.wire.name) !== definition;
  }

  private live<Row extends object>(
    { wire }: ResourceDefinition,
    options: LiveOptions,
    post: (...command: CacheCommand) => void,
  ): LiveQuery<Row> {
    const id = ++this.lastNumber;
    const ask = (options: LiveOptions) => post('live', id, wire.name, wireQuery(wire, options));
    const live = new EngineLiveQuery<Row>(ask, () => {
      if (this.liveQueries.delete(id) && !this.ended) this.post('closeLive', id);
    });
    const query = wireQuery(wire, options);
    this.liveQueries.set(id, { resource: wire.name, live: live as unknown as EngineLiveQuery<object> });
    post('live', id, wire.name, query);
    if (this.absence !== undefined) live.abandon('engine-failed', this.absence);
    return live;
  }

  private ask(
    command: (request: number) => CacheCommand,
    resource?: string,
    post = (...command: CacheCommand) => this.post(...command),
  ): Promise<unknown> {
    const request = ++this.lastNumber;
    return this.requests.wait(request, resource, () => post(...command(request)));
  }

  private post(...command: CacheCommand): void {
    if (this.ended) throw new Error(`The cache was ${this.ended}; make a new one with createCache.`);
    this.port ??= this.open();
    this.port.post(...command);
  }

  private open(): OpenPort<CacheCommand> {
    const { port: makePort } = this.options;
    const { wasmUrl } = this.settings;
    // a cache of the same scope that is being cleared must not take this one's rows with it
    const after = clearings.get(this.scopeName());
    const made = { port: makePort, wasmUrl, module: cacheModule, hasScope: true, after };
    const port = openPort<CacheCommand>(this.config, made, this.handlers);
    if (this.config === undefined) return port;
    this.authorizer = lazyAuthorizer(this.options);
    this.reader = lazyReader(this.options, this.settings);
    this.tabs = new ScopeChannel(this.scopeName(), this.settings.build, port);
    return port;
  }

  private readonly handlers: EventHandlers = {
    ready: () => {
      this.absence = undefined;
    },
    delayed: (message) => {
      if (this.absence === message) return;
      this.absence = message;
      this.connection.setState('unavailable', message, undefined);
      this.abandonQueries('engine-failed', message);
    },
    failed: (message) => {
      this.absence = message;
      this.connection.setState('failed', message, undefined);
      this.abandonAll('engine-failed', message);
    },
    connection: (state, reason, socketId) => this.connection.setState(state, reason, socketId),
    error: (code, message) => this.connection.fail(code, message),
    subscriptionError: (channel, _status, message) =>
      sayOnce('error', `The cache could not join ${naming('channel', channel, message)}: ${message}`),
    authorize: async (request, channel, socketId) => {
      const reply = await this.authorizer?.authorize(channel, socketId);
      if (reply !== undefined) this.port?.post('authorized', request, reply);
    },
    read: async (request, read) => {
      const progress = () => this.port?.post('readProgress', request);
      const reply = await this.reader?.read(read, this.definitions.get(read.resource), progress);
      if (reply !== undefined) this.port?.post('readDone', request, reply);
    },
    consult: (request, resource, event, data) => {
      const advice = consult(this.definitions.get(resource), event, freezeDeeply(data));
      this.port?.post('consulted', request, advice);
    },
    live: (id, update) => this.liveQueries.get(id)?.live.apply(update),
    got: (request, row) => this.requests.resolve(request, freezeDeeply(row)),
    inspected: (request, facts) => this.requests.resolve(request, facts),
    cleared: (request, error) => {
      if (request === 0) this.end('cleared', 'the cache was cleared in another tab');
      else if (error === undefined) this.requests.resolve(request, undefined);
      else this.requests.reject(request, error);
    },
    rejected: (id, message) => this.reject(id, message),
    activity: (activity) => {
      if (activity.type === 'warning') {
        const { resource, code, values } = activity;
        console.warn(warningText(resource, code, values, this.definitions.get(resource)?.nameOf));
      }
      this.activity.notify(activity);
    },
    // the engine itself takes the events of channels; nobody signs in
    event: ignore,
    authenticate: ignore,
    signedIn: ignore,
    signInFailed: ignore,
    watchlist: ignore,
  };

  private reject(id: number, message: string): void {
    this.requests.reject(id, message);
    const open = this.liveQueries.get(id);
    // nobody waits for what was closed or refused before
    if (open === undefined) return;
    console.error(message);
    open.live.abandon('rejected', message);
  }

  /** Nothing comes from the engine any more: no list is fresh, and no request is answered. */
  private abandonAll(reason: string, detail: string): void {
    this.abandonQueries(reason, detail);
    const ended = reason === 'closed' || reason === 'cleared';
    this.requests.rejectAll(ended ? `The cache was ${reason}` : `The cache has no engine: ${detail}`);
  }

  /** Ends the live queries of `resource`, or all. */
  private abandonQueries(reason: string, detail: string, resource?: string): void {
    for (const [id, open] of this.liveQueries) {
      if (resource !== undefined && open.resource !== resource) continue;
      // those of a cache that closed or broke may still have to forget
      if (resource !== undefined || this.ended === 'cleared') this.liveQueries.delete(id);
      if (this.ended === 'cleared') open.live.forget(reason, detail);
      else open.live.abandon(reason, detail);
    }
  }
}
