import { describe, expect, it, vi } from 'vitest';
import { type CacheOptions, createCache, Echo, type ResourceOptions } from '../src/index.js';
import type { WireResource } from '../src/port.js';
import { fakePorts, only } from './fake-port.js';

interface Product {
  id: number;
  name: string;
  category: string;
  price: number;
}

const PRODUCTS: ResourceOptions<Product> = {
  url: '/api/products',
  channel: 'private:products',
  on: { ProductChanged: 'auto' },
  indexes: ['category', 'price'],
};

function setUp(settings: Partial<CacheOptions> = {}) {
  const { port, made } = fakePorts();
  const cache = createCache({ key: 'key', wsHost: 'ws.test', scope: 7, port, ...settings } as CacheOptions);
  return { cache, made };
}

/** The wire form of one resource. */
function wire(
  options: Partial<ResourceOptions<Product>>,
  settings: Partial<CacheOptions> = {},
): WireResource {
  const { cache, made } = setUp(settings);
  cache.resource<Product>('products', { ...PRODUCTS, ...options });
  return only(made).named('resource')[0]?.[1] as WireResource;
}

describe('createCache', () => {
  it('needs a scope, and says why', () => {
    expect(() => createCache({ key: 'k' } as CacheOptions)).toThrow(
      /needs `scope`, and got undefined: whose data/,
    );
    expect(() => createCache({ key: 'k', scope: '' })).toThrow('pass null where nobody is signed in');
    expect(() => createCache({ key: 'k', scope: 1, store: 'disk' as 'memory' })).toThrow("`store` is 'disk'");
    expect(() => createCache({ scope: 1 })).toThrow('needs `key`');
  });

  it('connects with its first resource, not before', () => {
    const { cache, made } = setUp();
    expect(made).toHaveLength(0);
    cache.resource('products', PRODUCTS);
    cache.resource('others', PRODUCTS);
    expect(only(made).posted.map(([name]) => name)).toEqual(['resource', 'connect', 'resource']);
  });

  it('names its database by key and scope; a memory cache has none', () => {
    const database = (settings: Partial<CacheOptions>) => {
      const { cache, made } = setUp(settings);
      cache.resource('products', PRODUCTS);
      return only(made).config.database;
    };
    expect(database({})).toBe('echolite:key:7');
    expect(database({ scope: null })).toBe('echolite:key');
    expect(database({ store: 'memory' })).toBeUndefined();
  });

  it("uses an Echo's options, and a connection of its own", () => {
    const { port, made } = fakePorts();
    const echo = new Echo({
      broadcaster: 'reverb',
      key: 'echo-key',
      wsHost: 'ws.test',
      namespace: 'Shop',
      port,
    });
    const cache = createCache({ echo, scope: 1, pollInterval: 1000 });
    cache.resource('products', PRODUCTS);
    expect(made).toHaveLength(2);
    expect(made[1]?.config).toMatchObject({ key: 'echo-key', host: 'ws.test', pollInterval: 1000 });
    expect(made[1]?.named('resource')[0]?.[1].on).toEqual([['Shop\\ProductChanged', 'auto']]);
  });
});

describe('a resource', () => {
  it('is translated into the words of the engine', () => {
    expect(wire({ version: 'updated_at' })).toEqual({
      name: 'products',
      url: 'https://shop.example/api/products',
      rowPrefixes: ['https://shop.example/api/products/'],
      key: 'id',
      version: 'updated_at',
      strict: false,
      channels: ['private-products'],
      on: [['App\\Events\\ProductChanged', 'auto']],
      indexes: ['category', 'price'],
      rowPath: 'client_refresh',
      deletedPath: 'deleted',
      urlPath: 'url',
      consult: false,
      schema: 1,
      persist: true,
    });
  });

  it('takes names, channels and URLs in their forms', () => {
    const options = {
      url: new URL('https://api.example/products/?page=1'),
      channel: ['products', 'private:a.b', 'private-c'],
      on: { '.product.changed': 'patch', '\\Own\\Event': 'refresh' } as const,
      rowUrls: ['/api/product?id='],
    };
    expect(wire(options)).toMatchObject({
      url: 'https://api.example/products/?page=1',
      rowPrefixes: ['https://shop.example/api/product?id='],
      channels: ['products', 'private-a.b', 'private-c'],
      on: [
        ['product.changed', 'patch'],
        ['Own\\Event', 'refresh'],
      ],
    });
    expect(wire({ url: 'https://api.example/products/?page=1' }).rowPrefixes).toEqual([
      'https://api.example/products/',
    ]);
  });

  it('stores only public rows when nobody is signed in', () => {
    expect(wire({}, { scope: null }).persist).toBe(false);
    expect(wire({ channel: 'products' }, { scope: null }).persist).toBe(true);
    expect(wire({ channel: ['products', 'private:x'] }, { scope: null }).persist).toBe(false);
  });

  it('is consulted when the application has a say', () => {
    expect(wire({ belongs: () => true }).consult).toBe(true);
    expect(wire({ on: { ProductChanged: () => 'auto' } })).toMatchObject({
      consult: true,
      on: [['App\\Events\\ProductChanged', 'auto']],
    });
  });

  it("takes Laravel's model events", () => {
    expect(wire({ on: { 'model:Product': 'auto' } })).toMatchObject({
      consult: true,
      on: ['Created', 'Updated', 'Deleted', 'Trashed', 'Restored'].map((event) => [
        `Product${event}`,
        'auto',
      ]),
    });
  });

  it.each<[string, object, string]>([
    ['no url', { url: undefined }, '`url` is missing; expected where the list is read'],
    ['no channel', { channel: undefined }, '`channel` is missing'],
    ['no channels', { channel: [] }, '`channel` is missing'],
    ['a presence channel', { channel: 'presence:room' }, "the channel 'presence:room' cannot be used"],
    ['no events', { on: undefined }, '`on` is missing'],
    ['an unknown reaction', { on: { A: 'merge' } }, `on['A'] is "merge"; expected 'auto', 'refresh'`],
    ['a whisper', { on: { '.client-x': 'auto' } }, 'only events of the back end can change a cache'],
    ['a nameless model', { on: { 'model:': 'auto' } }, 'names no model'],
    [
      'odd indexes',
      { indexes: { price: 'number' } },
      '`indexes` is {"price":"number"}; expected field names',
    ],
    ['an odd schema', { schema: 0 }, '`schema` is 0'],
    ['an odd key', { key: 7 }, '`key` must be a path'],
  ])('names what is wrong: %s', (_name, options, message) => {
    const { cache } = setUp();
    const make = () => cache.resource('products', { ...PRODUCTS, ...options } as ResourceOptions<Product>);
    expect(make).toThrow(`Resource 'products': `);
    expect(make).toThrow(message);
  });

  it('is there once', () => {
    const { cache } = setUp();
    cache.resource('products', PRODUCTS);
    expect(() => cache.resource('products', PRODUCTS)).toThrow("Resource 'products' is there already");
  });
});

describe('questions', () => {
  it('get, inspect and clear are answered by number', async () => {
    const { cache, made } = setUp();
    const products = cache.resource<Product>('products', PRODUCTS);
    const port = only(made);
    const answers = [products.get(1), products.get('2'), cache.inspect(), cache.clear()];
    const [[, first, , id], [, second]] = port.named('get') as [
      ['get', number, string, string],
      ['get', number, ...unknown[]],
    ];
    expect(id).toBe('1');
    port.onevent('got', second, undefined);
    port.onevent('got', first, { id: 1 });
    port.onevent('inspected', port.named('inspect')[0]?.[1] as number, { facts: true });
    port.onevent('cleared', port.named('clear')[0]?.[1] as number, undefined);
    expect(await Promise.all(answers)).toEqual([{ id: 1 }, undefined, { facts: true }, undefined]);
  });

  it('are refused with the reason', async () => {
    const { cache, made } = setUp();
    const products = cache.resource<Product>('products', PRODUCTS);
    const port = only(made);
    const answer = products.get(1);
    port.onevent('rejected', port.named('get')[0]?.[1] as number, 'no such resource');
    await expect(answer).rejects.toThrow('no such resource');
    const cleared = cache.clear();
    port.onevent('cleared', port.named('clear')[0]?.[1] as number, 'the store is locked');
    await expect(cleared).rejects.toThrow('the store is locked');
  });

  it('tells activity and the state of the connection, until told to stop', () => {
    const { cache, made } = setUp();
    const [activities, states] = [vi.fn(), vi.fn()];
    const stops = [cache.onActivity(activities), cache.onConnectionChange(states)];
    cache.resource('products', PRODUCTS);
    const port = only(made);
    const activity = { at: 1, type: 'restored', resource: 'products', rows: 2 } as const;
    port.onevent('activity', activity);
    port.onevent('connection', 'connecting', 'asked to', undefined);
    expect(activities).toHaveBeenCalledWith(activity);
    expect(states).toHaveBeenCalledWith('connecting', 'asked to');
    expect(cache.connectionState).toBe('connecting');
    for (const stop of stops) stop();
    port.onevent('activity', activity);
    port.onevent('connection', 'connected', '', '1.2');
    expect([activities.mock.calls.length, states.mock.calls.length]).toEqual([1, 1]);
  });
});

describe('the end', () => {
  it('close() leaves nothing fresh, nobody waiting, and a clear error', async () => {
    const { cache, made } = setUp();
    const products = cache.resource<Product>('products', PRODUCTS);
    const live = products.live();
    const port = only(made);
    port.onevent('live', port.named('live')[0]?.[1] as number, {
      splices: [{ at: 0, remove: 0, insert: [{ id: 1 }] }],
      changes: [],
      total: 1,
      status: { state: 'fresh', asOf: 5 },
    });
    const answer = products.get(1);
    cache.close();
    await expect(answer).rejects.toThrow('the cache was closed');
    expect(live.status).toEqual({
      state: 'stale',
      reason: 'closed',
      detail: 'the cache was closed',
      asOf: 5,
    });
    expect(port.closed).toBe(true);
    expect(() => products.refresh()).toThrow('The cache was closed; make a new one');
    live.close();
  });

  it('an engine that fails leaves nothing fresh either', () => {
    const { cache, made } = setUp();
    const live = cache.resource<Product>('products', PRODUCTS).live();
    const told = vi.fn();
    live.subscribe(told);
    only(made).onevent('failed', 'no module');
    expect(told.mock.lastCall?.[0].status).toMatchObject({
      state: 'empty',
      reason: 'engine-failed',
      detail: 'no module',
    });
    expect(cache.connectionState).toBe('failed');
  });
});
