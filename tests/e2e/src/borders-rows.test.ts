/** Answers that are not what a list should be, and lists that meet in one page. */
import { until } from '@echolite/test-support';
import { describe, expect, it } from 'vitest';
import { bordersForFile, json, tagged } from './borders-stage.js';

const stage = bordersForFile();

const ROWS = [
  { id: 1, name: 'one' },
  { id: 2, name: 'two' },
];

describe('rows', () => {
  it.each<[what: string, answer: unknown, said: string]>([
    [
      'without their key',
      [{ id: 1 }, { name: 'x' }],
      "row 1: 'id' is null or missing; expected a text, or a whole number below 2^53 (larger ones as texts): see the option `key`",
    ],
    ['whose key is null', [{ id: null }], "row 0: 'id' is null or missing"],
    [
      'that are not objects',
      [{ id: 1 }, 7],
      'the answer has a list in which 7 is no object; expected a list of objects',
    ],
    [
      'in an object, as PHP makes it of a list with gaps',
      { 1: { id: 1 }, 3: { id: 3 } },
      'the answer has an object (1, 3); expected a list of objects; in Laravel ->values() makes it a list',
    ],
    ['that are nothing', null, 'the answer has null; expected a list of objects'],
    ['that are a text', 'rows', 'the answer has "rows"; expected a list of objects'],
  ])('%s are refused, and it is said why', async (_what, answer, said) => {
    stage.shop.answer = json(answer);
    const page = await stage.open();
    await page.start();
    const failed = await page.sees('the read to fail', ({ reason }) => reason === 'read-failed');
    expect([failed.state, failed.rows]).toEqual(['empty', []]);
    expect(failed.detail).toContain(`Resource 'products': ${said}`);
    stage.shop.answer = json(ROWS);
    await page.isFreshWith(ROWS);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'whose id is %s are rows like any other',
    async (id) => {
      const rows = [{ id, name: 'one' }];
      stage.shop.answer = json(rows);
      const page = await stage.open();
      await page.start({ tags: [id, `row:{id}`], indexes: [id] });
      await page.isFreshWith(rows);
      expect(await page.do('get', 'main/products', id)).toEqual(rows[0]);
      await stage.shop.event({ deleted: id });
      stage.shop.answer = json([]);
      await page.isFreshWith([]);
      stage.shop.answer = json(rows);
      await stage.shop.event({ tags: id });
      await page.isFreshWith(rows);
      await page.page.reload();
      await page.ready();
      await page.start({ tags: [id, `row:{id}`], indexes: [id] });
      await page.isFreshWith(rows);
      expect(page.said).toEqual([]);
    },
  );

  it.each(['__proto__', 'constructor', 'toString'])(
    'of a resource, an event and a channel called %s are rows like any other',
    async (name) => {
      const row = { id: 1, name: 'old', v: 1 };
      stage.shop.answer = json([row]);
      const page = await stage.open();
      await page.do('cache', 'main', stage.shop.options);
      await page.do('list', 'main', name, { version: 'v', strict: true }, name);
      const list = `main/${name}`;
      await page.isFreshWith([row], list);
      const changed = { ...row, name: 'new', v: 2 };
      stage.shop.answer = json([changed]);
      await stage.shop.event({ client_refresh: changed }, name);
      await page.isFreshWith([changed], list);
      expect(await page.do('inspect', 'main')).toContain(`"${name}":{`);
    },
  );

  it.each([
    ['one id', 1],
    ['one id, as a number and as a text', '1'],
  ])('of %s are told of, once', async (_which, id) => {
    stage.shop.answer = json([...ROWS, { id, name: 'again' }]);
    const page = await stage.open();
    await page.start();
    const both = ({ state, rows }: { state: string; rows: unknown[] }) =>
      state === 'fresh' && rows.length === 2;
    await page.sees('two rows', both);
    const before = stage.shop.asked.length;
    await page.do('refresh', 'main/products');
    await until('another read', () => stage.shop.asked.length > before);
    await page.sees('two rows', both);
    const told = page.said.filter((text) => text.includes('more than once'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("'products'");
  });
});

describe('two lists', () => {
  it('of one URL have a validator each', async () => {
    let [rows, tag] = [ROWS, '"1"'];
    stage.shop.answer = tagged(
      () => rows,
      () => tag,
    );
    const page = await stage.open();
    await page.start();
    await page.isFreshWith(ROWS);
    await page.do('list', 'main', 'others');
    await page.isFreshWith(ROWS, 'main/others');
    [rows, tag] = [ROWS.slice(1), '"2"'];
    await stage.shop.event({});
    for (const list of ['main/products', 'main/others']) await page.isFreshWith(rows, list);
    await page.page.reload();
    await page.ready();
    await page.start();
    await page.do('list', 'main', 'others');
    for (const list of ['main/products', 'main/others']) await page.isFreshWith(rows, list);
  });

  it('of two caches of one scope are empty when one of them is cleared', async () => {
    stage.shop.answer = json(ROWS);
    const page = await stage.open();
    await page.start();
    await page.do('cache', 'other', stage.shop.options);
    await page.do('list', 'other', 'products');
    await page.isFreshWith(ROWS);
    await page.isFreshWith(ROWS, 'other/products');
    await page.do('clear', 'main');
    for (const list of ['main/products', 'other/products']) {
      const { state, rows } = await page.sees('nothing', ({ reason }) => reason === 'cleared', list);
      expect([state, rows]).toEqual(['empty', []]);
    }
  });

  it('of one URL each follow it', async () => {
    stage.shop.answer = json({ shoes: [ROWS[0]], hats: [ROWS[1]] });
    const page = await stage.open();
    await page.start({ rows: 'shoes' });
    await page.do('list', 'main', 'hats', { rows: 'hats' });
    await page.isFreshWith([ROWS[0] as never]);
    await page.isFreshWith([ROWS[1] as never], 'main/hats');
    stage.shop.answer = json({ shoes: [], hats: ROWS });
    await stage.shop.event({});
    await page.isFreshWith([]);
    await page.isFreshWith(ROWS, 'main/hats');

    await page.page.reload();
    await page.ready();
    await page.start({ rows: 'shoes' });
    await page.do('list', 'main', 'hats', { rows: 'hats' });
    await page.isFreshWith([]);
    await page.isFreshWith(ROWS, 'main/hats');
  });

  it('of two caches of one scope in one page are both right, also when one is closed', async () => {
    stage.shop.answer = json(ROWS);
    const page = await stage.open();
    await page.start();
    await page.isFreshWith(ROWS);
    await page.do('cache', 'other', stage.shop.options);
    await page.do('list', 'other', 'products');
    await page.isFreshWith(ROWS, 'other/products');

    stage.shop.answer = json([ROWS[0]]);
    await stage.shop.event({});
    await page.isFreshWith([ROWS[0] as never]);
    await page.isFreshWith([ROWS[0] as never], 'other/products');

    await page.do('close', 'main');
    expect((await page.look()).state).toBe('stale');
    stage.shop.answer = json(ROWS);
    await stage.shop.event({});
    await page.isFreshWith(ROWS, 'other/products');
    expect(page.said).toEqual([]);
  });
});
