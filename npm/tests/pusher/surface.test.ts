/**
 * Every public member that pusher-js and laravel-echo declare, taken from their own type declarations: each is here, or
 * among those that are left out, with the reason. `docs/pusher.md` lists the same.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import StockEcho, * as stockEcho from 'laravel-echo';
import pusherJs from 'pusher-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import Echo, * as echolite from '../../src/index.js';
import OurPusher, * as ours from '../../src/pusher.js';
import { fakePorts } from '../support/fake-port.js';

const require = createRequire(import.meta.url);
const folder = (name: string, file: string) => {
  for (let at = dirname(require.resolve(name)); ; at = dirname(at)) {
    if (existsSync(join(at, file))) return join(at, file);
  }
};
const pusherTypes = (file: string) =>
  readFileSync(folder('pusher-js', `types/src/core/${file}.d.ts`), 'utf8');
const echoTypes = () => readFileSync(folder('laravel-echo', 'dist/echo.d.ts'), 'utf8');

/** The public members of the class `name`, and whether each is static. */
function membersOf(declarations: string, name: RegExp): { name: string; isStatic: boolean }[] {
  const body = new RegExp(`class ${name.source}[^{]*\\{(.*?)^\\}`, 'ms').exec(declarations)?.[1];
  if (body === undefined) throw new Error(`no class ${name.source}`);
  const lines = body.replaceAll(/\/\*.*?\*\//gs, '').split('\n');
  const members = lines.flatMap((line) => {
    const found = /^ {4}(private |protected |#)?(static )?(?:readonly |abstract )*(\w+)[?]?[:(<]/.exec(line);
    if (found === null || found[1] !== undefined || found[3] === 'constructor') return [];
    return [{ name: found[3] as string, isStatic: found[2] !== undefined }];
  });
  return [...new Map(members.map((member) => [JSON.stringify(member), member])).values()];
}

const JSONP = 'JSONP runs what another origin answers: CORS took its place';
const STATISTICS = 'statistics are sent to nobody';
const INSIDES = 'a part of how pusher-js connects; the engine connects here';

const LEFT_OUT: Record<string, Record<string, string>> = {
  Pusher: {
    Runtime: INSIDES,
    ScriptReceivers: JSONP,
    DependenciesReceivers: JSONP,
    auth_callbacks: JSONP,
    timeline: STATISTICS,
    timelineSender: STATISTICS,
    timelineSenderTimer: STATISTICS,
  },
  ConnectionManager: Object.fromEntries(
    [
      'options',
      'connection',
      'timeline',
      'unavailableTimer',
      'activityTimer',
      'retryTimer',
      'activityTimeout',
      'strategy',
      'runner',
      'errorCallbacks',
      'handshakeCallbacks',
      'connectionCallbacks',
    ].map((name) => [name, INSIDES]),
  ),
  Channel: {},
  PresenceChannel: { handleInternalEvent: 'handleEvent takes all events' },
  Members: {},
  Channels: {},
  Dispatcher: {},
  UserFacade: {
    pusher: 'the client that it is taken from',
    serverToUserChannel: 'the user hears its events',
  },
  WatchlistFacade: { handleEvent: 'the client hands it the events' },
};

afterEach(() => {
  for (const pusher of OurPusher.instances) pusher.close();
});

const client = () => new OurPusher('key', { cluster: 'eu', port: fakePorts().port });
const channel = (name: string) => client().subscribe(name);

describe('pusher-js', () => {
  it.each([
    ['Pusher', 'pusher', () => client()],
    ['Channels', 'channels/channels', () => client().channels],
    ['Channel', 'channels/channel', () => channel('a')],
    ['Channel', 'channels/channel', () => channel('private-a')],
    ['Channel', 'channels/channel', () => channel('private-encrypted-a')],
    ['PresenceChannel', 'channels/presence_channel', () => channel('presence-a')],
    ['Members', 'channels/members', () => client().subscribe('presence-a').members],
    ['ConnectionManager', 'connection/connection_manager', () => client().connection],
    ['Dispatcher', 'events/dispatcher', () => client()],
    ['UserFacade', 'user', () => client().user],
    ['WatchlistFacade', 'watchlist', () => client().user.watchlist],
  ])('%s of %s has its members', (name, file, make) => {
    const declared = membersOf(pusherTypes(file), new RegExp(`${name}\\b`));
    expect(declared.length).toBeGreaterThan(0);
    const made = make() as object;
    const lacks = declared.filter((member) => !(member.name in (member.isStatic ? OurPusher : made)));
    const left = Object.keys(LEFT_OUT[name] ?? {});
    expect(lacks.map((member) => member.name).sort()).toEqual(left.sort());
  });

  it('exports the same values', () => {
    const declared = readFileSync(folder('pusher-js', 'index.d.ts'), 'utf8');
    const values = [...declared.matchAll(/default as (\w+) \}/g)].map(([, name]) => name as string);
    expect(values).toContain('Members');
    // `Runtime` is an interface
    expect(values.filter((name) => !(name in ours))).toEqual(['Runtime']);
    expect(ours.default).toBe(OurPusher);
  });

  it('has types of the same names', () => {
    const declared = readFileSync(folder('pusher-js', 'index.d.ts'), 'utf8');
    const here = readFileSync(join(import.meta.dirname, '../../src/pusher.ts'), 'utf8');
    const blocks = [...declared.matchAll(/export \{([^}]*)\}/g)].map(([, names]) => names as string);
    const names = blocks
      .flatMap((names) => names.split(','))
      .map((name) => name.replace(/.* as /s, '').trim());
    const lacks = names.filter((name) => name !== '' && !new RegExp(`\\b${name}\\b`).test(here));
    expect(lacks).toEqual(['Runtime']);
  });

  it('and here, whoever makes a channel by hand gets the same flags and the same answers', () => {
    const StockPusher = pusherJs as unknown as typeof OurPusher;
    const stock = new StockPusher('key', { cluster: 'eu', wsHost: '127.0.0.1', wsPort: 9, forceTLS: false });
    stock.disconnect();
    const both = [stock, client()] as const;
    const seen = both.map((pusher) => {
      const channel = pusher.subscribe('presence-a') as unknown as ReturnType<OurPusher['subscribe']>;
      const answers: unknown[] = [];
      channel.bind('pusher:subscription_count', (data) => answers.push(data));
      channel.bind_global((event: string) => answers.push(event));
      channel.handleEvent({ event: 'pusher_internal:subscription_count', data: { subscription_count: 3 } });
      channel.handleEvent({ event: 'pusher_internal:unknown', data: {} });
      channel.handleEvent({ event: 'client-x', data: 1, user_id: '7' });
      channel.cancelSubscription();
      answers.push(channel.subscriptionCancelled, channel.subscriptionCount);
      channel.reinstateSubscription();
      answers.push(channel.subscriptionCancelled, channel.subscribed, channel.subscriptionPending);
      answers.push(
        pusher.channel('none'),
        pusher.allChannels().length,
        pusher.channels.find('presence-a') === channel,
      );
      answers.push(pusher.send_event('client-x', {}, 'presence-a'));
      pusher.unsubscribe('presence-a');
      answers.push(pusher.channel('presence-a'));
      return answers;
    });
    expect(seen[1]).toEqual(seen[0]);
  });
});

it('stands in for pusher-js as a package of its own, of the same version', async () => {
  // its types are those of the built package, which is not there yet
  const path = join(import.meta.dirname, '../../pusher-js/index.js');
  const standIn: Record<string, unknown> = await import(path);
  expect(standIn.default).toBe(OurPusher);
  expect(Object.keys(standIn).sort()).toEqual(Object.keys(ours).sort());
  const manifest = (path: string) => JSON.parse(readFileSync(join(import.meta.dirname, path), 'utf8'));
  const { version, peerDependencies } = manifest('../../pusher-js/package.json');
  expect([version, peerDependencies.echolite]).toEqual(Array(2).fill(manifest('../../package.json').version));
});

describe('laravel-echo', () => {
  /** Members of laravel-echo's classes that are not declared public, and of the drivers that are refused. */
  const make = (broadcaster: 'pusher' | 'null') => {
    const { port } = fakePorts();
    return new Echo({ broadcaster, key: 'k', cluster: 'eu', port });
  };

  it.each([
    ['Echo', () => make('pusher')],
    ['Connector', () => make('pusher').connector],
    ['PusherConnector', () => make('pusher').connector],
    ['NullConnector', () => make('null').connector],
    ['PusherChannel', () => make('pusher').channel('a')],
    ['PusherPrivateChannel', () => make('pusher').private('a')],
    ['PusherEncryptedPrivateChannel', () => make('pusher').encryptedPrivate('a')],
    ['PusherPresenceChannel', () => make('pusher').join('a')],
    ['NullChannel', () => make('null').channel('a')],
    ['NullPrivateChannel', () => make('null').private('a')],
    ['NullEncryptedPrivateChannel', () => make('null').encryptedPrivate('a')],
    ['NullPresenceChannel', () => make('null').join('a')],
    ['EventFormatter', () => new echolite.EventFormatter('App.Events')],
  ])('%s has its members', (name, make) => {
    const declared = membersOf(echoTypes(), new RegExp(`${name}\\b`));
    expect(declared.length).toBeGreaterThan(0);
    const made = make() as object;
    const lacks = declared.filter((member) => !(member.name in (member.isStatic ? made.constructor : made)));
    expect(lacks.map((member) => member.name)).toEqual([]);
  });

  it("has the connector's defaults, and an Echo does not write to them", () => {
    const stockConnector = Object.getPrototypeOf(
      new StockEcho({ broadcaster: 'null' }).connector.constructor,
    );
    const stock = structuredClone(stockConnector._defaultOptions);
    expect(echolite.Connector._defaultOptions).toEqual(stock);
    const { options } = new Echo({ broadcaster: 'null', bearerToken: 't' }).connector;
    expect(options.auth.headers.Authorization).toBe('Bearer t');
    expect(echolite.Connector._defaultOptions).toEqual(stock);
  });

  it('exports the same values', () => {
    const values = Object.keys(stockEcho).filter((name) => name !== 'default');
    expect(values).toContain('EventFormatter');
    expect(values.filter((name) => !(name in echolite))).toEqual([]);
  });

  it('itself works on the class of here, by `client`, by `Pusher` and by window.Pusher', () => {
    const { port, made } = fakePorts();
    const options = { broadcaster: 'pusher', key: 'k', cluster: 'eu', port } as const;
    vi.stubGlobal('Pusher', OurPusher);
    const echos = [
      new StockEcho({ ...options, client: new OurPusher('k', options) }),
      new StockEcho({ ...options, Pusher: OurPusher as never }),
      new StockEcho(options),
      new StockEcho({ ...options, broadcaster: 'reverb', wsHost: 'ws.example.com' }),
    ];
    for (const [at, echo] of echos.entries()) {
      const engine = made[at] as NonNullable<(typeof made)[number]>;
      const heard = vi.fn();
      echo.private('orders').listen('Shipped', heard).whisper('typing', { by: 'Ada' });
      echo.join('room').here(heard).joining(heard);
      expect(echo.connectionStatus()).toBe('connecting');
      engine.onevent('connection', 'connected', '', '1.2');
      expect([echo.socketId(), echo.connectionStatus()]).toEqual(['1.2', 'connected']);
      engine.onevent('event', 'private-orders', 'App\\Events\\Shipped', { id: 1 }, undefined);
      const presence = { ids: ['7'], hash: { 7: { name: 'Ada' } }, count: 1 };
      engine.onevent('event', 'presence-room', 'pusher:subscription_succeeded', { presence }, undefined);
      const joined = { user_id: '8', user_info: { name: 'Bob' } };
      engine.onevent('event', 'presence-room', 'pusher:member_added', joined, undefined);
      expect(heard.mock.calls.map(([data]) => data)).toEqual([{ id: 1 }, [{ name: 'Ada' }], { name: 'Bob' }]);
      echo.leave('room');
      echo.leave('orders');
      expect(engine.named('unsubscribe').map(([, name]) => name)).toEqual(['presence-room']);
      engine.onevent('event', 'private-orders', 'pusher:subscription_succeeded', {}, undefined);
      expect(engine.named('unsubscribe').map(([, name]) => name)).toEqual([
        'presence-room',
        'private-orders',
      ]);
    }
  });
});
