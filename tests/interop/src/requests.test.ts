/**
 * What our `Broadcaster` asks of a Pusher-compatible server, beside what Pusher's SDK for Node asks for the same event:
 * the same bytes. Pusher's own service cannot be had in a test; that it would be asked is seen at a proxy.
 */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { APP } from '@echolite/test-support';
import Pusher from 'pusher';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { broadcast } from './broadcast.js';
import { type Listening, listen } from './listen.js';

interface Asked {
  method: string | undefined;
  path: string;
  query: [name: string, value: string][];
  type: string | undefined;
  body: string;
}

const AWKWARD = {
  zulu: 'Grüße, 世界 🚚 "quoted" \\ / \u2028 \b\f\n\r\t\u0001',
  alpha: [1, 0.1, -0.5, 1e21, 9007199254740991, null, true],
  empty: { object: {}, list: [] },
};

let recorder: Listening;
let sdk: Pusher;
let port: number;
let asked: Asked[] = [];

async function record(request: IncomingMessage): Promise<void> {
  const url = new URL(request.url ?? '', 'http://server');
  asked.push({
    method: request.method,
    path: url.pathname,
    query: [...url.searchParams],
    type: request.headers['content-type'],
    body: await text(request),
  });
}

beforeAll(async () => {
  recorder = await listen(async (request, response) => {
    await record(request);
    response.setHeader('content-type', 'application/json').end('{}');
  });
  port = Number(new URL(recorder.url).port);
  const { id: appId, key, secret } = APP;
  sdk = new Pusher({ appId, key, secret, host: '127.0.0.1', port: String(port), useTLS: false });
});

afterAll(() => recorder?.close());

beforeEach(() => {
  asked = [];
});

/** The request without what depends on the time; that is checked by itself. */
function timeless({ query, ...request }: Asked) {
  const isOfTime = (name: string) => name === 'auth_timestamp' || name === 'auth_signature';
  return {
    ...request,
    names: query.map(([name]) => name),
    query: query.filter(([name]) => !isOfTime(name)),
  };
}

function expectSignature({ method, path, query }: Asked): void {
  const values = Object.fromEntries(query);
  expect(Math.abs(Number(values.auth_timestamp) - Date.now() / 1000)).toBeLessThan(60);
  const signed = query.filter(([name]) => name !== 'auth_signature').map((pair) => pair.join('='));
  const hmac = createHmac('sha256', APP.secret).update(`${method}\n${path}\n${signed.join('&')}`);
  expect(values.auth_signature).toBe(hmac.digest('hex'));
}

describe('an event', () => {
  const others = ['--socket-id', '123.456'];
  it.each([
    ['of awkward values', ['orders'], AWKWARD, undefined, []],
    ['that is a number', ['orders'], 42, undefined, []],
    ['to several channels', ['orders', 'private-chat', 'presence-room'], { id: 1 }, undefined, []],
    ['to others', ['private-chat'], { id: 1 }, { socket_id: '123.456' }, others],
  ])('%s', async (_, channels, data, params, words) => {
    const name = 'App\\Events\\OrderShipped';
    await sdk.trigger(channels, name, data, params);
    const [first = '', ...rest] = channels;
    const more = rest.flatMap((channel) => ['--channel', channel]);
    await broadcast({ port }, first, name, data, [...more, ...words]);
    const [theirs, ours] = asked as [Asked, Asked];
    expect(timeless(ours)).toEqual(timeless(theirs));
    expectSignature(theirs);
    expectSignature(ours);
  });
});

it("goes to Pusher's own service where a cluster is named", async () => {
  const proxy = createServer();
  const wanted: (string | undefined)[] = [];
  proxy.on('connect', ({ url }, socket) => {
    wanted.push(url);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  try {
    const { port } = proxy.address() as AddressInfo;
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const sent = broadcast({ cluster: 'eu', env }, 'orders', 'E', {});
    await expect(sent).rejects.toThrow('https://api-eu.pusher.com/apps/1001/events cannot be reached');
    const { config } = new Pusher({
      appId: '1',
      key: 'k',
      secret: 's',
      cluster: 'eu',
      useTLS: true,
    }) as never as {
      config: { scheme: string; host: string; port?: number };
    };
    expect(config.scheme).toBe('https');
    expect(wanted).toEqual([`${config.host}:${config.port ?? 443}`]);
  } finally {
    proxy.close();
  }
});
