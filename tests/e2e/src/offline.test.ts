/** The server goes away and comes back. */
import { startBrowser } from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Demo, type Product } from './demo.js';
import { Window } from './window.js';

let browser: Browser;
let demo: Demo;
let window: Window;
let before: Product[];

beforeAll(async () => {
  browser = await startBrowser();
  demo = await Demo.start();
  window = await Window.fresh(await browser.newContext(), demo);
  before = await demo.products();
  await demo.stop();
});
afterAll(async () => {
  await browser?.close();
  await demo?.end();
});

it('says that it is offline', async () => {
  await window.hasState('offline', 20_000);
});

it('searches and sorts without the server', async () => {
  const [first] = before;
  await window.page.locator('#search').fill(first?.name ?? '');
  const found = before.filter(({ name }) => name.toLowerCase().includes((first?.name ?? '').toLowerCase()));
  await window.hasTotal(found.length);
  await window.page.locator('#search').fill('');
  await window.hasTotal(before.length);

  await window.page.locator('#order').selectOption('-price');
  const prices = new Map(before.map(({ id, price }) => [id, price]));
  const painted = (await window.ids()).map((id) => prices.get(id) ?? 0);
  expect(painted).toEqual([...painted].sort((a, b) => b - a));
});

it('shows what was changed meanwhile as soon as the server is back', async () => {
  await demo.resume(5);
  const back = performance.now();
  await window.hasState('fresh', 30_000);
  const took = performance.now() - back;
  console.log(`fresh again ${Math.round(took)} ms after the server was back (to reach: 2000)`);

  const now = await demo.products();
  const changed = now.filter(
    (product) => before.find(({ id }) => id === product.id)?.version !== product.version,
  );
  expect(changed).toHaveLength(5);
  for (const { id, name } of changed) {
    await window.isMarked(id);
    await window.hasName(id, name);
  }
  expect(took).toBeLessThan(15_000);
});
