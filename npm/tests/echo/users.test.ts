import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Echo, type EchoOptions } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { fakePorts, only } from '../support/fake-port.js';

const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const USER = { auth: 'k:sig', user_data: '{"id":"7","name":"Ada"}' };
const json = (body: unknown, init?: ResponseInit) => async () => new Response(JSON.stringify(body), init);

beforeEach(() => {
  fetched.mockReset().mockImplementation(json(USER));
  vi.stubGlobal('fetch', fetched);
});

function setUp(userAuthentication: EchoOptions['userAuthentication'] = {}) {
  const { port, made } = fakePorts();
  const echo = new Echo({ broadcaster: 'reverb', key: 'key', port, userAuthentication, bearerToken: 't' });
  const fake = only(made);
  const connect = () => fake.onevent('connection', 'connected', '', '1.2');
  const lose = () => fake.onevent('connection', 'connecting', 'socket closed', undefined);
  const authenticate = async () => {
    fake.onevent('authenticate', 1, '1.2');
    await eventually(() => expect(fake.named('authenticated')).toHaveLength(1));
    return fake.named('authenticated')[0]?.[2];
  };
  return { pusher: echo.connector.pusher, echo, fake, connect, lose, authenticate };
}

/** Whether a promise is settled by now. */
async function isDone(promise: Promise<unknown> | null): Promise<boolean> {
  const pending = Symbol();
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe('signin', () => {
  it('asks the engine once, and shows who signed in', async () => {
    const { echo, pusher, fake, connect } = setUp();
    const succeeded = vi.fn();
    pusher.bind('pusher:signin_success', succeeded);
    expect(pusher.user).toMatchObject({ signin_requested: false, signinDonePromise: null, user_data: null });
    echo.connector.signin();
    pusher.signin();
    expect(fake.posted).toEqual([['connect'], ['signIn']]);
    connect();
    expect(await isDone(pusher.user.signinDonePromise)).toBe(false);
    fake.onevent('signedIn', USER.user_data);
    await pusher.user.signinDonePromise;
    expect(pusher.user.user_data).toEqual({ id: '7', name: 'Ada' });
    expect(succeeded).toHaveBeenCalledWith({ user_data: USER.user_data });
  });

  it('is over with the connection, and begins anew with the next', async () => {
    const { pusher, fake, connect, lose } = setUp();
    pusher.signin();
    connect();
    const first = pusher.user.signinDonePromise;
    lose();
    expect(await isDone(first)).toBe(true);
    const second = pusher.user.signinDonePromise;
    connect();
    expect(await isDone(second)).toBe(false);
    fake.onevent('signedIn', USER.user_data);
    expect(await isDone(second)).toBe(true);
    lose();
    expect(pusher.user.user_data).toBeNull();
    expect(await isDone(pusher.user.signinDonePromise)).toBe(false);
  });

  it('is not asked for again by a connection that nobody signed in on', async () => {
    const { pusher, fake, connect, lose } = setUp();
    connect();
    lose();
    expect(pusher.user.signinDonePromise).toBeNull();
    fake.onevent('failed', 'no module');
    expect(fake.named('signIn')).toEqual([]);
  });

  it('tells what went wrong, on the console where nobody listens', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { pusher, fake, connect } = setUp();
    pusher.signin();
    connect();
    fake.onevent('signInFailed', 403, 'nobody is signed in');
    await pusher.user.signinDonePromise;
    expect(said).toHaveBeenCalledExactlyOnceWith('The user was not signed in: nobody is signed in');
    const heard = vi.fn();
    pusher.user.bind('pusher:signin_error', heard);
    fake.onevent('signInFailed', 403, 'no');
    fake.onevent('signInFailed', undefined, 'no answer');
    fake.onevent('signedIn', '{"name":"Ada"}');
    expect(heard.mock.calls.map(([error]) => error)).toEqual([
      { type: 'AuthError', error: 'no', status: 403 },
      { type: 'AuthError', error: 'no answer' },
      { type: 'AuthError', error: 'the server confirmed {"name":"Ada"}, which has no id' },
    ]);
    expect(pusher.user.user_data).toBeNull();
    expect(said).toHaveBeenCalledOnce();
  });

  it('may be tried again after a refusal, when somebody logged in meanwhile', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { pusher, fake, connect } = setUp();
    pusher.signin();
    connect();
    fake.onevent('signInFailed', 403, 'nobody is signed in');
    pusher.signin();
    pusher.signin();
    expect(fake.named('signIn')).toHaveLength(2);
    expect(await isDone(pusher.user.signinDonePromise)).toBe(false);
    fake.onevent('signedIn', USER.user_data);
    await pusher.user.signinDonePromise;
    pusher.signin();
    expect(fake.named('signIn')).toHaveLength(2);
  });

  it('ends with signout, and another user may follow', async () => {
    const { pusher, echo, fake, connect, lose } = setUp();
    pusher.signout(); // nobody is signed in
    expect(fake.named('signOut')).toEqual([]);
    pusher.signin();
    connect();
    fake.onevent('signedIn', USER.user_data);
    echo.connector.signout();
    expect(fake.named('signOut')).toEqual([['signOut']]);
    expect(pusher.user).toMatchObject({ signin_requested: false, signinDonePromise: null, user_data: null });
    lose();
    connect();
    expect(pusher.user.signinDonePromise).toBeNull();
    pusher.signin();
    expect(fake.named('signIn')).toHaveLength(2);
    fake.onevent('signedIn', '{"id":"8"}');
    await pusher.user.signinDonePromise;
    expect(pusher.user.user_data).toEqual({ id: '8' });
    // while the attempt is under way it is over at once
    lose();
    connect();
    const waiting = pusher.user.signinDonePromise;
    pusher.signout();
    expect(await isDone(waiting)).toBe(true);
  });

  it('is over when there is no engine, and at once where nothing is connected', async () => {
    const heard = vi.fn();
    const { pusher, fake } = setUp();
    pusher.signin();
    pusher.user.bind('pusher:signin_error', heard);
    fake.onevent('failed', 'no module');
    await pusher.user.signinDonePromise;
    expect(heard).toHaveBeenCalledWith({ type: 'AuthError', error: 'no module' });
    const { connector } = new Echo({ broadcaster: 'null' });
    connector.signin();
    await connector.pusher.user.signinDonePromise;
    expect(connector.pusher.user.user_data).toBeNull();
  });
});

describe('what the user hears', () => {
  it('is what the back end sends to this user, after what all channels hear', () => {
    const { pusher, fake, connect } = setUp();
    const calls: unknown[] = [];
    pusher.user.bind('notice', (...args: unknown[]) => calls.push(['user', ...args]));
    pusher.user.bind_global((event) => calls.push(['user global', event]));
    pusher.bind('notice', () => calls.push(['pusher']));
    pusher.signin();
    connect();
    fake.onevent('signedIn', USER.user_data);
    const send = (channel: string, event: string) =>
      fake.onevent('event', channel, event, { n: 1 }, undefined);
    send('#server-to-user-7', 'pusher:subscription_succeeded');
    send('#server-to-user-8', 'other');
    send('#server-to-user-7', 'notice');
    expect(calls).toEqual([['pusher'], ['user global', 'notice'], ['user', { n: 1 }]]);
  });

  it('is who of the watchlist came and went', () => {
    const { pusher, fake } = setUp();
    const [online, offline, messages] = [vi.fn(), vi.fn(), vi.fn()];
    pusher.user.watchlist.bind('online', online).bind('offline', offline);
    pusher.connection.bind('message', messages);
    const events = [
      { name: 'online', user_ids: ['1', '2'] },
      { name: 'offline', user_ids: ['3'] },
    ];
    fake.onevent('watchlist', { events });
    expect([online.mock.calls, offline.mock.calls]).toEqual([[[events[0]]], [[events[1]]]]);
    expect(messages.mock.lastCall).toEqual([{ event: 'pusher_internal:watchlist_events', data: { events } }]);
  });

  it.each([null, 'x', {}, { events: {} }, { events: [null, 7, {}, { name: 7 }] }])(
    'is nobody where the server says %j',
    (data) => {
      const { pusher, fake } = setUp();
      const heard = vi.fn();
      pusher.user.watchlist.bind_global(heard);
      expect(() => fake.onevent('watchlist', data)).not.toThrow();
      expect(heard).not.toHaveBeenCalled();
    },
  );
});

describe('authentication', () => {
  it('is asked as pusher-js asks', async () => {
    document.head.innerHTML = '<meta name="csrf-token" content="csrf">';
    const { authenticate } = setUp({
      params: { team: '7' },
      headers: { 'X-Team': '7' },
      headersProvider: () => ({ 'X-Now': 'yes' }),
      paramsProvider: () => ({ now: 'yes' }),
    });
    expect(await authenticate()).toEqual({ ok: true, auth: 'k:sig', userData: USER.user_data });
    const [url, { method, headers, body }] = fetched.mock.lastCall as [string, RequestInit];
    expect([url, method]).toEqual(['/broadcasting/user-auth', 'POST']);
    expect(String(body)).toBe('socket_id=1.2&team=7&now=yes');
    expect(headers).toEqual({
      Accept: 'application/json',
      'Content-Type': 'application/x-www-form-urlencoded',
      Authorization: 'Bearer t',
      'X-CSRF-TOKEN': 'csrf',
      'X-Team': '7',
      'X-Now': 'yes',
    });
  });

  it('goes where it is told, or asks a function', async () => {
    await setUp({ endpoint: '/who' }).authenticate();
    expect(fetched.mock.lastCall?.[0]).toBe('/who');
    fetched.mockClear();
    const own = setUp({ customHandler: ({ socketId }, done) => done(null, { ...USER, auth: socketId }) });
    expect(await own.authenticate()).toMatchObject({ ok: true, auth: '1.2' });
    const refusing = setUp({ customHandler: (_, done) => done(new Error('not you')) });
    expect(await refusing.authenticate()).toEqual({
      ok: false,
      message: 'userAuthentication.customHandler refused: not you',
    });
    const throwing = setUp({
      customHandler: () => {
        throw new Error('oops');
      },
    });
    expect(await throwing.authenticate()).toEqual({ ok: false, message: 'Signing in: oops' });
    expect(fetched).not.toHaveBeenCalled();
  });

  it.each<[string, () => Promise<Response>, RegExp]>([
    ['403', json({}, { status: 403 }), /answered 403 for the user: .*resolveAuthenticatedUserUsing/],
    ['404', json({}, { status: 404 }), /call `Broadcast::userRoutes\(\)`/],
    ['419', json({}, { status: 419 }), /the CSRF token is missing or expired/],
    ['HTML', async () => new Response('<html>'), /expected JSON with `auth`; check `userAuthentication/],
    ['no user', json({ auth: 'k:sig' }), /gave no `auth` or no `user_data`; expected {"auth":"key:sig/],
    ['a number', json({ auth: 'a', user_data: '{"id":7}' }), /`id` in its `user_data` is 7, expected a text/],
    ['no id', json({ auth: 'a', user_data: 'Ada' }), /`id` in its `user_data` is undefined, expected a text/],
    ['no network', () => Promise.reject(new TypeError('Failed')), /user-auth could not be reached for the/],
  ])('names the fix: %s', async (_what, answer, message) => {
    fetched.mockImplementation(answer);
    const reply = await setUp().authenticate();
    expect(reply).toMatchObject({ ok: false, message: expect.stringMatching(message) });
  });
});
