import { inBrowser, reportFailure } from '../common/environment.js';
import { type Authority, loadAuthority, loadRead, type Read } from '../common/lazy-services.js';
import { DirectPort } from '../engine/direct-port.js';
import { NoopPort } from '../engine/noop-port.js';
import { watchPage } from '../engine/page-lifecycle.js';
import type { Activity, Command, ConnectionState, EngineConfig, EngineEvent, Port } from '../engine/port.js';
import { cacheConfig, fillCacheOptions } from '../options/cache-config.js';
import type { FilledOptions } from '../options/echo-options.js';
import { PusherConnection } from '../pusher/connection.js';
import { watchBuilds } from './build-takeover.js';
import { consult } from './consult.js';
import { type Definition, define } from './definition.js';
import { Live } from './live-query.js';
import { wireQuery } from './query.js';
import type { Cache, CacheOptions, LiveOptions, LiveQuery, Resource, ResourceOptions } from './types.js';

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
  const { scope } = options;
  if (scope !== null && typeof scope !== 'string' && typeof scope !== 'number') {
    throw new Error(
      `createCache needs \`scope\`, and got ${String(scope)}: whose data this is, so that no user sees another's. ` +
        'Pass the id of the user, or null where nobody is signed in: scope: user?.id ?? null',
    );
  }
  if (scope === '') throw new Error("createCache: `scope` is ''; pass null where nobody is signed in.");
  return new EngineCache(options, fillCacheOptions(options));
}

/** Someone who waits for an answer. */
interface Waiting {
  /** Of which resource, if of one. */
  resource?: string;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

class EngineCache implements Cache {
  #connection = new PusherConnection();
  #definitions = new Map<string, Definition>();
  #lives = new Map<number, { resource: string; live: Live<object> }>();
  #waiting = new Map<number, Waiting>();
  #listeners = new Set<(activity: Activity) => void>();
  #authority: Authority | undefined;
  #read: Read | undefined;
  /** `undefined` on a server. */
  #config: EngineConfig | undefined;
  #port: Port | undefined;
  #unwatch = () => {};
  #numbers = 0;
  #connects = false;
  #closed = false;

  constructor(
    private settings: CacheOptions,
    private options: FilledOptions,
  ) {
    if (inBrowser() || options.port) this.#config = cacheConfig(options, settings);
    else this.#connection.setState('disconnected', 'nothing is connected on a server', undefined);
  }

  get connectionState(): ConnectionState {
    return this.#connection.state;
  }

  resource<Row extends object>(name: string, options: ResourceOptions<Row>): Resource<Row> {
    if (typeof name !== 'string' || name === '')
      throw new Error('A resource needs a name, such as products.');
    if (this.#definitions.has(name)) throw new Error(`Resource '${name}' is there already; name another.`);
    const anonymous = this.settings.scope === null;
    const definition = define(
      name,
      options as unknown as ResourceOptions<object>,
      this.options.namespace,
      anonymous,
    );
    this.#definitions.set(name, definition);
    this.#post('resource', definition.wire);
    if (!this.#connects) this.#post('connect');
    this.#connects = true;
    return this.#resource<Row>(definition);
  }

  onActivity(callback: (activity: Activity) => void): () => void {
    const listener = (activity: Activity) => callback(activity);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onConnectionChange(callback: (state: ConnectionState, reason: string) => void): () => void {
    const changed = () => callback(this.#connection.state, this.#connection.reason);
    this.#connection.bind('state_change', changed);
    return () => this.#connection.unbind('state_change', changed);
  }

  inspect(): Promise<unknown> {
    return this.#ask((request) => ['inspect', request]);
  }

  async clear(): Promise<void> {
    await this.#ask((request) => ['clear', request]);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unwatch();
    this.#port?.close();
    this.#connection.setState('disconnected', 'the cache was closed', undefined);
    this.#abandon('closed', 'the cache was closed');
  }

  #resource<Row extends object>(definition: Definition): Resource<Row> {
    const { name } = definition.wire;
    const post = (...command: Command) => {
      if (this.#isClosed(definition)) {
        throw new Error(`Resource '${name}' was closed; declare it again with cache.resource.`);
      }
      this.#post(...command);
    };
    return {
      name,
      live: (options = {}) => this.#live<Row>(definition, options, post),
      get: (id) =>
        this.#ask((request) => ['get', request, name, String(id)], name, post) as Promise<Row | undefined>,
      refresh: () => post('refresh', name),
      close: () => {
        if (this.#closed || this.#isClosed(definition)) return;
        post('closeResource', name);
        this.#definitions.delete(name);
        this.#abandon('closed', `Resource '${name}' was closed`, name);
      },
    };
  }

  /** Whether this resource was closed, though another of its name may be there. */
  #isClosed(definition: Definition): boolean {
    return this.#definitions.get(definition.wire.name) !== definition;
  }

  #live<Row extends object>(
    { wire }: Definition,
    options: LiveOptions,
    post: (...command: Command) => void,
  ): LiveQuery<Row> {
    const id = ++this.#numbers;
    const ask = (options: LiveOptions) => post('live', id, wire.name, wireQuery(wire, options));
    const live = new Live<Row>(ask, () => {
      if (this.#lives.delete(id) && !this.#closed) this.#post('closeLive', id);
    });
    const query = wireQuery(wire, options);
    this.#lives.set(id, { resource: wire.name, live: live as unknown as Live<object> });
    post('live', id, wire.name, query);
    return live;
  }

  #ask(
    command: (request: number) => Command,
    resource?: string,
    post = (...command: Command) => this.#post(...command),
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const request = ++this.#numbers;
      this.#waiting.set(request, { resource, resolve, reject });
      post(...command(request));
    });
  }

  #post(...command: Command): void {
    if (this.#closed) throw new Error('The cache was closed; make a new one with createCache.');
    this.#port ??= this.#start();
    this.#port.post(...command);
  }

  #start(): Port {
    const { port: make, wasmUrl } = this.options;
    const config = this.#config;
    const port = config === undefined ? new NoopPort() : (make?.(config) ?? new DirectPort(config, wasmUrl));
    if (config !== undefined) {
      this.#authority = loadAuthority(this.options);
      this.#read = loadRead(this.options, this.settings);
    }
    port.onevent = (...event) => this.#take(event);
    const { build } = this.settings;
    const stops = [watchPage(port)];
    if (config?.database && build !== undefined) stops.push(watchBuilds(config.database, build, port));
    this.#unwatch = () => {
      for (const stop of stops) stop();
    };
    return port;
  }

  #take(event: EngineEvent): void {
    switch (event[0]) {
      case 'live':
        this.#lives.get(event[1])?.live.apply(event[2]);
        break;
      case 'activity':
        this.#report(event[1]);
        break;
      case 'got':
      case 'inspected':
        this.#settle(event[1], undefined, event[2]);
        break;
      case 'cleared':
        this.#settle(event[1], event[2], undefined);
        break;
      case 'rejected':
        this.#reject(event[1], event[2]);
        break;
      case 'failed':
        this.#connection.setState('failed', event[1], undefined);
        this.#abandon('engine-failed', event[1]);
        break;
      default:
        this.#serve(event);
    }
  }

  /** What the engine asks of the page, and what it says of its connection. */
  #serve(event: EngineEvent): void {
    if (event[0] === 'consult') {
      const [, request, resource, name, data] = event;
      this.#port?.post('consulted', request, consult(this.#definitions.get(resource), name, data));
    } else if (event[0] === 'read') {
      const [, request, read] = event;
      this.#read?.(read, this.#definitions.get(read.resource)).then((reply) =>
        this.#port?.post('readDone', request, reply),
      );
    } else if (event[0] === 'authorize') {
      const [, request, channel, socketId] = event;
      this.#authority
        ?.authorize(channel, socketId)
        .then((reply) => this.#port?.post('authorized', request, reply));
    } else if (event[0] === 'connection') {
      this.#connection.setState(event[1], event[2], event[3]);
    } else if (event[0] === 'error') {
      this.#connection.fail(event[1], event[2]);
    } else if (event[0] === 'subscriptionError') {
      console.error(`The cache could not join channel ${event[1]}: ${event[3]}`);
    }
  }

  #report(activity: Activity): void {
    for (const listener of this.#listeners) {
      try {
        listener(activity);
      } catch (error) {
        reportFailure(error);
      }
    }
  }

  #settle(request: number, error: string | undefined, value: unknown): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  }

  #reject(id: number, message: string): void {
    if (this.#waiting.has(id)) {
      this.#settle(id, message, undefined);
    } else {
      console.error(message);
      this.#lives.get(id)?.live.abandon('rejected', message);
    }
  }

  /** Nothing follows any more, of `resource` or of all: nothing is fresh, and nobody waits in vain. */
  #abandon(reason: string, detail: string, resource?: string): void {
    for (const [id, open] of this.#lives) {
      if (resource !== undefined && open.resource !== resource) continue;
      this.#lives.delete(id);
      open.live.abandon(reason, detail);
    }
    for (const [request, { resource: of, reject }] of this.#waiting) {
      if (resource !== undefined && of !== resource) continue;
      this.#waiting.delete(request);
      reject(new Error(resource === undefined ? `The cache has no engine: ${detail}` : detail));
    }
  }
}
