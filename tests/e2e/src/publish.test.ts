/** Events published from elsewhere: our command line, and Pusher's SDK. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { serverProgram } from '@echolite/test-support';
import Pusher from 'pusher';
import { expect, it } from 'vitest';
import { windowForFile } from './stage.js';

/** As demo/README.md names it. */
const APP = { id: 'demo', key: 'demo-key', secret: 'demo-secret' };

const stage = windowForFile();

/** The event that the demo itself would send for that row under another name. */
async function event(id: number, name: string) {
  const row = await stage.demo.product(id);
  const renamed = { ...row, name, version: row.version + 1_000 };
  return { id, client_refresh: renamed };
}

it('`echolite trigger` changes a row', async () => {
  const data = JSON.stringify(await event(1, 'By the command line'));
  const words = [
    'trigger',
    '--channel',
    'private-cache-products',
    '--event',
    'ProductChanged',
    '--data',
    data,
  ];
  const env = {
    ...process.env,
    REVERB_APP_ID: APP.id,
    REVERB_APP_KEY: APP.key,
    REVERB_APP_SECRET: APP.secret,
    REVERB_HOST: '127.0.0.1',
    REVERB_PORT: String(stage.demo.port),
    REVERB_SCHEME: 'http',
  };
  await promisify(execFile)(serverProgram(), words, { env });
  await stage.window.hasName(1, 'By the command line');
});

it("Pusher's SDK changes a row", async () => {
  const { id: appId, key, secret } = APP;
  const sdk = new Pusher({
    appId,
    key,
    secret,
    host: '127.0.0.1',
    port: String(stage.demo.port),
    useTLS: false,
  });
  const response = await sdk.trigger(
    'private-cache-products',
    'ProductChanged',
    await event(2, 'By the SDK'),
  );
  expect(response.status).toBe(200);
  await stage.window.hasName(2, 'By the SDK');
  await stage.window.wasMarked(2);
});
