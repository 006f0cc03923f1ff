import { describe, expect, it, vi } from 'vitest';
import { consult } from '../../src/cache/consult.js';
import type { BroadcastEvent } from '../../src/cache/resource-options.js';
import { define, type Product } from '../support/definition.js';

describe('consult', () => {
  it('answers what the function says', () => {
    const on = {
      A: () => 'refresh' as const,
      B: ({ data }: BroadcastEvent<{ p: Product }>) => ({ reaction: 'patch' as const, row: data.p }),
    };
    const definition = define({ on });
    expect(consult(definition, 'A', {})).toEqual({ reaction: 'refresh' });
    expect(consult(definition, 'B', { p: { id: 1 } })).toEqual({ reaction: 'patch', row: { id: 1 } });
    expect(consult(definition, 'C', {})).toEqual({ reaction: 'ignore' });
  });

  it('asks belongs about the row that the event carries', () => {
    const definition = define({ belongs: (row) => row.name === 'mine' });
    expect(consult(definition, 'Changed', { client_refresh: { id: 1, name: 'mine' } })).toEqual({
      reaction: 'auto',
      belongs: [true],
    });
    expect(consult(definition, 'Changed', { client_refresh: { id: 1 } })).toEqual({
      reaction: 'auto',
      belongs: [false],
    });
    const several = [{ id: 1, name: 'mine' }, { id: 2 }];
    expect(consult(definition, 'Changed', { client_refresh: several }).belongs).toEqual([true, false]);
    for (const none of [{ url: '/x' }, { client_refresh: [{ id: 1 }, 7] }, { client_refresh: null }]) {
      expect(consult(definition, 'Changed', none)).toEqual({ reaction: 'auto' });
    }
  });

  it('refuses a promise, which is true whatever it will say', () => {
    const report = vi.fn();
    vi.stubGlobal('reportError', report);
    const later = async () => false;
    const definition = define({ belongs: later as unknown as () => boolean });
    expect(consult(definition, 'Changed', { client_refresh: { id: 1 } })).toEqual({ reaction: 'refresh' });
    expect(String(report.mock.calls[0]?.[0])).toContain('answered a promise; expected true or false');
    vi.unstubAllGlobals();
  });

  it("reads Laravel's model events", () => {
    const definition = define({ on: { 'model:Product': 'auto' } });
    const model = { id: 3, name: 'x' };
    for (const event of ['Created', 'Updated', 'Restored']) {
      expect(consult(definition, `Product${event}`, { model, connection: null })).toEqual({
        reaction: 'patch',
        row: model,
      });
    }
    for (const event of ['Deleted', 'Trashed']) {
      expect(consult(definition, `Product${event}`, { model })).toEqual({
        reaction: 'patch',
        row: model,
        deleted: true,
      });
    }
    expect(consult(definition, 'ProductDeleted', { model: 3 })).toEqual({
      reaction: 'patch',
      row: { id: 3 },
      deleted: true,
    });
    expect(consult(definition, 'ProductUpdated', { model: 3 })).toEqual({ reaction: 'refresh' });
    expect(consult(definition, 'ProductUpdated', { id: 3, name: 'y' })).toEqual({
      reaction: 'patch',
      row: { id: 3, name: 'y' },
    });
    expect(consult(definition, 'ProductUpdated', {})).toEqual({ reaction: 'refresh' });
    expect(consult(define({ on: { 'model:Product': 'refresh' } }), 'ProductUpdated', { model })).toEqual({
      reaction: 'refresh',
    });
  });

  it('reads again when a function throws or answers nonsense, and reports it', () => {
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    const on = {
      A: () => {
        throw new Error('mine');
      },
      B: () => undefined as never,
    };
    expect(consult(define({ on }), 'A', {})).toEqual({ reaction: 'refresh' });
    expect(consult(define({ on }), 'B', {})).toEqual({ reaction: 'refresh' });
    expect(reported.mock.calls.map(([error]) => error.message)).toEqual([
      'mine',
      expect.stringContaining("the function for 'B' answered undefined; expected 'auto', 'refresh', 'patch'"),
    ]);
  });
});
