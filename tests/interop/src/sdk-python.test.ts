/** Pusher's SDK for Python against our HTTP API; `sdk_python.py` does the calls and prints what came back. */
import { APP, type Server, startServer } from '@echolite/test-support';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { python } from './run-script.js';
import { Subscriber } from './subscriber.js';

let server: Server;
let subscriber: Subscriber;
let answers: Record<string, unknown>;

beforeAll(async () => {
  server = await startServer();
  subscriber = await Subscriber.connect(server.port, APP.key);
  await subscriber.subscribe({ channel: 'orders' });
  const words = [String(server.port), subscriber.socketId];
  answers = (await python('sdk_python.py', words)) as Record<string, unknown>;
});

afterAll(async () => {
  subscriber?.close();
  await server?.stop();
});

it('triggers an event', async () => {
  expect(answers.trigger).toEqual({});
  expect((await subscriber.next('shipped')).data).toBe('{"id": 1}');
});

it('triggers a batch, in order', async () => {
  expect(answers.batch).toEqual({ batch: {} });
  expect((await subscriber.next('a')).data).toBe('{"n": 1}');
  expect((await subscriber.next('b')).data).toBe('{"n": 2}');
});

it('lists and reads channels', () => {
  expect(answers.channels).toEqual({ channels: { orders: {} } });
  expect(answers.channel).toEqual({ occupied: true, subscription_count: 1 });
});

// Its way to end connections leaves the application out of the path, and is 404 everywhere.
it('reaches a user, and lists users', () => {
  expect(answers.to_one_user).toEqual({});
  expect(answers.users).toEqual({ users: [] });
});

it('is refused with a wrong secret', () => {
  expect(answers.wrong_secret).toBe('PusherForbidden or PusherBadAuth');
});

it('signs a private channel that the server accepts', async () => {
  await subscriber.subscribe({ channel: 'private-chat', ...(answers.auth as { auth: string }) });
});
