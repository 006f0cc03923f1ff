/** Our webhooks, as Pusher's SDKs for Node and Python see them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APP, freePort, type Running, serverProgram, start, until } from '@echolite/test-support';
import Pusher from 'pusher';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HookReceiver, startReceiver } from './hook-receiver.js';
import { python } from './run-script.js';
import { Subscriber } from './subscriber.js';

const shop = sdk(APP.secret);
const MEMBER = { user_id: '7', user_info: { name: 'Grüße, 世界' } };

let folder: string;
let receiver: HookReceiver;
let server: Running;
let subscriber: Subscriber;

beforeAll(async () => {
  receiver = await startReceiver();
  const port = await freePort();
  folder = await mkdtemp(join(tmpdir(), 'echolite-webhooks-'));
  await writeFile(join(folder, 'echolite.toml'), config(receiver.url));
  server = await start(serverProgram(), {
    arguments: ['start', '--config', 'echolite.toml', '--host', '127.0.0.1', '--port', String(port)],
    cwd: folder,
    port,
  });
  subscriber = await Subscriber.connect(port, APP.key);
});

afterAll(async () => {
  subscriber?.close();
  await server?.stop();
  await receiver?.close();
  if (folder) await rm(folder, { recursive: true });
});

/** It only signs and verifies; where the server is does not matter. */
function sdk(secret: string): Pusher {
  return new Pusher({ appId: APP.id, key: APP.key, secret, host: '127.0.0.1' });
}

function config(url: string): string {
  return `
[[apps]]
app_id = "${APP.id}"
key = "${APP.key}"
secret = "${APP.secret}"
presence_grace = 0

[[apps.webhooks]]
url = "${url}"
events = [
  "channel_occupied", "channel_vacated", "member_added", "member_removed", "client_event", "cache_miss",
]
`;
}

type Told = { name: string; channel: string; [about: string]: unknown };

/** All that the requests told so far; each must be one that the SDK takes for genuine. */
function told(): Told[] {
  return receiver.requests.flatMap((request) => {
    const hook = shop.webhook(request);
    if (!hook.isValid()) throw new Error(`not valid: ${request.rawBody}`);
    return hook.getEvents() as unknown as Told[];
  });
}

async function tells(...events: Told[]): Promise<void> {
  const names = events.map(({ name, channel }) => `${name} of ${channel}`).join(', ');
  const found = ({ name, channel }: Told) =>
    told().some((event) => event.name === name && event.channel === channel);
  await until(`the webhooks ${names}`, () => events.every(found));
  for (const event of events) expect(told()).toContainEqual(event);
}

it('tells that a channel is occupied and vacated', async () => {
  await subscriber.subscribe({ channel: 'orders' });
  await tells({ name: 'channel_occupied', channel: 'orders' });
  subscriber.send('pusher:unsubscribe', { channel: 'orders' });
  await tells({ name: 'channel_vacated', channel: 'orders' });
});

it('tells that a member is added and removed', async () => {
  const channel = 'presence-room';
  const signed = shop.authorizeChannel(subscriber.socketId, channel, MEMBER);
  await subscriber.subscribe({ channel, ...signed });
  const added = { name: 'member_added', channel, user_id: '7' };
  await tells({ name: 'channel_occupied', channel }, added);
  subscriber.send('pusher:unsubscribe', { channel });
  const removed = { name: 'member_removed', channel, user_id: '7' };
  await tells({ name: 'channel_vacated', channel }, removed);
});

it('tells of a client event', async () => {
  const channel = 'private-chat';
  await subscriber.subscribe({ channel, ...shop.authorizeChannel(subscriber.socketId, channel) });
  subscriber.whisper(channel, 'client-typing', { at: 'Zeile "1" – 世界' });
  const data = '{"at":"Zeile \\"1\\" – 世界"}';
  const socket_id = subscriber.socketId;
  await tells({ name: 'client_event', channel, event: 'client-typing', data, socket_id });
});

it('tells that a cache channel has no event', async () => {
  await subscriber.subscribe({ channel: 'cache-prices' });
  await tells({ name: 'cache_miss', channel: 'cache-prices' });
});

it('tells once', () => {
  const once = told().map(({ name, channel }) => `${name} ${channel}`);
  expect(once).toEqual([...new Set(once)]);
});

it('signs so that another secret or another body is refused', () => {
  const stranger = sdk('wrong');
  expect(receiver.requests).not.toHaveLength(0);
  for (const request of receiver.requests) {
    expect(stranger.webhook(request).isValid()).toBe(false);
    const forged = { ...request, rawBody: request.rawBody.replace('"name"', '"eman"') };
    expect(shop.webhook(forged).isValid()).toBe(false);
  }
});

it('signs so that the Python SDK accepts it, too', async () => {
  const requests = receiver.requests.map(({ headers, rawBody }) => ({
    key: headers['x-pusher-key'],
    signature: headers['x-pusher-signature'],
    body: rawBody,
  }));
  const verdicts = await python('webhooks_python.py', [], requests);
  expect(verdicts).toEqual({
    right: receiver.requests.map(({ rawBody }) => JSON.parse(rawBody)),
    wrong: receiver.requests.map(() => null),
  });
});
