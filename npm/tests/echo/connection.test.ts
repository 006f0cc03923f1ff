import pusherJs from 'pusher-js';
import { describe, expect, it, vi } from 'vitest';
import { Connector, Echo, NullConnector } from '../../src/index.js';
import { fillCacheOptions } from '../../src/options/fill-options.js';
import Pusher, { type Options } from '../../src/pusher.js';
import { fakePorts, only } from '../support/fake-port.js';

function setUp() {
  const { port, made } = fakePorts();
  const echo = new Echo({ broadcaster: 'reverb', key: 'key', port });
  return { echo, fake: only(made) };
}

describe('connection', () => {
  it('is unavailable while the module is not loaded, and connects when it is', () => {
    const { echo, fake } = setUp();
    const { pusher } = echo.connector;
    const states = vi.fn();
    pusher.connection.bind('state_change', states);
    fake.onevent('delayed', 'answered 503');
    expect([echo.connectionStatus(), pusher.connection.reason]).toEqual(['failed', 'answered 503']);
    pusher.connect();
    fake.onevent('delayed', 'answered 503');
    pusher.disconnect();
    fake.onevent('delayed', 'answered 503');
    expect(pusher.connection.state, 'it was asked to').toBe('disconnected');
    pusher.connect();
    fake.onevent('connection', 'connected', '', '1.2');
    expect(states.mock.calls.map(([{ current }]) => current)).toEqual([
      'unavailable',
      'connecting',
      'unavailable',
      'disconnected',
      'connecting',
      'connected',
    ]);
  });

  it('shows the state as laravel-echo and as pusher-js do', () => {
    const { echo, fake } = setUp();
    const [changes, connected, statuses] = [vi.fn(), vi.fn(), vi.fn()];
    const { connection } = echo.connector.pusher;
    connection.bind('state_change', changes);
    connection.bind('connected', connected);
    const stop = echo.connector.onConnectionChange(statuses);
    expect([echo.connectionStatus(), echo.socketId()]).toEqual(['connecting', undefined]);
    fake.onevent('connection', 'unavailable', '', undefined);
    fake.onevent('connection', 'connecting', '', undefined);
    fake.onevent('connection', 'connected', '', '1.2');
    expect([echo.connectionStatus(), echo.socketId()]).toEqual(['connected', '1.2']);
    expect(changes.mock.calls.map(([change]) => change)).toEqual([
      { previous: 'connecting', current: 'unavailable' },
      { previous: 'unavailable', current: 'connecting' },
      { previous: 'connecting', current: 'connected' },
    ]);
    expect(connected).toHaveBeenCalledWith({ socket_id: '1.2' });
    expect(statuses.mock.calls).toEqual([['failed'], ['connecting'], ['connected'], ['connected']]);
    stop();
    fake.onevent('connection', 'unavailable', '', undefined);
    expect(echo.connectionStatus()).toBe('failed');
    expect(statuses).toHaveBeenCalledTimes(4);
    echo.disconnect();
    expect(echo.connectionStatus()).toBe('disconnected');
    echo.connector.pusher.connect();
    expect(echo.connectionStatus()).toBe('connecting');
  });

  it('tells errors in the shapes that pusher-js documents', () => {
    const { echo, fake } = setUp();
    const heard = vi.fn();
    echo.connector.pusher.connection.bind('error', heard);
    fake.onevent('error', 4004, 'over quota');
    const [error] = heard.mock.calls[0] as [{ data: object; error: { data: object } }];
    expect(error.data).toEqual({ code: 4004, message: 'over quota' });
    expect(error.error.data).toEqual(error.data);
  });

  it('is failed, and says why, when there is no engine', () => {
    const { echo, fake } = setUp();
    fake.onevent('failed', 'no module; add echolite()');
    expect(echo.connectionStatus()).toBe('failed');
    expect(echo.connector.pusher.connection.reason).toContain('add echolite()');
  });

  it('makes a new connector on connect(), and connects the old one again through pusher', () => {
    const { port, made } = fakePorts();
    const echo = new Echo({ broadcaster: 'reverb', key: 'key', port });
    echo.disconnect();
    echo.connector.pusher.connect();
    expect(made[0]?.posted).toEqual([['connect'], ['disconnect'], ['connect']]);
    const before = echo.connector;
    echo.connect();
    expect(echo.connector).not.toBe(before);
    expect(made).toHaveLength(2);
  });
});

describe('a client of the application', () => {
  const clientOf = () => {
    const { port, made } = fakePorts();
    return { client: new Pusher('their-key', { cluster: 'eu', port }), made };
  };

  it('is used as it is, by the option `client`', () => {
    const { client, made } = clientOf();
    const echo = new Echo({ broadcaster: 'reverb', client });
    expect([echo.connector.pusher, made.length]).toEqual([client, 1]);
    const heard = vi.fn();
    echo.private('orders').listen('.shipped', heard);
    made[0]?.onevent('connection', 'connected', '', '1.2');
    made[0]?.onevent('event', 'private-orders', 'shipped', 1, undefined);
    expect([echo.socketId(), echo.connectionStatus(), heard.mock.calls.length]).toEqual([
      '1.2',
      'connected',
      1,
    ]);
    const settings = fillCacheOptions({ echo, scope: null });
    expect(settings).toMatchObject({ key: 'their-key', wsHost: 'ws-eu.pusher.com', forceTLS: true });
    expect(settings.channelAuthorization?.customHandler).toBe(client.config.channelAuthorizer);
  });

  it('that cannot sign out, as that of pusher-js, is told of with a way out', () => {
    const StockPusher = pusherJs as unknown as typeof Pusher;
    const client = new StockPusher('k', { cluster: 'eu', wsHost: '127.0.0.1', wsPort: 9, forceTLS: false });
    client.disconnect();
    const { connector } = new Echo({ broadcaster: 'reverb', client });
    connector.signin();
    expect(() => connector.signout()).toThrow("give one of 'echolite/pusher'");
  });

  it('is made of their class, by the option `Pusher`', () => {
    const { port, made } = fakePorts();
    const calls: unknown[] = [];
    class Theirs extends Pusher {
      constructor(key: string, options: Options) {
        super(key, { ...options, port });
        calls.push([key, options.authEndpoint, options.auth?.headers]);
      }
    }
    const echo = new Echo({
      broadcaster: 'pusher',
      key: 'k',
      cluster: 'eu',
      bearerToken: 't',
      Pusher: Theirs,
    });
    expect(echo.connector.pusher).toBeInstanceOf(Theirs);
    expect(calls).toEqual([['k', '/broadcasting/auth', { Authorization: 'Bearer t' }]]);
    expect(made).toHaveLength(1);
  });

  it.each([
    ['client', {}],
    ['client', 'pusher'],
    ['client', { subscribe() {} }],
    ['Pusher', class {}],
  ])('that is none is refused: %s %o', (option, given) => {
    const options = { broadcaster: 'reverb', key: 'k', port: fakePorts().port, [option]: given } as const;
    expect(() => new Echo(options)).toThrow(
      new RegExp(`Echo: \`${option}\` gave .*; expected a client of 'pusher-js' or 'echolite/pusher'`),
    );
  });

  it('that left and joins again while it is pending hears no callback of before', () => {
    const { client, made } = clientOf();
    const echo = new Echo({ broadcaster: 'reverb', client });
    made[0]?.onevent('connection', 'connected', '', '1.2');
    const [before, after] = [vi.fn(), vi.fn()];
    echo.channel('orders').listen('.shipped', before);
    echo.leave('orders');
    echo.channel('orders').listen('.shipped', after);
    made[0]?.onevent('event', 'orders', 'pusher:subscription_succeeded', {}, undefined);
    made[0]?.onevent('event', 'orders', 'shipped', 1, undefined);
    expect([before.mock.calls.length, after.mock.calls.length]).toEqual([0, 1]);
    expect(made[0]?.named('subscribe')).toEqual([['subscribe', 'orders']]);
  });
});

describe('connectors', () => {
  it('may be of an application, on the base of laravel-echo', () => {
    const heard = vi.fn();
    class Own extends Connector {
      override connect() {
        heard(this.options.authEndpoint, this.csrfToken());
      }
    }
    const echo = new Echo({ broadcaster: Own, csrfToken: 'token' });
    expect(echo.connector).toBeInstanceOf(Own);
    expect(heard).toHaveBeenCalledExactlyOnceWith('/broadcasting/auth', 'token');
  });

  it('of the broadcaster null need no key and connect nothing', () => {
    for (const broadcaster of ['null', NullConnector] as const) {
      const echo = new Echo({ broadcaster });
      expect(echo.connector).toBeInstanceOf(NullConnector);
      expect([echo.connectionStatus(), echo.socketId()]).toEqual(['connected', 'fake-socket-id']);
      echo.connector.listen('orders', 'E', () => {}).stopListening('E');
      echo.connector.onConnectionChange(() => {})();
    }
  });

  it('listen on a public channel', () => {
    const { echo, fake } = setUp();
    const heard = vi.fn();
    echo.connector.listen('orders', '.shipped', heard);
    fake.onevent('event', 'orders', 'shipped', 1, undefined);
    expect(heard).toHaveBeenCalledExactlyOnceWith(1, {});
  });
});
