/** Many channels in one request, and what becomes of it where the back end knows one a request. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Authorizer } from '../../src/auth/authorizer.js';
import type { EchoOptions } from '../../src/options/echo-options.js';
import { fillOptions } from '../../src/options/fill-options.js';

const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const warned = vi.fn();

const json = (body: unknown, init?: ResponseInit) => new Response(JSON.stringify(body), init);
const authorizer = (options: Partial<EchoOptions> = {}) => {
  const auth = { batch: true, ...options.auth };
  return new Authorizer(fillOptions({ broadcaster: 'reverb', key: 'k', ...options, auth }));
};
const names = (count: number) => Array.from({ length: count }, (_, n) => `private-${n}`);
const isBatch = ({ body }: RequestInit) => typeof body === 'string';
const sent = () =>
  fetched.mock.calls.map(([, { body }]) => (typeof body === 'string' ? JSON.parse(body) : String(body)));

/** Answers as Echolite's own route does. */
const signAll = async (_: string, init: RequestInit) => {
  if (!isBatch(init)) return json({ auth: `k:${(init.body as URLSearchParams).get('channel_name')}` });
  const { channels } = JSON.parse(String(init.body)) as { channels: string[] };
  return json({ channels: Object.fromEntries(channels.map((name) => [name, { auth: `k:${name}` }])) });
};

beforeEach(() => {
  fetched.mockReset().mockImplementation(signAll);
  vi.stubGlobal('fetch', fetched);
  vi.spyOn(console, 'warn').mockImplementation(warned.mockClear());
});

describe('one request', () => {
  it('asks for all channels that are wanted at once, and gives each its own answer', async () => {
    const auth = authorizer();
    const replies = await Promise.all(names(50).map((name) => auth.authorize(name, '1.2')));
    expect(sent()).toEqual([{ socket_id: '1.2', channels: names(50) }]);
    expect(replies).toEqual(names(50).map((name) => ({ ok: true, auth: `k:${name}` })));
  });

  it('is JSON, with the headers and parameters of the options', async () => {
    const auth = authorizer({ auth: { batch: true, headers: { 'X-Team': '1' }, params: { team: '7' } } });
    await Promise.all(names(2).map((name) => auth.authorize(name, '1.2')));
    expect(fetched.mock.lastCall?.[0]).toBe('/broadcasting/auth');
    expect(fetched.mock.lastCall?.[1]).toMatchObject({
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-Team': '1' },
    });
    expect(sent()).toEqual([{ team: '7', socket_id: '1.2', channels: ['private-0', 'private-1'] }]);
  });

  it('is made once a socket, and for a hundred channels at most', async () => {
    const auth = authorizer();
    const wanted = [
      ...names(150).map((name) => [name, '1.2'] as const),
      ['private-x', '3.4'],
      ['private-y', '3.4'],
    ] as const;
    await Promise.all(wanted.map(([name, socketId]) => auth.authorize(name, socketId)));
    expect(sent().map(({ socket_id, channels }) => [socket_id, channels.length])).toEqual([
      ['1.2', 100],
      ['1.2', 50],
      ['3.4', 2],
    ]);
  });

  it('names a channel once that is asked for twice, and answers both', async () => {
    const auth = authorizer();
    const replies = await Promise.all(
      ['private-a', 'private-b', 'private-a'].map((name) => auth.authorize(name, '1.2')),
    );
    expect(sent()).toEqual([{ socket_id: '1.2', channels: ['private-a', 'private-b'] }]);
    expect(replies[2]).toEqual({ ok: true, auth: 'k:private-a' });
  });

  it('has the usual form for one channel', async () => {
    expect(await authorizer().authorize('private-a', '1.2')).toEqual({ ok: true, auth: 'k:private-a' });
    expect(sent()).toEqual(['socket_id=1.2&channel_name=private-a']);
  });

  it('is not made where nobody asked for it, nor where a function authorises', async () => {
    const single = new Authorizer(fillOptions({ broadcaster: 'reverb', key: 'k' }));
    await Promise.all(names(2).map((name) => single.authorize(name, '1.2')));
    expect(sent()).toEqual(['socket_id=1.2&channel_name=private-0', 'socket_id=1.2&channel_name=private-1']);
    fetched.mockClear();
    const custom = authorizer({
      channelAuthorization: {
        customHandler: ({ channelName }, callback) => callback(null, { auth: channelName }),
      },
    });
    await Promise.all(names(2).map((name) => custom.authorize(name, '1.2')));
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe('the answer', () => {
  const ask = async (channels: Record<string, unknown>, wanted = Object.keys(channels)) => {
    fetched.mockResolvedValue(json({ channels }));
    const auth = authorizer();
    return Promise.all(wanted.map((name) => auth.authorize(name, '1.2')));
  };

  it('carries what channels need besides', async () => {
    const member = '{"user_id":7}';
    const replies = await ask({
      'presence-a': { auth: 'k:p', channel_data: member },
      'private-encrypted-a': { auth: 'k:e', shared_secret: 'c2VjcmV0' },
    });
    expect(replies).toEqual([
      { ok: true, auth: 'k:p', channelData: member },
      { ok: true, auth: 'k:e', sharedSecret: 'c2VjcmV0' },
    ]);
  });

  it('refuses single channels, each with its reason', async () => {
    const replies = await ask({
      'private-a': { auth: 'k:a' },
      'private-b': { status: 403, error: 'not yours' },
      'private-c': { status: 401 },
      'private-encrypted-d': { auth: 'k:d' },
      'private-e': null,
    });
    expect(replies).toMatchObject([
      { ok: true, auth: 'k:a' },
      { ok: false, status: 403, message: '/broadcasting/auth answered 403 for private-b: not yours' },
      {
        ok: false,
        status: 401,
        message: '/broadcasting/auth answered 401 for private-c: nobody is signed in',
      },
      { ok: false, status: 200, message: expect.stringContaining('gave no `shared_secret`') },
      { ok: false, status: 200, message: expect.stringContaining('private-e, gave no `auth`') },
    ]);
    expect(warned).not.toHaveBeenCalled();
  });

  it('says of a channel that it forgot that there was nothing', async () => {
    const replies = await ask({ 'private-a': { auth: 'k:a' } }, ['private-a', 'constructor']);
    expect(replies[0]).toEqual({ ok: true, auth: 'k:a' });
    expect(replies[1]).toMatchObject({
      ok: false,
      status: 200,
      message: expect.stringContaining('gave no `auth`'),
    });
  });

  it('fails for all where the request failed, and is asked for together again', async () => {
    const auth = authorizer();
    const ask = () => Promise.all(names(2).map((name) => auth.authorize(name, '1.2')));
    for (const status of [401, 419, 429, 503]) {
      fetched.mockResolvedValueOnce(json({}, { status, headers: { 'Retry-After': '3' } }));
      const expected = {
        ok: false,
        status,
        retryAfter: 3000,
        message: expect.stringContaining(`${status} for 2 channels`),
      };
      expect(await ask()).toEqual([expected, expected]);
    }
    fetched.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    expect((await ask())[1]).toMatchObject({
      ok: false,
      message: expect.stringContaining('could not be reached'),
    });
    expect(await ask()).toEqual([
      { ok: true, auth: 'k:private-0' },
      { ok: true, auth: 'k:private-1' },
    ]);
    expect(warned).not.toHaveBeenCalled();
  });

  it('survives providers that throw', async () => {
    const headersProvider = () => {
      throw new Error('oops');
    };
    const auth = authorizer({ channelAuthorization: { headersProvider } });
    const replies = await Promise.all(names(2).map((name) => auth.authorize(name, '1.2')));
    expect(replies[0]).toEqual({ ok: false, message: '2 channels: oops' });
  });
});

describe('an endpoint that knows one channel a request', () => {
  const answers: [name: string, answer: () => Response][] = [
    ...[400, 403, 404, 405, 415, 422].map(
      (status) => [String(status), () => json({}, { status })] as [string, () => Response],
    ),
    ['200 with something else', () => json({ auth: 'k:?' })],
    ['200 with nothing', () => new Response('')],
  ];

  it.each(answers)('is asked so: %s', async (_, answer) => {
    fetched.mockImplementation(async (url, init) => (isBatch(init) ? answer() : signAll(url, init)));
    const auth = authorizer();
    const ask = () => Promise.all(names(3).map((name) => auth.authorize(name, '1.2')));
    const expected = names(3).map((name) => ({ ok: true, auth: `k:${name}` }));
    expect(await ask()).toEqual(expected);
    expect(await ask()).toEqual(expected);
    expect(fetched.mock.calls.filter(([, init]) => isBatch(init)).length).toBe(1);
    expect(fetched).toHaveBeenCalledTimes(7);
    expect(warned).toHaveBeenCalledTimes(1);
    expect(warned).toHaveBeenCalledWith(
      expect.stringMatching(/^auth\.batch: \/broadcasting\/auth answered .*one by one/),
    );
  });

  it('has six requests to answer at once at most', async () => {
    let [underWay, most] = [0, 0];
    fetched.mockImplementation(async (url, init) => {
      if (isBatch(init)) return json({}, { status: 404 });
      most = Math.max(most, ++underWay);
      await Promise.resolve();
      underWay -= 1;
      return signAll(url, init);
    });
    const auth = authorizer();
    const replies = await Promise.all(names(50).map((name) => auth.authorize(name, '1.2')));
    expect(replies.every(({ ok }) => ok)).toBe(true);
    expect(most).toBe(6);
  });
});
