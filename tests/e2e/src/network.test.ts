/** A network that refuses WebSockets: the list goes on by polling, says so, and comes back to the socket. */
import { startBrowser, until } from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Demo } from './demo.js';
import { Window } from './window.js';

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

it('polls, by conditional requests, and says so', async () => {
  await demo.network('blocked');
  await window.hasReason('polling', 30_000);
  window.answers.length = 0;
  await until('two polls', () => window.answers.length >= 2, 30_000);
  expect(window.answers.slice(0, 2)).toEqual([
    { path: '/api/products', status: 304 },
    { path: '/api/products', status: 304 },
  ]);
});

it('shows by the next poll what was changed', async () => {
  await demo.change(2, { name: 'Seen by a poll' });
  await window.hasName(2, 'Seen by a poll', 20_000);
});

it('goes back to the socket when the network allows it', async () => {
  await demo.network('open');
  await window.hasState('fresh', 60_000);
  const { connection } = await window.status();
  expect(connection).toBe('connected');
  window.answers.length = 0;
  await demo.change(2, { name: 'Seen by the socket' });
  await window.hasName(2, 'Seen by the socket');
  expect(window.answers).toEqual([]);
});
