import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Authorizer } from '../../src/auth/authorizer.js';
import type { ChannelAuthorizationHandler, EchoOptions } from '../../src/options/echo-options.js';
import { fillOptions } from '../../src/options/fill-options.js';

const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const json = (body: unknown, init?: ResponseInit) =>
  Promise.resolve(new Response(JSON.stringify(body), init));
const authorizer = (options: Partial<EchoOptions> = {}) =>
  new Authorizer(fillOptions({ broadcaster: 'reverb', key: 'k', ...options }));
const sent = () => fetched.mock.lastCall?.[1] as { headers: Record<string, string>; body: URLSearchParams };

beforeEach(() => {
  fetched.mockReset().mockImplementation(() => json({ auth: 'k:sig' }));
  vi.stubGlobal('fetch', fetched);
  document.head.innerHTML = '';
});

const meta = (token: string) => {
  document.head.innerHTML = `<meta name="csrf-token" content="${token}">`;
};

describe('the request', () => {
  it('is what pusher-js sends', async () => {
    const reply = await authorizer({ auth: { params: { team: '7' } } }).authorize('private-a b', '1.2');
    expect(reply).toEqual({ ok: true, auth: 'k:sig' });
    expect(fetched.mock.lastCall?.[0]).toBe('/broadcasting/auth');
    expect(fetched.mock.lastCall?.[1]).toMatchObject({ method: 'POST', credentials: 'same-origin' });
    expect(String(sent().body)).toBe('socket_id=1.2&channel_name=private-a+b&team=7');
    expect(sent().headers['Content-Type']).toBe('application/x-www-form-urlencoded');
  });

  it('hands channel_data on', async () => {
    fetched.mockImplementation(() => json({ auth: 'k:sig', channel_data: '{"user_id":1}' }));
    expect(await authorizer().authorize('private-a', '1.2')).toEqual({
      ok: true,
      auth: 'k:sig',
      channelData: '{"user_id":1}',
    });
  });

  it('takes the CSRF token from the page, the option, the meta tag, in this order', async () => {
    meta('meta');
    await authorizer().authorize('private-a', '1.2');
    expect(sent().headers['X-CSRF-TOKEN']).toBe('meta');
    await authorizer({ csrfToken: 'option' }).authorize('private-a', '1.2');
    expect(sent().headers['X-CSRF-TOKEN']).toBe('option');
    vi.stubGlobal('Laravel', { csrfToken: 'page' });
    await authorizer({ csrfToken: 'option' }).authorize('private-a', '1.2');
    expect(sent().headers['X-CSRF-TOKEN']).toBe('page');
  });

  it('reads the token anew each time, unless the application put its own among the headers', async () => {
    meta('old');
    const headers: Record<string, string> = {};
    const auth = authorizer({ auth: { headers } });
    expect(headers['X-CSRF-TOKEN']).toBe('old');
    meta('new');
    await auth.authorize('private-a', '1.2');
    expect(sent().headers['X-CSRF-TOKEN']).toBe('new');
    headers['X-CSRF-TOKEN'] = 'own';
    meta('newer');
    await auth.authorize('private-a', '1.2');
    expect(sent().headers['X-CSRF-TOKEN']).toBe('own');
  });

  it('sends the bearer token, and headers changed later', async () => {
    const headers: Record<string, string> = { 'X-Team': '1' };
    const auth = authorizer({ bearerToken: 't', auth: { headers } });
    headers['X-Team'] = '2';
    await auth.authorize('private-a', '1.2');
    expect(sent().headers).toMatchObject({ Authorization: 'Bearer t', 'X-Team': '2' });
  });

  it('follows channelAuthorization', async () => {
    const channelAuthorization = {
      endpoint: '/own/auth',
      params: { a: '1' },
      paramsProvider: () => ({ b: '2' }),
      headersProvider: () => ({ 'X-Now': 'yes' }),
    };
    await authorizer({ channelAuthorization }).authorize('private-a', '1.2');
    expect(fetched.mock.lastCall?.[0]).toBe('/own/auth');
    expect(String(sent().body)).toBe('socket_id=1.2&channel_name=private-a&a=1&b=2');
    expect(sent().headers['X-Now']).toBe('yes');
  });

  const pairs = { A: '1', b: '2' };
  it.each([
    ['an object', pairs],
    ['Headers', new Headers(pairs)],
    ['URLSearchParams', new URLSearchParams(pairs)],
    ['a Map', new Map(Object.entries(pairs))],
    ['FormData', Object.entries(pairs).reduce((form, pair) => (form.set(...pair), form), new FormData())],
  ])('takes headers and parameters out of %s', async (_kind, given) => {
    const all = given as unknown as Record<string, string>;
    const sentBy = async (options: Partial<EchoOptions>) => {
      await authorizer({ csrfToken: 'token', ...options }).authorize('private-a', '1.2');
      const headers = new Headers(sent().headers);
      const params = new Map([...sent().body].map(([name, value]) => [name.toLowerCase(), value]));
      return [
        headers.get('a'),
        headers.get('b'),
        params.get('a'),
        params.get('b'),
        headers.get('X-CSRF-TOKEN'),
      ];
    };
    const expected = ['1', '2', '1', '2'];
    expect(await sentBy({ auth: { headers: all, params: all } })).toEqual([...expected, 'token']);
    expect((await sentBy({ channelAuthorization: { headers: all, params: all } })).slice(0, 4)).toEqual(
      expected,
    );
    const provider = () => all;
    const provided = { headersProvider: provider, paramsProvider: provider };
    expect((await sentBy({ channelAuthorization: provided })).slice(0, 4)).toEqual(expected);
  });

  it.each([
    [async () => pairs, 'a promise'],
    [() => 'Bearer x', '"Bearer x"'],
    [() => ['A', '1'], '["A","1"]'],
    [() => 7, '7'],
    [() => () => pairs, 'a function'],
  ])('says that %o is no provider', async (given, found) => {
    const provider = given as unknown as () => Record<string, string>;
    for (const name of ['headersProvider', 'paramsProvider']) {
      const own = { [name]: provider };
      const expected = `\`${name}\` gave ${found}; expected an object, such as { name: 'value' }`;
      const one = authorizer({ channelAuthorization: own, userAuthentication: own });
      expect(await one.authorize('private-a', '1.2')).toEqual({
        ok: false,
        message: `private-a: ${expected}`,
      });
      expect(await one.authenticate('1.2')).toEqual({ ok: false, message: `Signing in: ${expected}` });
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  it.each([() => null, () => undefined, () => ({})])(
    'takes %o for a provider that has nothing',
    async (given) => {
      const provider = given as unknown as () => Record<string, string>;
      const channelAuthorization = { headersProvider: provider, paramsProvider: provider };
      expect((await authorizer({ channelAuthorization }).authorize('private-a', '1.2')).ok).toBe(true);
    },
  );
});

describe('functions', () => {
  it('asks a customHandler', async () => {
    const reply = await authorizer({
      channelAuthorization: {
        customHandler: ({ socketId, channelName }, callback) =>
          callback(null, { auth: `${socketId} ${channelName}` }),
      },
    }).authorize('private-a', '1.2');
    expect(reply).toEqual({ ok: true, auth: '1.2 private-a' });
    expect(fetched).not.toHaveBeenCalled();
  });

  it('asks an authorizer, and tells what it refused', async () => {
    const auth = authorizer({
      authorizer: (channel, { authEndpoint }) => ({
        authorize: (socketId, callback) =>
          channel.name === 'private-a'
            ? callback(null, { auth: `${socketId} ${authEndpoint}` })
            : callback(Object.assign(new Error('not yours'), { status: 403 })),
      }),
    });
    expect(await auth.authorize('private-a', '1.2')).toEqual({ ok: true, auth: '1.2 /broadcasting/auth' });
    expect(await auth.authorize('private-b', '1.2')).toEqual({
      ok: false,
      status: 403,
      message: 'private-b: the authorizer function refused: not yours',
    });
  });

  // what is refused for good must not be asked for again and again, which the status decides
  const axiosError = Object.assign(new Error('Request failed'), { response: { status: 403 } });
  const ofNow = Object.assign(new Error('Request failed'), { status: 403, response: { status: 500 } });
  it.each<[string, ChannelAuthorizationHandler, string, number | undefined]>([
    ["axios's error", (_, callback) => callback(axiosError), 'Request failed', 403],
    ["axios's error with a status of its own", (_, callback) => callback(ofNow), 'Request failed', 403],
    ['true and an error', (_, callback) => callback(true, axiosError as never), 'Request failed', 403],
    ['true and a text', (_, callback) => callback(true, 'Forbidden' as never), 'Forbidden', undefined],
    ['true alone', (_, callback) => callback(true), 'true', undefined],
    ['true and null', (_, callback) => callback(true, null), 'true', undefined],
    ['a text', (_, callback) => callback('no'), 'no', undefined],
  ])('takes %s for a refusal', async (_kind, customHandler, message, status) => {
    const reply = await authorizer({ channelAuthorization: { customHandler } }).authorize('private-a', '1.2');
    expect(reply).toEqual({
      ok: false,
      message: `private-a: the authorizer function refused: ${message}`,
      ...(status === undefined ? {} : { status }),
    });
  });

  it('reads the status of what an async one rejects with, too', async () => {
    const rejecting = async () => {
      throw axiosError;
    };
    const one = authorizer({
      channelAuthorization: { customHandler: rejecting },
      userAuthentication: { customHandler: rejecting },
    });
    expect(await one.authorize('private-a', '1.2')).toMatchObject({ ok: false, status: 403 });
    expect(await one.authenticate('1.2')).toMatchObject({ ok: false, status: 403 });
  });

  it('takes false for no error, as pusher-js before 7 did', async () => {
    const customHandler: ChannelAuthorizationHandler = (_, callback) => callback(false, { auth: 'k:s' });
    const reply = await authorizer({ channelAuthorization: { customHandler } }).authorize('private-a', '1.2');
    expect(reply).toEqual({ ok: true, auth: 'k:s' });
  });

  it('survives one that throws', async () => {
    const customHandler = () => {
      throw new Error('oops');
    };
    const reply = await authorizer({ channelAuthorization: { customHandler } }).authorize('private-a', '1.2');
    expect(reply).toEqual({ ok: false, message: 'private-a: oops' });
  });

  it('survives an async one that rejects in place of calling back, and one that calls back twice', async () => {
    const ask = (customHandler: ChannelAuthorizationHandler) =>
      authorizer({ channelAuthorization: { customHandler } }).authorize('private-a', '1.2');
    const rejecting = async () => {
      throw new Error('no token');
    };
    expect(await ask(rejecting)).toEqual({ ok: false, message: 'private-a: no token' });
    const twice: ChannelAuthorizationHandler = (_, callback) => {
      callback(null, { auth: 'k:first' });
      callback(new Error('second'));
      throw new Error('third');
    };
    expect(await ask(twice)).toEqual({ ok: true, auth: 'k:first' });
  });

  it('refuses signed data that is no text', async () => {
    const data = { auth: 'k:sig', channel_data: { user_id: 7 } as unknown as string };
    const customHandler: ChannelAuthorizationHandler = (_, callback) => callback(null, data);
    const reply = await authorizer({ channelAuthorization: { customHandler } }).authorize(
      'presence-a',
      '1.2',
    );
    expect(reply).toEqual({
      ok: false,
      status: 200,
      message:
        'presence-a: the authorizer function gave a `channel_data` of type object; expected the JSON text that was signed',
    });
  });
});

describe('encrypted channels', () => {
  it('hands the shared secret on', async () => {
    fetched.mockImplementation(() => json({ auth: 'k:sig', shared_secret: 'c2VjcmV0' }));
    expect(await authorizer().authorize('private-encrypted-a', '1.2')).toEqual({
      ok: true,
      auth: 'k:sig',
      sharedSecret: 'c2VjcmV0',
    });
  });

  it('names the fix where there is none, whoever authorises', async () => {
    const message = expect.stringMatching(
      /^\/broadcasting\/auth answered 200 for private-encrypted-a gave no `shared_secret`.*`encryption_master_key_base64`/,
    );
    expect(await authorizer().authorize('private-encrypted-a', '1.2')).toEqual({
      ok: false,
      status: 200,
      message,
    });
    const customHandler: ChannelAuthorizationHandler = (_, callback) => callback(null, { auth: 'k:sig' });
    const custom = authorizer({ channelAuthorization: { customHandler } });
    expect(await custom.authorize('private-encrypted-a', '1.2')).toMatchObject({ ok: false, status: 200 });
    expect(await custom.authorize('private-a', '1.2')).toMatchObject({ ok: true });
  });
});

describe('refusals name the fix', () => {
  const cases: [name: string, answer: () => Promise<Response>, message: RegExp][] = [
    [
      '401',
      () => json({}, { status: 401 }),
      /^\/broadcasting\/auth answered 401 for private-a: nobody is signed in$/,
    ],
    ['403', () => json({}, { status: 403 }), /routes\/channels.php/],
    [
      '403 that names the channel itself, which is said once',
      () => json({ message: 'private-a: not a member' }, { status: 403 }),
      /auth answered 403: private-a: not a member$/,
    ],
    [
      '403 that says why',
      () => json({ message: 'not a member' }, { status: 403 }),
      /403 for .*: not a member$/,
    ],
    ['404', () => json({}, { status: 404 }), /install:broadcasting/],
    [
      '419',
      () => json({}, { status: 419 }),
      /answered 419 for private-a: the CSRF token is missing or expired; add/,
    ],
    ['500', () => json({}, { status: 500 }), /its log says why/],
    ['nothing', () => Promise.resolve(new Response('')), /BROADCAST_CONNECTION/],
    ['null', () => json(null), /BROADCAST_CONNECTION/],
    ['no auth', () => json({ ok: 1 }), /gave no `auth`/],
    [
      'HTML',
      () => Promise.resolve(new Response('<html>', { headers: { 'Content-Type': 'text/html' } })),
      /answered 200 for private-a with HTML: expected JSON with `auth`; check `authEndpoint`/,
    ],
    [
      'no network',
      () => Promise.reject(new TypeError('Failed to fetch')),
      /could not be reached for private-a/,
    ],
  ];

  it.each(cases)('%s', async (_name, answer, message) => {
    fetched.mockImplementation(answer);
    const reply = await authorizer().authorize('private-a', '1.2');
    expect(reply).toMatchObject({ ok: false, message: expect.stringMatching(message) });
  });

  it('hands Retry-After on, in seconds or as a date', async () => {
    fetched.mockImplementation(() => json({}, { status: 429, headers: { 'Retry-After': '3' } }));
    expect(await authorizer().authorize('private-a', '1.2')).toMatchObject({ status: 429, retryAfter: 3000 });
    const date = new Date(Date.now() + 60_000).toUTCString();
    fetched.mockImplementation(() => json({}, { status: 503, headers: { 'Retry-After': date } }));
    const reply = (await authorizer().authorize('private-a', '1.2')) as { retryAfter: number };
    expect(reply.retryAfter).toBeGreaterThan(50_000);
    expect(reply.retryAfter).toBeLessThanOrEqual(60_000);
  });
});
