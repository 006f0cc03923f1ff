import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import Pusher, { type AuthorizerCallback, type ClusterOptions, type Options } from '../../src/pusher.js';
import { eventually } from '../support/eventually.js';
import { fakePorts } from '../support/fake-port.js';

/** A client on an engine that the test plays. */
function setUp(options: Partial<Options> = {}, key = 'key') {
  const { port, made } = fakePorts();
  const pusher = new Pusher(key, { cluster: 'eu', port, ...options });
  const fake = () => made.at(-1) as (typeof made)[number];
  const connect = (socketId = '1.2') => fake().onevent('connection', 'connected', '', socketId);
  const lose = () => fake().onevent('connection', 'connecting', 'socket closed', undefined);
  const event = (channel: string, name: string, data: unknown = {}) =>
    fake().onevent('event', channel, name, data, undefined);
  const confirm = (channel: string) => event(channel, 'pusher:subscription_succeeded');
  const refuse = (channel: string, status: number | undefined = 403) =>
    fake().onevent('subscriptionError', channel, status, 'no', undefined);
  const sent = (name: 'subscribe' | 'unsubscribe') =>
    fake()
      .named(name)
      .map(([, channel]) => channel);
  return { pusher, fake, made, connect, lose, event, confirm, refuse, sent };
}

function fail(): never {
  throw new Error('oops');
}

function flags(channel: {
  subscribed: boolean;
  subscriptionPending: boolean;
  subscriptionCancelled: boolean;
}) {
  return [channel.subscribed, channel.subscriptionPending, channel.subscriptionCancelled];
}

const JOINED = [true, false, false];
const PENDING = [false, true, false];
const CANCELLED = [false, true, true];
const IDLE = [false, false, false];

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
});

afterEach(() => {
  for (const pusher of Pusher.instances) pusher.close();
});

describe('new Pusher', () => {
  it.each([
    [undefined, { cluster: 'eu' }, 'You must pass your app key when you instantiate Pusher'],
    [null, { cluster: 'eu' }, 'You must pass your app key when you instantiate Pusher'],
    ['key', undefined, 'You must pass an options object, and not undefined'],
    ['key', null, 'You must pass an options object, and not null'],
    ['key', 'eu', 'You must pass an options object, and not "eu"'],
    ['key', {}, 'Options object must provide a cluster'],
    ['a key', { cluster: 'eu' }, "Pusher: `key` is 'a key'; expected the application key"],
    ['key', { cluster: 'eu', authTransport: 'jsonp' }, "`authTransport` is 'jsonp'; expected 'ajax'"],
    [
      'key',
      { cluster: 'eu', channelAuthorization: { transport: 'jsonp', endpoint: '/a' } },
      "`transport` is 'jsonp'; expected 'ajax'",
    ],
    ['key', { cluster: 'eu', userAuthentication: { transport: 'jsonp' } }, "expected 'ajax'"],
    ['key', { cluster: 'eu', unavailableTimeout: '5' }, "`unavailableTimeout` is '5'"],
  ])('refuses %o, %o', (key, options, said) => {
    expect(() => new Pusher(key as string, options as Options)).toThrow(said);
  });

  it.each([
    [{ cluster: 'eu' }, { host: 'ws-eu.pusher.com', wsPort: 80, wssPort: 443, path: '', tls: true }],
    [{ cluster: 'eu', wsHost: 'ws.example.com' }, { host: 'ws.example.com' }],
    [{ cluster: undefined, wsHost: 'ws.example.com' }, { host: 'ws.example.com' }],
    [{ cluster: '' }, { host: 'shop.example' }],
    [
      { wsPort: 6001, wssPort: 6002, wsPath: '/realtime' },
      { wsPort: 6001, wssPort: 6002, path: '/realtime' },
    ],
    [{ enabledTransports: ['ws'] as Options['enabledTransports'] }, { allowWs: true, allowWss: true }],
    [
      { disabledTransports: ['ws', 'wss'] as Options['disabledTransports'] },
      { allowWs: false, allowWss: false },
    ],
    [
      { activityTimeout: 7, pongTimeout: 8, unavailableTimeout: 9 },
      { activityTimeout: 7, pongTimeout: 8, unavailableTimeout: 9 },
    ],
  ])('goes with %o to %o', (options, config) => {
    expect(setUp(options).fake().config).toMatchObject({ key: 'key', ...config });
  });

  it('shows its settings as pusher-js does', () => {
    const { pusher } = setUp({ wsHost: 'ws.example.com', wsPort: 6001, activityTimeout: 7 });
    expect(pusher.config).toMatchObject({
      cluster: 'eu',
      wsHost: 'ws.example.com',
      wsPort: 6001,
      wssPort: 443,
      wsPath: '',
      useTLS: true,
      enableStats: false,
      activityTimeout: 7,
      pongTimeout: 30_000,
      unavailableTimeout: 10_000,
    });
    expect([pusher.key, pusher.options.cluster, pusher.shouldUseTLS()]).toEqual(['key', 'eu', true]);
    expect([pusher.connection.isUsingTLS(), pusher.connection.usingTLS, pusher.connection.key]).toEqual([
      true,
      true,
      'key',
    ]);
    expect(pusher.global_emitter).toBe(pusher);
  });

  it('is among the instances, which ready() connects', () => {
    Pusher.isReady = false;
    const { pusher, fake } = setUp();
    expect([pusher.connection.state, fake().posted]).toEqual(['initialized', []]);
    Pusher.ready();
    expect([Pusher.isReady, pusher.connection.state]).toEqual([true, 'connecting']);
    expect(fake().posted).toEqual([['connect']]);
    expect(Pusher.instances).toEqual([pusher]);
    pusher.close();
    expect(Pusher.instances).toEqual([]);
  });

  it('tells what goes on to Pusher.log, or to the console', () => {
    const log = vi.fn();
    Pusher.log = log;
    const { pusher, connect, event } = setUp();
    pusher.subscribe('orders');
    connect();
    event('orders', 'shipped', { id: 1 });
    pusher.send_event('client-x', 1, 'orders');
    Pusher.log = undefined;
    expect(log.mock.calls.map(([message]) => message)).toEqual([
      'Pusher :  : ["State changed","initialized -> connecting"]',
      'Pusher :  : ["State changed","connecting -> connected with new socket ID 1.2"]',
      'Pusher :  : ["Event recd",{"event":"shipped","channel":"orders","data":{"id":1}}]',
      'Pusher :  : ["No callbacks on orders for shipped"]',
      'Pusher :  : ["Event sent",{"event":"client-x","data":1,"channel":"orders"}]',
    ]);
    const console = vi.spyOn(globalThis.console, 'log').mockImplementation(() => {});
    pusher.disconnect();
    expect(console).not.toHaveBeenCalled();
    Pusher.logToConsole = true;
    pusher.connect();
    Pusher.logToConsole = false;
    expect(console).toHaveBeenCalledWith('Pusher :  : ["State changed","disconnected -> connecting"]');
    expect(log).toHaveBeenCalledTimes(5);
    Pusher.log = log;
    const cycle = { again: {} };
    cycle.again = cycle;
    event('orders', 'shipped', cycle);
    pusher.send_event('client-x', 1n, 'orders');
    Pusher.log = undefined;
    expect(log.mock.calls.length, 'what JSON cannot say does no harm').toBeGreaterThan(5);
  });
});

describe('a subscription', () => {
  it.each(['orders', 'private-orders', 'presence-orders', 'private-encrypted-orders'])(
    'to %s goes through the states of pusher-js',
    (name) => {
      const { pusher, connect, confirm, sent } = setUp();
      const channel = pusher.subscribe(name);
      expect(flags(channel)).toEqual(IDLE); // not connected yet
      connect();
      expect(flags(channel)).toEqual(PENDING);
      expect(pusher.subscribe(name)).toBe(channel);
      confirm(name);
      expect(flags(channel)).toEqual(JOINED);
      expect(pusher.subscribe(name)).toBe(channel);
      expect(sent('subscribe')).toEqual([name]);
      pusher.unsubscribe(name);
      expect(pusher.channel(name)).toBeUndefined();
      expect([flags(channel), sent('unsubscribe')]).toEqual([IDLE, [name]]);
      pusher.unsubscribe(name);
      expect(sent('unsubscribe')).toEqual([name]);
    },
  );

  it('that is left while it is pending ends when it is confirmed, untold', () => {
    const { pusher, connect, confirm, sent } = setUp();
    connect();
    const told = vi.fn();
    const channel = pusher.subscribe('a').bind('pusher:subscription_succeeded', told);
    pusher.unsubscribe('a');
    pusher.unsubscribe('a');
    expect([flags(channel), sent('unsubscribe')]).toEqual([CANCELLED, []]);
    confirm('a');
    expect([pusher.channel('a'), sent('unsubscribe'), channel.subscribed]).toEqual([undefined, ['a'], false]);
    expect(told).not.toHaveBeenCalled();
    expect(pusher.subscribe('a')).not.toBe(channel);
    expect(sent('subscribe')).toEqual(['a', 'a']);
  });

  it('that is left while it is pending and wanted again stays, with its callbacks', () => {
    const { pusher, connect, confirm, event, sent } = setUp();
    connect();
    const heard = vi.fn();
    const channel = pusher.subscribe('a').bind('shipped', heard);
    pusher.unsubscribe('a');
    expect(pusher.subscribe('a')).toBe(channel);
    expect(flags(channel)).toEqual(PENDING);
    confirm('a');
    event('a', 'shipped', 1);
    expect([flags(channel), heard.mock.calls.length]).toEqual([JOINED, 1]);
    expect([sent('subscribe'), sent('unsubscribe')]).toEqual([['a'], []]);
  });

  it.each([
    ['is refused', 'refuse'],
    ['loses its connection', 'lose'],
    ['is disconnected', 'disconnect'],
  ] as const)('that was left while it was pending and %s is gone', (_how, what) => {
    const { pusher, connect, refuse, lose, sent } = setUp();
    connect();
    pusher.subscribe('a');
    pusher.subscribe('b');
    pusher.unsubscribe('a');
    if (what === 'refuse') refuse('a');
    if (what === 'lose') lose();
    if (what === 'disconnect') pusher.disconnect();
    expect([pusher.channel('a'), sent('unsubscribe')]).toEqual([undefined, ['a']]);
    expect(pusher.allChannels().map(({ name }) => name)).toEqual(['b']);
  });

  it('that was refused is asked for again, with the same callbacks', () => {
    const { pusher, connect, confirm, refuse, sent } = setUp();
    connect();
    const error = vi.fn();
    const channel = pusher.subscribe('private-a').bind('pusher:subscription_error', error);
    refuse('private-a');
    expect([flags(channel), channel.refused]).toEqual([IDLE, true]);
    expect(error).toHaveBeenCalledWith({ type: 'AuthError', error: 'no', status: 403 });
    expect(pusher.subscribe('private-a')).toBe(channel);
    expect([flags(channel), sent('subscribe')]).toEqual([PENDING, ['private-a', 'private-a']]);
    confirm('private-a');
    expect(flags(channel)).toEqual(JOINED);
  });

  it('begins anew with each connection', () => {
    const { pusher, connect, confirm, lose } = setUp();
    connect();
    const channel = pusher.subscribe('a');
    confirm('a');
    lose();
    expect(flags(channel)).toEqual(IDLE);
    const seen: unknown[] = [];
    pusher.connection.bind('connected', () => seen.push(flags(channel)));
    connect('3.4');
    expect(seen).toEqual([PENDING]);
  });

  it('is made by the table of channels, and asked for by subscribeAll or the next connection', () => {
    const { pusher, connect, sent } = setUp();
    const channel = pusher.channels.add('a', pusher);
    expect([pusher.channels.add('a', pusher), pusher.channels.find('a'), pusher.channels.all()]).toEqual([
      channel,
      channel,
      [channel],
    ]);
    expect(sent('subscribe')).toEqual([]);
    connect();
    expect([sent('subscribe'), flags(channel)]).toEqual([['a'], PENDING]);
    pusher.channels.add('b', pusher);
    pusher.subscribeAll();
    expect(sent('subscribe')).toEqual(['a', 'b']);
    expect(pusher.channels.remove('a')).toBe(channel);
    expect(pusher.channels.find('a')).toBeUndefined();
  });

  it('of a channel that was taken out of the table is not authorised', () => {
    const { pusher, connect, fake, sent } = setUp();
    connect();
    pusher.subscribe('private-a');
    pusher.channels.remove('private-a');
    fake().onevent('authorize', 1, 'private-a', '1.2');
    expect([fake().named('authorized'), sent('unsubscribe')]).toEqual([[], ['private-a']]);
  });

  it('is made and ended by the channel itself, too', () => {
    const { pusher, connect, confirm, lose, sent } = setUp();
    connect();
    const channel = pusher.subscribe('a');
    confirm('a');
    channel.unsubscribe();
    expect([flags(channel), pusher.channel('a'), sent('unsubscribe')]).toEqual([IDLE, channel, ['a']]);
    channel.subscribe();
    expect([flags(channel), sent('subscribe')]).toEqual([PENDING, ['a', 'a']]);
    channel.unsubscribe();
    lose();
    connect(); // the channel is in the table: it is joined again, as by pusher-js
    expect(sent('subscribe')).toEqual(['a', 'a', 'a']);
  });
});

describe('authorisation', () => {
  const ask = async (subject: ReturnType<typeof setUp>, channel = 'private-a') => {
    subject.fake().onevent('authorize', 1, channel, '1.2');
    await eventually(() => expect(subject.fake().named('authorized')).toHaveLength(1));
    return subject.fake().named('authorized')[0]?.[2];
  };

  const requests = () => {
    const fetched = vi.fn(async (_url: string, _init: RequestInit) => new Response('{"auth":"k:s"}'));
    vi.stubGlobal('fetch', fetched);
    return () => {
      const [url, init] = fetched.mock.lastCall as unknown as [string, RequestInit];
      return { url, body: String(init.body), headers: init.headers as Record<string, string> };
    };
  };

  it("goes to pusher-js's endpoint, and has no CSRF token of the page", async () => {
    const last = requests();
    document.head.innerHTML = '<meta name="csrf-token" content="secret">';
    const subject = setUp({ auth: { headers: { A: '1' }, params: { b: 2 as never } } });
    subject.connect();
    subject.pusher.subscribe('private-a');
    expect(await ask(subject)).toMatchObject({ ok: true, auth: 'k:s' });
    const { url, body, headers } = last();
    expect([url, body]).toEqual(['/pusher/auth', 'socket_id=1.2&channel_name=private-a&b=2']);
    expect([headers.A, headers['X-CSRF-TOKEN']]).toEqual(['1', undefined]);
    document.head.innerHTML = '';
  });

  it('takes what the options say', async () => {
    const last = requests();
    let asked = 0;
    const subject = setUp({
      channelAuthorization: {
        transport: 'ajax',
        endpoint: '/auth',
        headers: { A: '1' },
        headersProvider: () => ({ B: String(++asked) }),
        params: { c: '3' },
        paramsProvider: () => ({ d: '4' }),
      },
    });
    subject.connect();
    subject.pusher.subscribe('private-a');
    await ask(subject);
    const { url, body, headers } = last();
    expect([url, body]).toEqual(['/auth', 'socket_id=1.2&channel_name=private-a&c=3&d=4']);
    expect([headers.A, headers.B]).toEqual(['1', '1']);
  });

  it('may be a handler, in both forms of pusher-js', async () => {
    const customHandler = vi.fn((_params, callback) => callback(null, { auth: 'k:custom' }));
    const one = setUp({ channelAuthorization: { customHandler } });
    one.connect();
    one.pusher.subscribe('private-a');
    expect(await ask(one)).toMatchObject({ ok: true, auth: 'k:custom' });
    expect(customHandler.mock.lastCall?.[0]).toEqual({ socketId: '1.2', channelName: 'private-a' });
    const authorize = vi.fn((_socketId, callback) => callback(null, { auth: 'k:old' }));
    const authorizer = vi.fn(() => ({ authorize }));
    const two = setUp({ authorizer, authEndpoint: '/old', auth: { headers: { A: '1' } } });
    two.connect();
    const channel = two.pusher.subscribe('private-a');
    expect(await ask(two)).toMatchObject({ ok: true, auth: 'k:old' });
    expect(authorizer).toHaveBeenCalledWith(channel, {
      authTransport: 'ajax',
      authEndpoint: '/old',
      auth: { headers: { A: '1' } },
    });
  });

  it('may be replaced on a channel, or in the settings', async () => {
    const one = setUp();
    one.connect();
    one.pusher.subscribe('private-a').authorize = (socketId, callback) =>
      callback(null, { auth: `k:${socketId}` });
    expect(await ask(one)).toMatchObject({ ok: true, auth: 'k:1.2' });
    const two = setUp();
    two.connect();
    two.pusher.subscribe('private-a');
    two.pusher.config.channelAuthorizer = (_params, callback) =>
      callback(Object.assign(new Error('mine'), { status: 418 }));
    expect(await ask(two)).toEqual({ ok: false, status: 418, message: 'mine' });
  });

  it.each([
    ['throws', () => fail()],
    ['rejects', async () => fail()],
    ['calls back with the error', (_: unknown, callback: AuthorizerCallback) => callback(new Error('oops'))],
  ])('by a function of the application that %s is refused at once', async (_how, own) => {
    const refused = { ok: false, message: 'oops' };
    for (const name of ['private-a', 'presence-a', 'private-encrypted-a']) {
      const onChannel = setUp();
      onChannel.connect();
      onChannel.pusher.subscribe(name).authorize = own;
      expect(await ask(onChannel, name)).toMatchObject(refused);
      const inConfig = setUp();
      inConfig.connect();
      inConfig.pusher.subscribe(name);
      inConfig.pusher.config.channelAuthorizer = own;
      expect(await ask(inConfig, name)).toMatchObject(refused);
    }
    const { pusher, fake } = setUp();
    pusher.config.userAuthenticator = own as never;
    fake().onevent('authenticate', 1, '1.2');
    await eventually(() => expect(fake().named('authenticated')[0]?.[2]).toMatchObject(refused));
  });

  it('that comes after switchCluster is not given to the new engine, which counts anew', () => {
    const { pusher, made, connect } = setUp();
    connect();
    const answers: (() => void)[] = [];
    pusher.subscribe('private-a').authorize = (socketId, callback) =>
      void answers.push(() => callback(null, { auth: `k:${socketId}` }));
    pusher.config.userAuthenticator = ({ socketId }, callback) =>
      void answers.push(() => callback(null, { auth: `k:${socketId}`, user_data: '{"id":"7"}' }));
    made[0]?.onevent('authorize', 1, 'private-a', '1.2');
    made[0]?.onevent('authenticate', 2, '1.2');
    pusher.switchCluster({ appKey: 'other', cluster: 'us2' });
    for (const answer of answers) answer();
    expect([answers.length, made[1]?.named('authorized'), made[1]?.named('authenticated')]).toEqual([
      2,
      [],
      [],
    ]);
  });

  it('is one that the application got by itself, once', async () => {
    const { pusher, connect, lose, fake, sent } = setUp();
    expect(pusher.send_event('pusher:subscribe', { channel: 'private-a', auth: 'k:mine' })).toBe(false);
    connect();
    pusher.channels.add('private-a', pusher);
    expect(pusher.send_event('pusher:subscribe', { channel: 'private-a', auth: 'k:mine' })).toBe(true);
    expect(sent('subscribe')).toEqual(['private-a']);
    fake().onevent('authorize', 1, 'private-a', '1.2');
    expect(fake().named('authorized')[0]?.[2]).toMatchObject({ ok: true, auth: 'k:mine' });
    // it is that of one socket
    pusher.send_event('pusher:subscribe', { channel: 'private-a', auth: 'k:mine' });
    lose();
    const authorize = vi.fn();
    Object.assign(pusher.channel('private-a') as object, { authorize });
    connect('3.4');
    fake().onevent('authorize', 2, 'private-a', '3.4');
    expect(authorize).toHaveBeenCalledWith('3.4', expect.any(Function));
    expect(pusher.send_event('pusher:unsubscribe', { channel: 'private-a' })).toBe(true);
    expect(sent('unsubscribe')).toEqual(['private-a']);
  });

  it('of an encrypted channel brings its key to the engine', async () => {
    vi.stubGlobal('fetch', async () => new Response('{"auth":"k:s","shared_secret":"a2V5"}'));
    const subject = setUp();
    subject.connect();
    subject.pusher.subscribe('private-encrypted-a');
    expect(await ask(subject, 'private-encrypted-a')).toMatchObject({
      ok: true,
      auth: 'k:s',
      sharedSecret: 'a2V5',
    });
  });

  it('of the user goes likewise', async () => {
    const last = requests();
    const subject = setUp({ userAuthentication: { headersProvider: () => ({ A: '1' }) } });
    subject.pusher.signin();
    subject.connect();
    subject.fake().onevent('authenticate', 1, '1.2');
    await eventually(() => expect(subject.fake().named('authenticated')).toHaveLength(1));
    expect([last().url, last().body, last().headers.A]).toEqual(['/pusher/user-auth', 'socket_id=1.2', '1']);
    const custom = setUp({
      userAuthentication: {
        customHandler: ({ socketId }, callback) =>
          callback(null, { auth: `k:${socketId}`, user_data: '{"id":"7"}' }),
      },
    });
    custom.fake().onevent('authenticate', 1, '1.2');
    await eventually(() =>
      expect(custom.fake().named('authenticated')[0]?.[2]).toEqual({
        ok: true,
        auth: 'k:1.2',
        userData: '{"id":"7"}',
      }),
    );
  });
});

describe('the connection', () => {
  it('connects, disconnects and sends by itself', () => {
    const { pusher, connect, fake } = setUp();
    const { connection } = pusher;
    connection.disconnect();
    expect(connection.state).toBe('disconnected');
    connection.connect();
    expect(connection.state).toBe('connecting');
    expect(connection.send_event('client-x', 1, 'a')).toBe(false);
    connect();
    expect(connection.send_event('client-x', 1, 'a')).toBe(true);
    expect(connection.send('{"event":"client-y","channel":"a","data":2}')).toBe(true);
    expect(connection.send_event('anything', {})).toBe(false);
    expect(fake().posted).toEqual([
      ['connect'],
      ['disconnect'],
      ['connect'],
      ['trigger', 'a', 'client-x', 1],
      ['trigger', 'a', 'client-x', 1],
      ['trigger', 'a', 'client-y', 2],
    ]);
  });

  it('delivers a message that the application emits', () => {
    const { pusher } = setUp();
    const heard = vi.fn();
    pusher.subscribe('a').bind('shipped', heard);
    pusher.bind_global(heard);
    pusher.connection.unbind_all();
    pusher.connection.emit('message', { event: 'shipped', channel: 'a', data: 7 });
    pusher.connection.emit('message', { event: 'pusher_internal:x', channel: 'a', data: 8 });
    expect(heard.mock.calls).toEqual([
      [7, {}],
      ['shipped', 7],
    ]);
  });

  it('tells errors in both shapes that pusher-js gives them', () => {
    const { pusher, fake } = setUp();
    const [heard, global] = [vi.fn(), vi.fn()];
    pusher.connection.bind('error', heard);
    pusher.bind('pusher:error', global);
    fake().onevent('error', 4004, 'over quota');
    fake().onevent('error', 4301, 'too fast');
    expect(heard.mock.calls.map(([{ type, error }]) => [type, error.data.code])).toEqual([
      ['PusherError', 4004],
      ['PusherError', 4301],
    ]);
    expect(global).toHaveBeenLastCalledWith({ code: 4301, message: 'too fast' });
  });

  it.each([
    [{ appKey: '', cluster: 'us2' }, 'needs `key`'],
    [{ cluster: 'us2' }, 'needs `key`'],
    [{ appKey: 'other', cluster: 'us 2' }, '`cluster` is'],
  ])('stays what it is where %o is no cluster', (other, message) => {
    const { pusher, made, connect } = setUp();
    connect();
    expect(() => pusher.switchCluster(other as ClusterOptions)).toThrow(message);
    expect([made.length, made[0]?.closed, pusher.connection.state]).toEqual([1, false, 'connected']);
    expect([pusher.key, pusher.options.cluster]).toEqual(['key', 'eu']);
  });

  it('switches the cluster, and channels, callbacks and the user stay', () => {
    const { pusher, made, connect, confirm, event, fake } = setUp({ cluster: 'eu' });
    connect();
    pusher.signin();
    const heard = vi.fn();
    const channel = pusher.subscribe('a').bind('shipped', heard);
    confirm('a');
    pusher.switchCluster({ appKey: 'other', cluster: 'us2' });
    expect([made.length, made[0]?.closed, channel.subscribed]).toEqual([2, true, false]);
    expect([pusher.key, pusher.options.cluster, pusher.connection.state]).toEqual([
      'other',
      'us2',
      'connecting',
    ]);
    expect(fake().config).toMatchObject({ key: 'other', host: 'ws-us2.pusher.com' });
    expect(fake().posted).toEqual([['subscribe', 'a'], ['signIn'], ['connect']]);
    connect('5.6');
    event('a', 'shipped', 1);
    expect([heard.mock.calls.length, pusher.channel('a')]).toEqual([1, channel]);
  });
});
