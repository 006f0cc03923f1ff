/** Many channels authorised in one request, by the routes of our own back end: the example with tokens. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  bundle,
  freePort,
  type Page,
  type Running,
  repository,
  start,
  startBrowser,
  until,
} from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Listening, listen } from './listen.js';
import type { BatchPage } from './page-batch.js';

const CHANNELS = 51; // fifty rooms, and the user's own channel
const HTML = `<!doctype html><meta charset="utf-8"><title>batch</title>
<script type="importmap">{"imports":{"echolite":"/echolite/index.js"}}</script>
<script type="module" src="/page.js"></script>`;
const TYPES: Record<string, string> = { wasm: 'application/wasm', js: 'text/javascript' };

declare const page: BatchPage;

let browser: Browser;
let front: Listening;
let port: number;
let backEnd: Running;
let token: string;
/** The authorisation requests so far, as they were sent. */
let requests: string[] = [];

beforeAll(async () => {
  browser = await startBrowser();
  port = await freePort();
  backEnd = await startBackEnd();
  const script = await bundle(repository('tests/interop/src/page-batch.ts'), ['echolite']);
  front = await listen((request, response) => answer(script, request, response));
  token = await logIn();
});

afterAll(async () => {
  await browser?.close();
  await front?.close();
  await backEnd?.stop();
});

beforeEach(() => {
  requests = [];
});

function startBackEnd(): Promise<Running> {
  const program = repository('target/debug/examples/jwt');
  if (!existsSync(program)) {
    throw new Error(`${program} is missing; \`cargo build -p echolite-server --example jwt\` makes it`);
  }
  // The token of before a restart is good after it.
  return start(program, { port, env: { JWT_SECRET: 'interop', ADDRESS: `127.0.0.1:${port}` } });
}

async function logIn(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'zoe', password: 'sesame' }),
  });
  return ((await response.json()) as { token: string }).token;
}

/** The page's own origin, which passes authorisation requests on and remembers them. */
async function answer(script: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://front').pathname;
  if (path === '/broadcasting/auth') {
    const body = await text(request);
    requests.push(body);
    const { authorization = '', 'content-type': type = '' } = request.headers;
    const headers = { authorization, 'content-type': type };
    const init = { method: 'POST', headers, body };
    const answered = await fetch(`http://127.0.0.1:${port}${path}`, init).catch(() => undefined);
    response.writeHead(answered?.status ?? 502, { 'content-type': 'application/json' });
    response.end(await answered?.text());
  } else if (path.startsWith('/echolite/')) {
    const file = await readFile(join(repository('npm/dist'), path.slice('/echolite/'.length)));
    response.setHeader('content-type', TYPES[path.split('.').pop() ?? ''] ?? 'text/plain').end(file);
  } else {
    response.setHeader('content-type', path === '/' ? 'text/html' : 'text/javascript');
    response.end(path === '/' ? HTML : script);
  }
}

async function open(batch: boolean): Promise<Page> {
  const opened = await browser.newPage();
  await opened.goto(front.url);
  await opened.waitForFunction('globalThis.page');
  await opened.evaluate((settings) => page.begin(settings), { port, token, batch });
  return opened;
}

function allJoined(opened: Page): Promise<unknown> {
  const joined = async () => (await opened.evaluate(() => page.joined.size)) === CHANNELS;
  return until(`${CHANNELS} channels to be joined`, joined, 30_000);
}

it('asks for fifty channels in one request, and again in one after the server restarted', async () => {
  const opened = await open(true);
  await allJoined(opened);
  expect(requests.length).toBe(1);
  const { channels } = JSON.parse(requests[0] ?? '') as { channels: string[] };
  expect(channels.length).toBe(CHANNELS + 1);

  await backEnd.stop();
  await until('the page to notice', async () => (await opened.evaluate(() => page.joined.size)) === 0);
  backEnd = await startBackEnd();
  await allJoined(opened);
  expect(requests.length).toBe(2);
  expect(JSON.parse(requests[1] ?? '').channels).toEqual(channels);

  // Another's channel is refused among those that are not.
  const refused = await opened.evaluate(() => page.refused);
  const error = expect.stringContaining('private-user.8');
  expect(refused).toEqual(Array(2).fill(['user.8', { type: 'AuthError', status: 403, error }]));
  await opened.close();
});

it('asks for one channel a request where nobody asked for more', async () => {
  const opened = await open(false);
  await allJoined(opened);
  await until('the request of the channel that is refused', () => requests.length === CHANNELS + 1);
  expect(requests.every((body) => body.startsWith('socket_id='))).toBe(true);
  await opened.close();
});
