/**
 * What a page misses while its socket is cut, in Chromium, against the real server: listeners hear it in order and
 * once, and lists are right again without a read, after a reconnect and after a reload.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  APP,
  freePort,
  type Page,
  type Running,
  repository,
  type Site,
  serverProgram,
  start,
  startBrowser,
  startSite,
  stored,
  until,
} from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import Pusher from 'pusher';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Wire } from './wire.js';

const CONFIG = `
[[apps]]
app_id = "${APP.id}"
key = "${APP.key}"
secret = "${APP.secret}"

[[apps.history]]
channels = ["private-*"]
`;

/** The page: two Echos, of which one recovers, and a cache; each made when it is asked for. */
const PAGE = `
import Echo, { createCache } from '/echolite/index.js';

const options = (port) => ({
  broadcaster: 'reverb', key: '${APP.key}', wsHost: '127.0.0.1', wsPort: port, forceTLS: false,
  enabledTransports: ['ws'],
});

globalThis.listen = (name, port, recover) => {
  const heard = [];
  const echo = new Echo({ ...options(port), recover });
  const channel = echo.private('news');
  channel.listen('.Said', ({ n }, metadata) => heard.push(metadata?.recovered ? [n, 'recovered'] : [n]));
  globalThis[name] = { heard, joined: () => echo.connector.pusher.channel('private-news').subscribed };
};

globalThis.cacheProducts = (port) => {
  // each read is counted: none is to be a poll, however long this machine takes
  const cache = createCache({ ...options(port), scope: 7, pollInterval: 600_000 });
  const products = cache.resource('products', {
    url: '/api/products', version: 'v', strict: true, channel: 'private:products', on: { ProductChanged: 'auto' },
    belongs: 'all',
  });
  const shown = { rows: [], states: [] };
  products.live().subscribe(({ rows, status }) => {
    Object.assign(shown, { rows, state: status.state, asOf: status.asOf });
    if (shown.states.at(-1) !== status.state) shown.states.push(status.state);
  });
  globalThis.products = { shown, facts: async () => (await cache.inspect()).resources.products };
};

globalThis.isReady = true;
`;

interface Shown {
  rows: { id: number; v: number }[];
  state: string;
  states: string[];
  asOf: number;
}
interface Listener {
  heard: [n: number, recovered?: 'recovered'][];
  joined(): boolean;
}
interface Facts {
  facts: string[];
  /** Of each channel the position that the rows include, as `epoch;offset`. */
  positions: Record<string, { rows: string | null }>;
}
declare const listen: (name: string, port: number, recover?: boolean) => void;
declare const cacheProducts: (port: number) => void;
declare const products: { shown: Shown; facts(): Promise<Facts> };
declare const echo: Listener;
declare const other: Listener;

let folder: string;
let port: number;
let server: Running;
let sdk: Pusher;
let site: Site;
let wire: Wire;
let wirePort: number;
let browser: Browser;
let page: Page;
/** The validators that reads of the list came with. */
let reads: (string | undefined)[];
let list: { id: number; v: number }[];

const startServer = () =>
  start(serverProgram(), {
    arguments: ['start', '--config', 'echolite.toml', '--host', '127.0.0.1', '--port', String(port)],
    cwd: folder,
    port,
  });

beforeAll(async () => {
  port = await freePort();
  folder = await mkdtemp(join(tmpdir(), 'echolite-recovery-'));
  await writeFile(join(folder, 'echolite.toml'), CONFIG);
  server = await startServer();
  const { id: appId, key, secret } = APP;
  sdk = new Pusher({ appId, key, secret, host: '127.0.0.1', port: String(port), useTLS: false });
  wire = new Wire(port);
  wirePort = await wire.listen();
  site = await startSite({
    files: {
      '/': '<!doctype html><meta charset="utf-8"><title>recovery</title><script type="module" src="/page.js"></script>',
      '/page.js': PAGE,
    },
    folders: { '/echolite/': repository('npm/dist') },
    sdk,
  });
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
  await wire?.close();
  await server?.stop();
  if (folder) await rm(folder, { recursive: true });
});

async function open(): Promise<void> {
  await page.goto(site.url);
  await page.waitForFunction('globalThis.isReady');
}

beforeEach(async () => {
  reads = [];
  list = [1, 2].map((id) => ({ id, v: 1 }));
  page = await browser.newPage();
  page.on('pageerror', (error) => console.error(`page: ${error.message}`));
  await page.route('**/api/products', (route) => {
    const validator = route.request().headers()['if-none-match'];
    const etag = `"${list.map(({ v }) => v).join('-')}"`;
    reads.push(validator);
    if (validator === etag) return route.fulfill({ status: 304, headers: { etag } });
    return route.fulfill({ json: list, headers: { etag } });
  });
  await open();
  return () => page.close();
});

const shown = () => page.evaluate(() => products.shown);

/** Changes a product as a back end does: the row, then the event that carries it. */
async function change(id: number, v: number): Promise<void> {
  list = list.map((row) => (row.id === id ? { id, v } : row));
  await sdk.trigger('private-products', 'App\\Events\\ProductChanged', { client_refresh: { id, v } });
}

async function fresh(versions: number[]): Promise<Shown> {
  return until(`a fresh list at versions ${versions}`, async () => {
    const now = await shown();
    return now.state === 'fresh' && String(now.rows.map(({ v }) => v)) === String(versions) ? now : undefined;
  });
}

/** Waits until the position of the rows on the screen is stored, and gives its offset. */
async function storedAsPainted(): Promise<number> {
  const channel = 'private-products';
  const position = await until('the position to be stored', async () => {
    const { positions } = await page.evaluate(() => products.facts());
    const there = await stored(page, `echolite:${APP.key}:7`, 'products');
    const painted = positions[channel]?.rows;
    return there?.positions[channel] === painted ? painted : undefined;
  });
  return Number(position.split(';')[1]);
}

/** A list read for the first time: once, or on a slow machine once more where the subscription came late. */
async function cached(): Promise<Shown> {
  await page.evaluate((port) => cacheProducts(port), wirePort);
  const first = await fresh([1, 1]);
  expect([[undefined], [undefined, '"1-1"']]).toContainEqual(reads);
  reads = [];
  return first;
}

describe('listeners', () => {
  it('hear what was missed in order and once, where they ask for it', async () => {
    await page.evaluate((port) => {
      listen('echo', port, true);
      listen('other', port);
    }, wirePort);
    const joined = () => page.evaluate(() => echo.joined() && other.joined());
    const left = () => page.evaluate(() => !echo.joined() && !other.joined());
    const heard = (n: number) =>
      until(`both to hear ${n}`, () =>
        page.evaluate((n) => [echo, other].every(({ heard }) => heard.at(-1)?.[0] === n), n),
      );
    const say = (n: number) => sdk.trigger('private-news', 'Said', { n });
    await until('both to join', joined);
    await say(1);
    await heard(1);
    for (const round of [0, 1]) {
      wire.cut();
      await until('both to notice', left);
      for (const n of [2, 3, 4]) await say(10 * round + n);
      wire.mend();
      await until('both to join again', joined);
      await say(10 * round + 5);
      await heard(10 * round + 5);
    }
    const missed = (n: number) => [n, 'recovered'];
    const all = [[1], missed(2), missed(3), missed(4), [5], missed(12), missed(13), missed(14), [15]];
    expect(await page.evaluate(() => echo.heard)).toEqual(all);
    expect(await page.evaluate(() => other.heard)).toEqual([[1], [5], [15]]);
  });
});

describe('a list', () => {
  it('is right again after a reconnect, without a read', async () => {
    const { asOf } = await cached();
    for (const [first, second] of [
      [2, 1],
      [2, 3],
    ] as const) {
      wire.cut();
      await until('the cut to show', async () => (await shown()).state === 'stale');
      await change(1, first);
      await change(2, second);
      wire.mend();
      expect((await fresh([first, second])).asOf).toBe(asOf);
    }
    await change(1, 4);
    await fresh([4, 3]);
    expect(reads).toEqual([]);
    const { facts, positions } = await page.evaluate(() => products.facts());
    expect(facts).toContain('positions');
    expect(Object.keys(positions)).toEqual(['private-products']);
  });

  it('is right again after a reload, without a read', async () => {
    await cached();
    await change(1, 2);
    await fresh([2, 1]);
    const offset = await storedAsPainted();
    await page.goto('about:blank');
    await change(2, 5);
    await change(1, 6);
    await open();
    await page.evaluate((port) => cacheProducts(port), wirePort);
    const { states } = await fresh([6, 5]);
    expect(states).toEqual(['empty', 'stale', 'fresh']);
    expect(reads).toEqual([]);
    expect(await storedAsPainted()).toBe(offset + 2);
  });

  it('is read once, conditionally, where the server has forgotten', async () => {
    await cached();
    wire.cut();
    await until('the cut to show', async () => (await shown()).state === 'stale');
    await server.stop();
    server = await startServer();
    wire.mend();
    await fresh([1, 1]);
    expect(reads).toEqual(['"1-1"']);
  });
});
