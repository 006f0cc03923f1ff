/** The server goes away and comes back. */
import { type Product, until } from '@echolite/test-support';
import { beforeAll, expect, it } from 'vitest';
import { windowForFile } from './stage.js';

const stage = windowForFile();
let before: Product[];

beforeAll(async () => {
  before = await stage.demo.products();
  await stage.demo.stop();
});

it('says that it is offline', async () => {
  await stage.window.hasState('offline', 20_000);
});

it('searches and sorts without the server', async () => {
  const [first] = before;
  await stage.window.page.locator('#search').fill(first?.name ?? '');
  const found = before.filter(({ name }) => name.toLowerCase().includes((first?.name ?? '').toLowerCase()));
  await stage.window.hasTotal(found.length);
  await stage.window.page.locator('#search').fill('');
  await stage.window.hasTotal(before.length);

  await stage.window.page.locator('#order').selectOption('-price');
  const prices = new Map(before.map(({ id, price }) => [id, price]));
  const painted = async () => (await stage.window.ids()).map((id) => prices.get(id) ?? 0);
  const dearest = Math.max(...prices.values());
  await until('the rows by price', async () => {
    const shown = await painted();
    return shown[0] === dearest && shown.every((price, at) => at === 0 || price <= (shown[at - 1] ?? 0));
  });
});

it('shows what was changed meanwhile as soon as the server is back', async () => {
  await stage.demo.resume(5);
  const back = performance.now();
  await stage.window.hasState('fresh');
  const took = performance.now() - back;
  console.log(`fresh again ${Math.round(took)} ms after the server was back (to reach: 2000)`);

  const now = await stage.demo.products();
  const changed = now.filter(
    (product) => before.find(({ id }) => id === product.id)?.version !== product.version,
  );
  expect(changed).toHaveLength(5);
  for (const { id, name } of changed) {
    await stage.window.wasMarked(id);
    await stage.window.hasName(id, name);
  }
  expect(took).toBeLessThan(15_000);
});
