/** Laravel's own broadcasting code (Debian's package) against our server; `php/laravel.php` asks it. */
import { readFile } from 'node:fs/promises';
import { APP, repository, type Server, startServer } from '@echolite/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { php } from './run-script.js';
import { Subscriber } from './subscriber.js';

interface Triggered {
  name: string;
  channels: string[];
  event: string;
  data: string;
  socket_id?: string;
}

interface Laravel {
  authorized: ({ auth: string; channel_data?: string } | null)[];
  events: Triggered[];
}

const JOINED = ['private-orders.3', 'private-App.Models.User.7', 'presence-room'];
const FORBIDDEN = ['private-orders.4', 'private-unknown'];
const golden: { cases: Triggered[] } = JSON.parse(
  await readFile(repository('tests/fixtures/laravel-events.json'), 'utf8'),
);

let server: Server;
let subscriber: Subscriber;
let laravel: Laravel;

beforeAll(async () => {
  server = await startServer();
  subscriber = await Subscriber.connect(server.port, APP.key);
  await subscriber.subscribe({ channel: 'orders' });
  const socket_id = subscriber.socketId;
  const authorize = [...JOINED, ...FORBIDDEN].map((channel_name) => ({ channel_name, socket_id }));
  laravel = (await php('laravel.php', { key: APP.key, secret: APP.secret, authorize })) as Laravel;
});

afterAll(async () => {
  subscriber?.close();
  await server?.stop();
});

describe('authorisations that Laravel answers', () => {
  it.each(JOINED.filter((name) => name.startsWith('private-')))('let join %s', async (channel) => {
    const signed = laravel.authorized[JOINED.indexOf(channel)];
    expect(signed).toEqual(server.sdk.authorizeChannel(subscriber.socketId, channel));
    await subscriber.subscribe({ channel, ...signed });
  });

  it('let join a presence channel', async () => {
    const signed = laravel.authorized[JOINED.indexOf('presence-room')];
    const { presence } = JSON.parse(await subscriber.subscribe({ channel: 'presence-room', ...signed }));
    const member = { id: 7, name: 'Änn/世界' };
    expect(presence).toEqual({ ids: ['7'], hash: { 7: member }, count: 1 });
  });

  it('are refused where routes/channels.php says so', () => {
    expect(laravel.authorized.slice(JOINED.length)).toEqual(FORBIDDEN.map(() => null));
  });
});

describe('events that Laravel broadcasts', () => {
  it('are what the fixture has', () => {
    expect(laravel.events).toEqual(golden.cases);
  });

  it.each(golden.cases)('reach subscribers as they are: $name', async (triggered) => {
    const { channels, event, data, socket_id } = triggered;
    await server.sdk.trigger(channels, event, data, socket_id ? { socket_id } : {});
    const frames = [];
    for (const _ of channels) frames.push(await subscriber.next(event));
    const expected = channels.map((channel) => ({ event, channel, data }));
    expect(frames).toEqual(expect.arrayContaining(expected));
  });
});
