import { produce } from 'immer';
import { isObservable, observable, runInAction } from 'mobx';
import { proxy as svelteState } from 'svelte/internal/client';
import { describe, expect, it } from 'vitest';
import { computed, isReactive, nextTick, reactive, ref, watchEffect } from 'vue';
import { consult } from '../../src/cache/consult.js';
import type { Snapshot } from '../../src/index.js';
import { PRODUCTS, setUp } from '../support/cache.js';
import { define } from '../support/definition.js';
import { only } from '../support/fake-port.js';

interface Row {
  id: number;
  name: string;
  tags: string[];
  maker: { name: string; address: { city: string } };
}

const row = (id = 1): Row => ({
  id,
  name: 'shoe',
  tags: ['a', 'b'],
  maker: { name: 'x', address: { city: 'y' } },
});

/** A live query that shows these rows; `rows` are the objects of the engine. */
function shown(...rows: Row[]) {
  const { cache, made } = setUp();
  const products = cache.resource<Row>('products', { ...PRODUCTS, indexes: [] } as never);
  const live = products.live();
  const port = only(made);
  const show = (...splices: { at: number; remove: number; insert: unknown[] }[]) =>
    port.onevent('live', 1, { splices, changes: [], total: 1, status: { state: 'fresh' } });
  show({ at: 0, remove: 0, insert: rows });
  return { cache, products, live, port, show, rows };
}

/** Rows as a page without types has them, which changes what it likes. */
type Loose = Record<string, never> & {
  tags: unknown[];
  maker: Record<string, unknown> & { address: object };
};
const loose = (value: unknown) => value as Loose;

describe('rows given to the page', () => {
  it('cannot be changed, however deep', () => {
    const { live, rows } = shown(row());
    const given = loose(live.rows[0]);
    for (const change of [
      () => Object.assign(given, { name: 'z' }),
      () => Object.assign(given, { selected: true }),
      () => given.tags.push('c'),
      () => given.tags.sort().reverse(),
      () => Object.assign(given.maker, { name: 'z' }),
      () => Object.assign(given.maker.address, { city: 'z' }),
      () => delete (given as { name?: unknown }).name,
      () => Object.setPrototypeOf(given, { x: 1 }),
    ]) {
      expect(change).toThrow(TypeError);
    }
    expect(rows).toEqual([row()]);
  });

  it('keep their list: it is what the next rows are spliced into', () => {
    const { live, show } = shown(row(1), row(2), row(3));
    const list = live.rows as unknown as Row[];
    expect(() => list.sort(() => -1)).toThrow(TypeError);
    expect(() => list.push(row(4))).toThrow(TypeError);
    expect(() => Object.assign(live.snapshot, { rows: [] })).toThrow(TypeError);
    show({ at: 1, remove: 1, insert: [row(5)] });
    expect(live.rows.map(({ id }) => id)).toEqual([1, 5, 3]);
    expect(() => loose(live.rows[1]).tags.push('c')).toThrow(TypeError);
  });

  it('are frozen by get() and before the application is asked, too', async () => {
    const { products, port } = shown();
    const answer = products.get(7);
    port.onevent('got', port.named('get')[0]?.[1] as number, row(7));
    const given = loose(await answer);
    expect(() => given.tags.push('c')).toThrow(TypeError);
    const data = { client_refresh: row(8) };
    port.onevent('consult', 3, 'products', 'ProductChanged', data);
    expect(() => loose(data.client_refresh).tags.push('c')).toThrow(TypeError);
  });

  it('of a clone that crossed a worker are frozen as well', () => {
    const frozen = Object.freeze(row());
    const { live } = shown(structuredClone(frozen));
    expect(
      () => loose(live.rows[0]).maker && Object.assign(loose(live.rows[0]).maker, { name: 'z' }),
    ).toThrow();
  });
});

describe('rows in frameworks', () => {
  it('Vue shows them, and v-model does not change them', async () => {
    const { live, rows, show } = shown(row());
    const state = reactive({ snapshot: live.snapshot });
    const list = ref(live.rows);
    live.subscribe((snapshot) => {
      state.snapshot = snapshot as Snapshot<Row>;
      list.value = snapshot.rows;
    });
    const names = computed(() => list.value.map(({ name }) => name).join());
    const seen: string[] = [];
    watchEffect(() => seen.push(state.snapshot.rows[0]?.name ?? ''));
    const model = loose(list.value[0]);
    expect(isReactive(model)).toBe(false);
    expect(() => Object.assign(model, { name: 'typed' })).toThrow(TypeError);
    expect(() => Object.assign(loose(state.snapshot.rows[0]), { name: 'typed' })).toThrow(TypeError);
    show({ at: 0, remove: 1, insert: [{ ...row(), name: 'new' }] });
    await nextTick();
    expect([names.value, seen]).toEqual(['new', ['shoe', 'new']]);
    const form = reactive({ ...live.rows[0] });
    form.name = 'typed';
    expect([live.rows[0]?.name, rows[0]?.name]).toEqual(['new', 'shoe']);
  });

  it('$state of Svelte 5 shows them, and does not change them', () => {
    const { live, rows } = shown(row());
    const state = svelteState({ snapshot: live.snapshot });
    expect(state.snapshot.rows[0]?.maker.address.city).toBe('y');
    expect(state.snapshot.rows.map(({ name }) => name)).toEqual(['shoe']);
    expect(() => Object.assign(loose(state.snapshot.rows[0]), { name: 'typed' })).toThrow(TypeError);
    expect(() => loose(state.snapshot.rows[0]).tags.push('c')).toThrow(TypeError);
    const form = svelteState({ ...live.rows[0] });
    form.name = 'typed';
    expect([form.name, rows[0]]).toEqual(['typed', row()]);
  });

  it('MobX makes observables of its own, and leaves them alone', () => {
    const { live, rows } = shown(row());
    const state = observable({ rows: live.rows });
    expect(state.rows[0]?.maker.address.city).toBe('y');
    const observed = loose(state.rows[0]);
    expect(isObservable(observed)).toBe(true);
    runInAction(() => {
      Object.assign(observed, { name: 'typed' });
      observed.tags.push('c');
    });
    expect([live.rows[0], rows[0]]).toEqual([row(), row()]);
    const by = observable({ rows: live.rows }, {}, { deep: false });
    expect(() => runInAction(() => Object.assign(loose(by.rows[0]), { name: 'z' }))).toThrow(TypeError);
  });

  it('Immer drafts copies', () => {
    const { live, rows } = shown(row());
    const next = produce(live.rows, (draft) => {
      const [first] = draft as unknown as Row[];
      if (first) first.maker.address.city = 'z';
    });
    expect([next[0]?.maker.address.city, live.rows[0]?.maker.address.city, rows[0]]).toEqual([
      'z',
      'y',
      row(),
    ]);
  });
});

describe('rows that the application makes', () => {
  class Product {
    id = 1;
    get name(): string {
      throw new Error('not loaded');
    }
  }
  const asked = (reaction: () => unknown) =>
    consult(
      define({ on: { Changed: () => ({ reaction: 'patch', row: reaction() }) as never } }),
      'Changed',
      {},
    );

  it('are copied as JSON has them', () => {
    const made = { ...row(), at: new Date(0) };
    const advice = asked(() => made);
    expect(advice.row).toEqual({ ...row(), at: '1970-01-01T00:00:00.000Z' });
    made.tags.push('c');
    expect(advice.row).toEqual({ ...row(), at: '1970-01-01T00:00:00.000Z' });
    expect(asked(() => new Product()).row, 'getters of a class are not copied').toEqual({ id: 1 });
  });

  it('whose getters throw, or that are no JSON, lead to a read', () => {
    const loop: { self?: object } = {};
    loop.self = loop;
    const throwing = Object.defineProperty({ id: 1 }, 'name', {
      enumerable: true,
      get: () => {
        throw new Error('not loaded');
      },
    });
    for (const bad of [throwing, loop, { id: 1n }]) {
      const reports: unknown[] = [];
      const report = globalThis.reportError;
      globalThis.reportError = (error) => reports.push(String(error));
      expect(asked(() => bad)).toEqual({ reaction: 'refresh' });
      globalThis.reportError = report;
      expect(reports.join()).toContain(
        "the row that resource 'products' makes of 'Changed' is not plain data",
      );
    }
  });
});
