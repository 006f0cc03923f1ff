/** Events published from elsewhere: our command line, and Pusher's SDK. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { serverProgram, startBrowser } from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import Pusher from 'pusher';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Demo } from './demo.js';
import { Window } from './window.js';

/** As demo/README.md names it. */
const APP = { id: 'demo', key: 'demo-key', secret: 'demo-secret' };

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

/** The event that the demo itself would send for that row under another name. */
async function event(id: number, name: string) {
  const row = await demo.product(id);
  const renamed = { ...row, name, version: row.version + 1_000 };
  return { id, client_refresh: renamed };
}

it('`echolite trigger` changes a row', async () => {
  const data = JSON.stringify(await event(1, 'By the command line'));
  const words = ['trigger', '--channel', 'private-products', '--event', 'ProductChanged', '--data', data];
  const env = {
    ...process.env,
    REVERB_APP_ID: APP.id,
    REVERB_APP_KEY: APP.key,
    REVERB_APP_SECRET: APP.secret,
    REVERB_HOST: '127.0.0.1',
    REVERB_PORT: String(demo.port),
    REVERB_SCHEME: 'http',
  };
  await promisify(execFile)(serverProgram(), words, { env });
  await window.hasName(1, 'By the command line');
});

it("Pusher's SDK changes a row", async () => {
  const { id: appId, key, secret } = APP;
  const sdk = new Pusher({ appId, key, secret, host: '127.0.0.1', port: String(demo.port), useTLS: false });
  const response = await sdk.trigger('private-products', 'ProductChanged', await event(2, 'By the SDK'));
  expect(response.status).toBe(200);
  await window.hasName(2, 'By the SDK');
  await window.isMarked(2);
});
