/**
 * The stock client (laravel-echo with pusher-js) against our server, and ours beside it: the same script, the
 * same callbacks, the same order, the same payloads.
 */
import { type Server, startBrowser, startServer } from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, type Played, play } from './play.js';
import { SCRIPT } from './script.js';
import { APPLICATIONS } from './script-rules.js';

let browser: Browser;
let server: Server;
const played: Partial<Record<Client, Played[]>> = {};

beforeAll(async () => {
  browser = await startBrowser();
  server = await startServer({}, undefined, APPLICATIONS);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const steps = SCRIPT.map((step, index) => ({ ...step, index }));

describe('laravel-echo with pusher-js against our server', () => {
  beforeAll(async () => {
    played.stock = await play('stock', browser, server);
  });

  it.each(steps)('$name', ({ index, logs }) => {
    const step = played.stock?.[index];
    expect(step?.trouble).toBeUndefined();
    expect([step?.first.length, step?.second.length]).toEqual(logs);
  });
});

describe.each(['echolite', 'stock-on-echolite'] as const)('%s does what the stock client did', (client) => {
  beforeAll(async () => {
    // Who was there is missed only after a while, and rooms are small.
    await server.restart();
    played[client] = await play(client, browser, server);
  });

  it.each(steps.filter(({ notYet }) => !notYet))('$name', ({ index }) => {
    expect(played[client]?.[index]).toEqual(played.stock?.[index]);
  });

  it.skip.each(steps.filter(({ notYet }) => notYet))('$name: $notYet are not offered yet', () => {});
});
