import { describe, expect, it, vi } from 'vitest';
import { EngineLiveQuery } from '../../src/cache/live-query.js';
import type { Status } from '../../src/engine/port.js';

const FRESH: Status = { state: 'fresh', asOf: 1 };

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

  it('has a `subscribe` that needs no object', () => {
    const live = new EngineLiveQuery<object>(vi.fn(), vi.fn());
    const { subscribe } = live;
    const told = vi.fn();
    subscribe(told);
    live.apply({ splices: [], changes: [], total: 1, status: FRESH });
    expect(told.mock.calls.map(([snapshot]) => snapshot.total)).toEqual([0, 1]);
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

  it('calls one that is added in a callback once with each snapshot, the newest last', () => {
    const live = new EngineLiveQuery<{ id: number }>(vi.fn(), vi.fn());
    const late: number[] = [];
    let isAdded = false;
    live.subscribe(({ total }) => {
      if (total === 0 || isAdded) return;
      isAdded = true;
      live.subscribe((snapshot) => late.push(snapshot.total));
      live.apply({ splices: [], changes: [], total: 2, status: FRESH });
      live.subscribe((snapshot) => late.push(snapshot.total * 10));
    });
    live.apply({ splices: [], changes: [], total: 1, status: FRESH });
    expect(late).toEqual([1, 20, 2]);
  });

  it('reports what a callback throws, and does not throw it at who subscribes', () => {
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    const live = new EngineLiveQuery<{ id: number }>(vi.fn(), vi.fn());
    const error = new Error('mine');
    const heard = vi.fn(() => {
      throw error;
    });
    const stop = live.subscribe(heard);
    live.apply({ splices: [], changes: [], total: 1, status: FRESH });
    expect(reported.mock.calls).toEqual([[error], [error]]);
    stop();
    live.apply({ splices: [], changes: [], total: 2, status: FRESH });
    expect(heard).toHaveBeenCalledTimes(2);
  });
});
