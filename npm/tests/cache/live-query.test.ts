import { describe, expect, it, vi } from 'vitest';
import { EngineLiveQuery } from '../../src/cache/live-query.js';
import { wireQuery } from '../../src/cache/query.js';
import type { Status } from '../../src/engine/port.js';

const FRESH: Status = { state: 'fresh', asOf: 1 };
const RESOURCE = { name: 'products', key: 'id', indexes: ['category', 'price', 'maker.name'] };

describe('EngineLiveQuery', () => {
  it('tells at once what is there, then each change, as new arrays of the same rows', () => {
    const live = new EngineLiveQuery<{ id: number }>(vi.fn(), vi.fn());
    const told = vi.fn();
    const stop = live.subscribe(told);
    expect(told).toHaveBeenLastCalledWith({
      rows: [],
      total: 0,
      status: { state: 'empty', reason: 'idle' },
      changes: [],
    });
    const [a, b, c] = [{ id: 1 }, { id: 2 }, { id: 3 }];
    live.apply({ splices: [{ at: 0, remove: 0, insert: [a, b] }], changes: [], total: 9, status: FRESH });
    const before = live.rows;
    const changes = [{ id: '3', kind: 'insert' as const }];
    live.apply({
      splices: [
        { at: 0, remove: 1, insert: [] },
        { at: 1, remove: 0, insert: [c] },
      ],
      changes,
      total: 9,
      status: FRESH,
    });
    expect(live.rows).toEqual([b, c]);
    expect(live.rows[0]).toBe(b);
    expect(live.rows).not.toBe(before);
    expect(before).toEqual([a, b]);
    expect(told.mock.lastCall?.[0]).toEqual({ rows: [b, c], total: 9, status: FRESH, changes });
    expect(told.mock.lastCall?.[0]).toBe(live.snapshot);
    stop();
    live.apply({ splices: [], changes: [], total: 9, status: FRESH });
    expect(told).toHaveBeenCalledTimes(3);
  });

  it('keeps the array when only the status changes', () => {
    const live = new EngineLiveQuery<object>(vi.fn(), vi.fn());
    live.apply({ splices: [{ at: 0, remove: 0, insert: [{}] }], changes: [], total: 1, status: FRESH });
    const { rows } = live;
    live.apply({ splices: [], changes: [], total: 1, status: { state: 'stale', reason: 'changed' } });
    expect(live.rows).toBe(rows);
    expect(live.status.reason).toBe('changed');
  });

  it('takes a hundred thousand rows at once', () => {
    const live = new EngineLiveQuery<number>(vi.fn(), vi.fn());
    const insert = Array.from({ length: 100_000 }, (_, i) => i);
    live.apply({ splices: [{ at: 0, remove: 0, insert: [-1, -2] }], changes: [], total: 2, status: FRESH });
    live.apply({ splices: [{ at: 1, remove: 1, insert }], changes: [], total: 100_001, status: FRESH });
    expect([live.rows.length, live.rows[0], live.rows[1], live.rows.at(-1)]).toEqual([
      100_001, -1, 0, 99_999,
    ]);
  });

  it('goes on when a subscriber throws', () => {
    vi.stubGlobal('reportError', vi.fn());
    const live = new EngineLiveQuery<object>(vi.fn(), vi.fn());
    let first = true;
    live.subscribe(() => {
      if (!first) throw new Error('mine');
      first = false;
    });
    const told = vi.fn();
    live.subscribe(told);
    live.apply({ splices: [], changes: [], total: 0, status: FRESH });
    expect(told).toHaveBeenCalledTimes(2);
  });
});

describe('wireQuery', () => {
  it('translates conditions and order', () => {
    const query = wireQuery(RESOURCE, {
      where: {
        category: 'shoes',
        price: { gte: 10, lt: 20, ne: 15 },
        'maker.name': { contains: 'red' },
        id: [1, 2],
      },
      orderBy: ['-price', 'id'],
      limit: 50,
    });
    expect(query).toEqual({
      conditions: [
        ['category', 'equals', 'shoes'],
        ['price', 'atLeast', 10],
        ['price', 'less', 20],
        ['price', 'differs', 15],
        ['maker.name', 'contains', 'red'],
        ['id', 'oneOf', [1, 2]],
      ],
      order: [
        ['price', true],
        ['id', false],
      ],
      offset: 0,
      limit: 50,
    });
    expect(wireQuery(RESOURCE, { where: { category: null } }).conditions).toEqual([
      ['category', 'equals', null],
    ]);
    expect(wireQuery(RESOURCE, {})).toEqual({ conditions: [], order: [], offset: 0 });
  });

  it.each<[object, string]>([
    [
      { where: { color: 'red' } },
      "where names 'color', which has no index. Declare it: indexes: ['category', 'price', 'maker.name', 'color'].",
    ],
    [{ orderBy: '-name' }, "orderBy names 'name', which has no index."],
    [{ where: { price: { above: 1 } } }, "where.price has the operator 'above'; expected one of eq, ne, in"],
    [
      { where: { price: undefined } },
      'where.price is undefined; expected a string, number, boolean or null; leave',
    ],
    [{ where: { price: { in: 3 } } }, 'where.price.in is 3; expected a list.'],
    [{ limit: -1 }, 'limit is -1; expected a whole number from 0 on.'],
    [{ offset: 1.5 }, 'offset is 1.5'],
  ])('names what is wrong with %j', (options, message) => {
    expect(() => wireQuery(RESOURCE, options)).toThrow(`Resource 'products': ${message}`);
  });
});
