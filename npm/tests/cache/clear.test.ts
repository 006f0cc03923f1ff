import { describe, expect, it, vi } from 'vitest';
import type { Cache, CacheOptions } from '../../src/index.js';
import { PRODUCTS, type Product, setUp } from '../support/cache.js';
import { eventually } from '../support/eventually.js';
import { type FakePort, only } from '../support/fake-port.js';

const shoe = { id: 1, name: 'shoe', category: 'shoes', price: 5 };

/** A cache with a list that shows a row. */
function shown(settings: Partial<CacheOptions> = {}) {
  const { cache, made } = setUp(settings);
  const products = cache.resource<Product>('products', PRODUCTS);
  const live = products.live();
  const port = only(made);
  const [, id] = port.named('live')[0] as ['live', number, ...unknown[]];
  const splices = [{ at: 0, remove: 0, insert: [{ ...shoe }] }];
  const update = { splices, changes: [], total: 1, status: { state: 'fresh' as const } };
  port.onevent('live', id, update);
  expect(live.rows).toEqual([shoe]);
  return { cache, products, live, port, made, again: () => port.onevent('live', id, update) };
}

const answer = (port: FakePort, error?: string) =>
  port.onevent('cleared', port.named('clear').at(-1)?.[1] as number, error);

/** Closes caches, so that their channels hear of no other test. */
const close = (...caches: Cache[]) => {
  for (const cache of caches) cache.close();
};

describe('clear()', () => {
  it('shows nothing at once, whatever comes, and closes', async () => {
    const { cache, products, live, port, again } = shown({ scope: 'a' });
    const told = vi.fn();
    live.subscribe(told);
    const waiting = products.get(9);
    const cleared = cache.clear();
    const status = { state: 'empty', reason: 'cleared', detail: 'the cache was cleared' };
    expect(live.snapshot).toEqual({ rows: [], total: 0, status, changes: [] });
    await expect(waiting).rejects.toThrow(/^The cache was cleared$/);
    again();
    expect(live.rows).toEqual([]);
    expect(told).toHaveBeenLastCalledWith(expect.objectContaining({ rows: [], status }));
    for (const use of [
      () => products.live(),
      () => products.refresh(),
      () => live.update({}),
      () => cache.resource('others', PRODUCTS),
    ]) {
      expect(use).toThrow('The cache was cleared; make a new one with createCache.');
    }
    live.close();
    products.close();
    expect(port.closed).toBe(false);
    answer(port);
    await cleared;
    expect(port.closed).toBe(true);
    expect(cache.connectionState).toBe('disconnected');
    await cache.clear();
    close(cache);
    expect(port.named('clear')).toHaveLength(1);
  });

  it('is not cut short by close(), and is done once', async () => {
    const { cache, port } = shown({ scope: 'b' });
    const twice = [cache.clear(), cache.clear()];
    cache.close();
    expect(port.closed).toBe(false);
    expect(port.named('clear')).toHaveLength(1);
    answer(port);
    await Promise.all(twice);
    expect(port.closed).toBe(true);
  });

  it('that fails may be tried again, and shows nothing meanwhile', async () => {
    const { cache, live, port, made } = shown({ scope: 'c' });
    const failed = cache.clear();
    answer(port, 'the store is locked');
    await expect(failed).rejects.toThrow('the store is locked');
    expect(live.rows).toEqual([]);
    expect(() => cache.resource('others', PRODUCTS)).toThrow('The cache was cleared');
    const again = cache.clear();
    const engine = made[1] as FakePort;
    engine.onevent('failed', 'no engine');
    await expect(again).rejects.toThrow('no engine');
    const third = cache.clear();
    answer(made[2] as FakePort);
    await third;
    expect(live.rows).toEqual([]);
  });

  it('works before anything was used, and after close()', async () => {
    const { cache, made } = setUp({ scope: 'd' });
    const unused = cache.clear();
    answer(only(made));
    await unused;
    const other = shown({ scope: 'd' });
    other.cache.close();
    expect(other.port.closed).toBe(true);
    const late = other.cache.clear();
    answer(other.made[1] as FakePort);
    await late;
    expect(other.live.rows).toEqual([]);
  });

  it('reaches the other caches of the scope, in this page and others, and no others', async () => {
    const here = shown({ scope: 'e' });
    const inMemory = shown({ scope: 'e', store: 'memory' });
    const another = shown({ scope: 'f' });
    const forgotten = ({ port }: { port: FakePort }) => port.named('forget').length > 0;
    const { cache, port } = shown({ scope: 'e' });
    const cleared = cache.clear();
    await eventually(() => expect(forgotten(here)).toBe(true));
    await eventually(() => expect(forgotten(inMemory)).toBe(true));
    expect(forgotten(another)).toBe(false);
    here.port.onevent('cleared', 0, undefined);
    const detail = 'the cache was cleared in another tab';
    expect(here.live.snapshot).toMatchObject({
      rows: [],
      status: { state: 'empty', reason: 'cleared', detail },
    });
    expect(here.port.closed).toBe(true);
    expect(() => here.products.refresh()).toThrow('The cache was cleared');
    // one that opens meanwhile is to see for itself
    const late = shown({ scope: 'e' });
    answer(port);
    await cleared;
    await eventually(() => expect(late.port.named('look')).toHaveLength(1));
    expect(forgotten(late)).toBe(false);
    close(late.cache, inMemory.cache, another.cache);
  });
});
