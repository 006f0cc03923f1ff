/** What an event leads to, for each reaction and each thing that an event may carry, counted in requests. */
import { startBrowser } from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Carries, Demo } from './demo.js';
import { Window } from './window.js';

type Reaction = 'auto' | 'patch' | 'url' | 'refresh';

const LIST = '/api/products';
const ROW = '/api/products/4';

/** The table of the demo's README: the requests that one event leads to. */
const EXPECTED: Record<Reaction, Record<Carries, string[]>> = {
  auto: { row: [], url: [ROW], id: [LIST] },
  patch: { row: [], url: [LIST], id: [LIST] },
  url: { row: [ROW], url: [ROW], id: [LIST] },
  refresh: { row: [LIST], url: [LIST], id: [LIST] },
};

let browser: Browser;
let demo: Demo;
let window: Window;

beforeAll(async () => {
  browser = await startBrowser();
  demo = await Demo.start();
  window = await Window.fresh(await browser.newContext(), demo);
});
afterAll(async () => {
  await browser?.close();
  await demo?.end();
});

describe.each(Object.keys(EXPECTED) as Reaction[])('reaction %s', (reaction) => {
  it.each(['row', 'url', 'id'] as Carries[])('to an event that carries the %s', async (carries) => {
    await window.choose('reaction', reaction);
    await window.hasState('fresh');
    window.answers.length = 0;
    const name = `${reaction} ${carries}`;
    await demo.change(4, { name }, carries);
    await window.hasName(4, name);
    await window.hasState('fresh');
    expect(window.answers.map(({ path }) => path)).toEqual(EXPECTED[reaction][carries]);
  });
});
