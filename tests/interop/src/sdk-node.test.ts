/** Pusher's SDK for Node against our HTTP API. */
import { createHash, createHmac } from 'node:crypto';
import { APP, type Server, startServer } from '@echolite/test-support';
import Pusher from 'pusher';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Subscriber } from './subscriber.js';

let server: Server;
let subscriber: Subscriber;

beforeAll(async () => {
  server = await startServer();
  subscriber = await Subscriber.connect(server.port, APP.key);
  await subscriber.subscribe({ channel: 'orders' });
});

afterAll(async () => {
  subscriber?.close();
  await server?.stop();
});

function sdk(secret: string): Pusher {
  const { id: appId, key } = APP;
  return new Pusher({ appId, key, secret, host: '127.0.0.1', port: String(server.port), useTLS: false });
}

async function json(response: { json(): Promise<unknown> }): Promise<unknown> {
  return response.json();
}

describe('the Node SDK', () => {
  it('triggers an event', async () => {
    const response = await server.sdk.trigger('orders', 'shipped', { id: 1 });
    expect(response.status).toBe(200);
    expect(await json(response)).toEqual({});
    expect(await subscriber.next('shipped')).toEqual({
      channel: 'orders',
      event: 'shipped',
      data: '{"id":1}',
    });
  });

  it('triggers a batch, in order', async () => {
    const response = await server.sdk.triggerBatch([
      { channel: 'orders', name: 'a', data: { n: 1 } },
      { channel: 'orders', name: 'b', data: { n: 2 } },
    ]);
    expect(await json(response)).toEqual({ batch: {} });
    expect((await subscriber.next('a')).data).toBe('{"n":1}');
    expect((await subscriber.next('b')).data).toBe('{"n":2}');
  });

  it('lists channels', async () => {
    const response = await server.sdk.get({ path: '/channels', params: { filter_by_prefix: 'ord' } });
    expect(await json(response)).toEqual({ channels: { orders: {} } });
    const none = await server.sdk.get({ path: '/channels', params: { filter_by_prefix: 'nothing' } });
    expect(await json(none)).toEqual({ channels: {} });
  });

  it('reads one channel', async () => {
    const response = await server.sdk.get({
      path: '/channels/orders',
      params: { info: 'subscription_count' },
    });
    expect(await json(response)).toEqual({ occupied: true, subscription_count: 1 });
    const empty = await server.sdk.get({ path: '/channels/empty' });
    expect(await json(empty)).toEqual({ occupied: false });
  });

  it('signs a private channel that the server accepts', async () => {
    const { auth } = server.sdk.authorizeChannel(subscriber.socketId, 'private-chat');
    await subscriber.subscribe({ channel: 'private-chat', auth });
  });

  it('signs a presence channel that the server accepts', async () => {
    const member = { user_id: '7', user_info: { name: 'Ann' } };
    const signed = server.sdk.authorizeChannel(subscriber.socketId, 'presence-room', member);
    const { presence } = JSON.parse(await subscriber.subscribe({ channel: 'presence-room', ...signed }));
    expect(presence).toEqual({ ids: ['7'], hash: { 7: { name: 'Ann' } }, count: 1 });
    const users = await server.sdk.get({ path: '/channels/presence-room/users' });
    expect(await json(users)).toEqual({ users: [{ id: '7' }] });
  });

  it('is told counts and last events, with a trigger too', async () => {
    const { sdk } = server;
    const counted = await sdk.trigger('orders', 'shipped', {}, { info: 'subscription_count' });
    expect(await json(counted)).toEqual({ channels: { orders: { subscription_count: 1 } } });
    const several = await sdk.triggerBatch([
      { channel: 'orders', name: 'a', data: {}, info: 'subscription_count' },
      { channel: 'presence-room', name: 'b', data: {}, info: 'user_count' },
    ]);
    expect(await json(several)).toEqual({ batch: [{ subscription_count: 1 }, { user_count: 1 }] });
    const rooms = { filter_by_prefix: 'presence-', info: 'user_count' };
    const listed = await sdk.get({ path: '/channels', params: rooms });
    expect(await json(listed)).toEqual({ channels: { 'presence-room': { user_count: 1 } } });
    await subscriber.subscribe({ channel: 'cache-news' });
    await sdk.trigger('cache-news', 'printed', { page: 1 });
    const cached = await sdk.get({ path: '/channels/cache-news', params: { info: 'cache' } });
    expect(await json(cached)).toEqual({ occupied: true, cache: '{"page":1}' });
    expect(await json(await sdk.get({ path: '/connections' }))).toEqual({ connections: 1 });
  });

  it('refuses a signature for another socket', async () => {
    const { auth } = server.sdk.authorizeChannel('1.1', 'private-other');
    subscriber.send('pusher:subscribe', { channel: 'private-other', auth });
    const refused = await subscriber.next('pusher:subscription_error');
    expect(refused.channel).toBe('private-other');
  });

  it('is refused with a wrong secret', async () => {
    const refused = await sdk('wrong')
      .trigger('orders', 'shipped', {})
      .catch((error) => error);
    expect(refused.status).toBe(401);
  });

  it('ends the connections of a signed-in user', async () => {
    const other = await Subscriber.connect(server.port, APP.key);
    const signed = server.sdk.authenticateUser(other.socketId, { id: '42' });
    other.send('pusher:signin', signed);
    await other.next('pusher:signin_success');
    await server.sdk.terminateUserConnections('42');
    expect(await other.closed).toBe(4009);
  });
});

describe('requests that no SDK makes', () => {
  function signed(timestamp: number, body: string): string {
    const md5 = createHash('md5').update(body).digest('hex');
    const query = `auth_key=${APP.key}&auth_timestamp=${timestamp}&auth_version=1.0&body_md5=${md5}`;
    const text = `POST\n/apps/${APP.id}/events\n${query}`;
    const signature = createHmac('sha256', APP.secret).update(text).digest('hex');
    return `http://127.0.0.1:${server.port}/apps/${APP.id}/events?${query}&auth_signature=${signature}`;
  }

  const post = (url: string, body: string) =>
    fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  const now = () => Math.floor(Date.now() / 1000);
  const body = JSON.stringify({ name: 'shipped', channel: 'orders', data: '{}' });

  it('a timestamp of eleven minutes ago is 401', async () => {
    expect((await post(signed(now(), body), body)).status).toBe(200);
    expect((await post(signed(now() - 660, body), body)).status).toBe(401);
  });

  it('another body than the one signed is 401', async () => {
    expect((await post(signed(now(), body), body.replace('orders', 'others'))).status).toBe(401);
  });

  it('a body that is no JSON is refused, not a fault of the server', async () => {
    expect([400, 422]).toContain((await post(signed(now(), '{'), '{')).status);
  });

  it('an unknown application is 404', async () => {
    const url = signed(now(), body).replace(`/apps/${APP.id}/`, '/apps/nobody/');
    expect((await post(url, body)).status).toBe(404);
  });
});
