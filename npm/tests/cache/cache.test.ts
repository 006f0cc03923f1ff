import { describe, expect, it, vi } from 'vitest';
import { type CacheOptions, createCache, Echo } from '../../src/index.js';
import { PRODUCTS, type Product, setUp } from '../support/cache.js';
import { fakePorts, only } from '../support/fake-port.js';

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

  it('alone has a scope to release on the way into the back/forward cache', () => {
    const { cache, made } = setUp();
    cache.resource('products', PRODUCTS);
    const echo = fakePorts();
    new Echo({ broadcaster: 'reverb', key: 'key', wsHost: 'ws.test', port: echo.port });
    window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }));
    expect(only(made).named('release')).toHaveLength(1);
    expect(only(echo.made).named('release')).toHaveLength(0);
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

  it('recovers unless told not to, whatever its Echo does', () => {
    const recover = (settings: Partial<CacheOptions>) => {
      const { cache, made } = setUp(settings);
      cache.resource('products', PRODUCTS);
      return only(made).config.recover;
    };
    expect(recover({})).toBe(true);
    expect(recover({ recover: false })).toBe(false);
    const { port, made } = fakePorts();
    const echo = new Echo({ broadcaster: 'reverb', key: 'key', port, recover: false });
    createCache({ echo, scope: 7 }).resource('products', PRODUCTS);
    expect(made.map((engine) => engine.config.recover)).toEqual([false, true]);
    expect(() => recover({ recover: 1 as unknown as boolean })).toThrow(
      'recover is 1; expected true or false',
    );
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

describe('questions', () => {
  it('get, inspect and clear are answered by number', async () => {
    const { cache, made } = setUp();
    const products = cache.resource<Product>('products', PRODUCTS);
    const port = only(made);
    const answers: Promise<unknown>[] = [products.get(1), products.get('2'), cache.inspect()];
    const [[, first, , id], [, second]] = port.named('get') as [
      ['get', number, string, string],
      ['get', number, ...unknown[]],
    ];
    expect(id).toBe('1');
    port.onevent('got', second, undefined);
    port.onevent('got', first, { id: 1 });
    port.onevent('inspected', port.named('inspect')[0]?.[1] as number, { facts: true });
    expect(await Promise.all(answers)).toEqual([{ id: 1 }, undefined, { facts: true }]);
    const cleared = cache.clear();
    port.onevent('cleared', port.named('clear')[0]?.[1] as number, undefined);
    expect(await cleared).toBeUndefined();
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

  it('are answered to nobody once they were refused', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { cache, made } = setUp();
    const products = cache.resource<Product>('products', PRODUCTS);
    const port = only(made);
    const answer = products.get(1);
    products.close();
    await expect(answer).rejects.toThrow("Resource 'products' was closed");
    port.onevent('rejected', port.named('get')[0]?.[1] as number, 'no such resource');
    expect(said).not.toHaveBeenCalled();
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

describe('closing a resource', () => {
  it('ends what was asked of it alone, and lets its name be declared anew', async () => {
    const { cache, made } = setUp();
    const chat = cache.resource<Product>('chat', PRODUCTS);
    const other = cache.resource<Product>('other', PRODUCTS);
    const port = only(made);
    const [live, otherLive] = [chat.live(), other.live()];
    const [answer, otherAnswer] = [chat.get(1), other.get(1)];
    chat.close();
    chat.close();
    expect(port.named('closeResource')).toEqual([['closeResource', 'chat']]);
    await expect(answer).rejects.toThrow("Resource 'chat' was closed");
    expect(live.status).toMatchObject({ state: 'empty', reason: 'closed' });
    expect(otherLive.status.reason).toBe('idle');
    port.onevent('got', port.named('get')[1]?.[1] as number, { id: 1 });
    expect(await otherAnswer).toEqual({ id: 1 });

    const again = cache.resource<Product>('chat', PRODUCTS);
    for (const use of [() => chat.live(), () => chat.refresh(), () => live.update({})]) {
      expect(use).toThrow("Resource 'chat' was closed; declare it again with cache.resource.");
    }
    await expect(chat.get(1)).rejects.toThrow("Resource 'chat' was closed");
    chat.close();
    live.close();
    again.refresh();
    expect(port.posted.slice(-2).map(([name]) => name)).toEqual(['resource', 'refresh']);
    expect(port.named('connect')).toHaveLength(1);
  });

  it('does no harm after the cache was closed', () => {
    const { cache, made } = setUp();
    const chat = cache.resource<Product>('chat', PRODUCTS);
    cache.close();
    chat.close();
    expect(only(made).named('closeResource')).toEqual([]);
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
    await expect(answer).rejects.toThrow(/^The cache was closed$/);
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

  it('an engine that fails leaves nothing fresh either', async () => {
    const { cache, made } = setUp();
    const live = cache.resource<Product>('products', PRODUCTS).live();
    const told = vi.fn();
    live.subscribe(told);
    const asked = cache.inspect();
    only(made).onevent('failed', 'no module');
    await expect(asked).rejects.toThrow(/^The cache has no engine: no module$/);
    expect(told.mock.lastCall?.[0].status).toMatchObject({
      state: 'empty',
      reason: 'engine-failed',
      detail: 'no module',
    });
    expect(cache.connectionState).toBe('failed');
    const later = cache.resource<Product>('later', PRODUCTS).live();
    expect(later.status, 'nor a live query that is opened afterwards').toMatchObject({
      reason: 'engine-failed',
      detail: 'no module',
    });
  });

  it('an engine that is not loaded yet is told, and shows its rows when it is there', () => {
    const { cache, made } = setUp();
    const products = cache.resource<Product>('products', PRODUCTS);
    const live = products.live();
    const port = only(made);
    const told = vi.fn();
    live.subscribe(told);
    port.onevent('delayed', 'answered 503');
    port.onevent('delayed', 'answered 503');
    const reason = { state: 'empty', reason: 'engine-failed', detail: 'answered 503' };
    expect(told.mock.calls.map(([{ status }]) => status.reason)).toEqual(['idle', 'engine-failed']);
    expect([live.status, products.live().status, cache.connectionState]).toMatchObject([
      reason,
      reason,
      'unavailable',
    ]);
    port.onevent('ready');
    expect(products.live().status.reason).toBe('idle');
    const status = { state: 'fresh' } as const;
    port.onevent('live', 1, { splices: [], changes: [], total: 0, status });
    port.onevent('connection', 'connected', '', '1.2');
    expect([live.status.state, cache.connectionState]).toEqual(['fresh', 'connected']);
  });
});
