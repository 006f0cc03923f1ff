import { describe, expect, it, vi } from 'vitest';
import { Echo, type EchoOptions } from '../../src/index.js';
import { fakePorts, only } from '../support/fake-port.js';

function setUp(options: Partial<EchoOptions> = {}) {
  const { port, made } = fakePorts();
  const echo = new Echo({ broadcaster: 'reverb', key: 'key', port, ...options });
  const fake = only(made);
  const event = (channel: string, name: string, data: unknown, userId?: string) =>
    fake.onevent('event', channel, name, data, userId);
  return { echo, fake, event };
}

describe('listening', () => {
  it('connects and subscribes at once, and each channel once', () => {
    const { echo, fake } = setUp();
    echo.private('orders');
    echo.private('orders');
    echo.channel('news');
    expect(fake.posted).toEqual([['connect'], ['subscribe', 'private-orders'], ['subscribe', 'news']]);
    expect(Object.keys(echo.connector.channels)).toEqual(['private-orders', 'news']);
  });

  it('formats event names with the namespace', () => {
    const { echo, event } = setUp();
    const heard = vi.fn();
    echo
      .channel('orders')
      .listen('OrderShipped', heard)
      .listen('Billing.Paid', heard)
      .listen('.order.shipped', heard)
      .listen('\\Other\\Event', heard);
    for (const name of [
      'App\\Events\\OrderShipped',
      'App\\Events\\Billing\\Paid',
      'order.shipped',
      'Other\\Event',
    ]) {
      event('orders', name, { name });
      expect(heard).toHaveBeenLastCalledWith({ name }, {});
    }
    event('orders', 'OrderShipped', {});
    expect(heard).toHaveBeenCalledTimes(4);
  });

  it('knows no namespace with namespace: false, nor after setNamespace(false)', () => {
    const { echo, event } = setUp({ namespace: false });
    const heard = vi.fn();
    echo.channel('orders').listen('OrderShipped', heard);
    event('orders', 'OrderShipped', 1);
    const other = setUp();
    const channel = other.echo.channel('orders');
    channel.eventFormatter.setNamespace(false);
    channel.listen('OrderShipped', heard);
    other.event('orders', 'OrderShipped', 2);
    expect(heard.mock.calls).toEqual([
      [1, {}],
      [2, {}],
    ]);
  });

  it('calls channel-global, channel, pusher-global, pusher, in this order', () => {
    const { echo, event } = setUp();
    const calls: unknown[] = [];
    const { pusher } = echo.connector;
    pusher.connection.bind('message', (message) => calls.push(['message', message]));
    pusher.bind('E', (...args: unknown[]) => calls.push(['pusher', ...args]));
    pusher.bind_global((...args: unknown[]) => calls.push(['pusher global', ...args]));
    const channel = pusher.subscribe('c');
    channel.bind('E', (...args: unknown[]) => calls.push(['channel', ...args]));
    channel.bind_global((...args: unknown[]) => calls.push(['channel global', ...args]));
    event('c', 'E', 7, '42');
    expect(calls).toEqual([
      ['channel global', 'E', 7],
      ['channel', 7, { user_id: '42' }],
      ['pusher global', 'E', 7],
      ['pusher', 7],
      ['message', { event: 'E', channel: 'c', data: 7, user_id: '42' }],
    ]);
  });

  it('tells which events were missed, once they come', () => {
    const { echo, fake } = setUp({ recover: true });
    const heard = vi.fn();
    const all = vi.fn();
    echo.private('orders').listen('.E', heard).listenToAll(all);
    fake.onevent('event', 'private-orders', 'E', 1, undefined, true);
    fake.onevent('event', 'private-orders', 'E', 2, undefined);
    expect(heard.mock.calls).toEqual([
      [1, { recovered: true }],
      [2, {}],
    ]);
    expect(all).toHaveBeenCalledTimes(2);
  });

  it('asks for missed events only where that is wanted', () => {
    expect(setUp().fake.config.recover).toBe(false);
    expect(setUp({ recover: true }).fake.config.recover).toBe(true);
    expect(() => setUp({ recover: 'yes' as unknown as boolean })).toThrow(
      'recover is "yes"; expected true or false',
    );
  });

  it('calls a callback added twice twice, and stopListening removes it altogether', () => {
    const { echo, event } = setUp();
    const [one, two] = [vi.fn(), vi.fn()];
    const channel = echo.channel('c').listen('.E', one).listen('.E', one).listen('.E', two);
    event('c', 'E', {});
    expect([one, two].map((fn) => fn.mock.calls.length)).toEqual([2, 1]);
    channel.stopListening('.E', one);
    event('c', 'E', {});
    expect([one, two].map((fn) => fn.mock.calls.length)).toEqual([2, 2]);
    channel.stopListening('.E');
    event('c', 'E', {});
    expect(two).toHaveBeenCalledTimes(2);
  });

  it('calls callbacks added or removed during an event, as pusher-js does', () => {
    const { echo, event } = setUp();
    const channel = echo.channel('c');
    const [late, removed] = [vi.fn(), vi.fn()];
    channel.listen('.E', () => {
      channel.listen('.E', late);
      channel.stopListening('.E', removed);
    });
    channel.listen('.E', removed);
    event('c', 'E', {});
    expect([late, removed].map((fn) => fn.mock.calls.length)).toEqual([1, 1]);
  });

  it('goes on after a callback that throws, and reports it', () => {
    const report = vi.fn();
    vi.stubGlobal('reportError', report);
    const { echo, event } = setUp();
    const heard = vi.fn();
    const failure = new Error('mine');
    echo
      .channel('c')
      .listen('.E', () => {
        throw failure;
      })
      .listen('.E', heard);
    event('c', 'E', {});
    expect(heard).toHaveBeenCalledOnce();
    expect(report).toHaveBeenCalledWith(failure);
  });

  it('listens to all, with names as listen takes them, and stops', () => {
    const { echo, event } = setUp();
    const heard = vi.fn();
    const channel = echo.channel('c').listenToAll(heard);
    event('c', 'App\\Events\\OrderShipped', 1);
    event('c', 'App\\EventsOther', 2);
    event('c', 'order.shipped', 3);
    event('c', 'pusher:subscription_succeeded', {});
    expect(heard.mock.calls).toEqual([
      ['OrderShipped', 1],
      ['.App\\EventsOther', 2],
      ['.order.shipped', 3],
    ]);
    channel.stopListeningToAll(heard);
    event('c', 'order.shipped', 4);
    expect(heard).toHaveBeenCalledTimes(3);
  });

  it('listens for notifications and whispers, and whispers', () => {
    const { echo, event, fake } = setUp();
    const heard = vi.fn();
    const channel = echo.private('u.1').notification(heard).listenForWhisper('typing', heard);
    event('private-u.1', 'Illuminate\\Notifications\\Events\\BroadcastNotificationCreated', { id: 1 });
    event('private-u.1', 'client-typing', { name: 'Ada' });
    expect(heard.mock.calls.map(([data]) => data)).toEqual([{ id: 1 }, { name: 'Ada' }]);
    channel.stopListeningForNotification(heard).stopListeningForWhisper('typing');
    event('private-u.1', 'client-typing', {});
    expect(heard).toHaveBeenCalledTimes(2);
    channel.whisper('typing', { name: 'Bob' });
    expect(fake.named('trigger')).toEqual([['trigger', 'private-u.1', 'client-typing', { name: 'Bob' }]]);
    expect(() => channel.subscription.trigger('typing', {})).toThrow("start with 'client-'");
  });
});

describe('subscriptions', () => {
  it('tells subscribed after each confirmation, and error with a status', () => {
    const { echo, event, fake } = setUp();
    const [subscribed, error] = [vi.fn(), vi.fn()];
    const channel = echo.private('c').subscribed(subscribed).error(error);
    event('private-c', 'pusher:subscription_succeeded', {});
    expect(channel.subscription.subscribed).toBe(true);
    fake.onevent('connection', 'connecting', 'socket closed', undefined);
    expect(channel.subscription.subscribed).toBe(false);
    event('private-c', 'pusher:subscription_succeeded', {});
    expect(subscribed.mock.calls).toEqual([[], []]);
    fake.onevent('subscriptionError', 'private-c', 403, 'no', undefined);
    expect(error).toHaveBeenCalledWith({ type: 'AuthError', error: 'no', status: 403 });
    fake.onevent('subscriptionError', 'private-c', 403, 'full', 'LimitReached');
    expect(error).toHaveBeenLastCalledWith({ type: 'LimitReached', error: 'full', status: 403 });
  });

  it('says on the console that a channel was refused when nobody listens', () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { echo, fake } = setUp();
    echo.private('c');
    fake.onevent('subscriptionError', 'private-c', 403, 'no such user', undefined);
    expect(said).toHaveBeenCalledWith('Channel private-c was not joined: no such user');
    echo.private('d');
    const named = '/broadcasting/auth answered 403 for private-d: no such user';
    fake.onevent('subscriptionError', 'private-d', 403, named, undefined);
    expect(said, 'its name once').toHaveBeenLastCalledWith(`Channel was not joined: ${named}`);
    echo.channel('a');
    fake.onevent('subscriptionError', 'a', 403, 'what a name', undefined);
    expect(said).toHaveBeenLastCalledWith('Channel a was not joined: what a name');
  });

  it('asks to join again after a refusal, by whatever name for it', () => {
    const { echo, fake } = setUp();
    const { pusher } = echo.connector;
    const error = vi.fn();
    const channel = echo.private('c').error(error);
    const refuse = () => fake.onevent('subscriptionError', 'private-c', 401, 'no', undefined);
    const asked = () => fake.named('subscribe').length;
    expect(asked()).toBe(1);
    refuse();
    expect(echo.private('c')).toBe(channel);
    expect(asked()).toBe(2);
    echo.private('c');
    expect(asked()).toBe(2); // it is under way
    refuse();
    expect(pusher.subscribe('private-c')).toBe(channel.subscription);
    expect(asked()).toBe(3);
    refuse();
    channel.subscribe();
    expect(asked()).toBe(4);
    refuse();
    expect(error).toHaveBeenCalledTimes(4); // its listeners are still those
    for (const name of ['presence-p', 'q']) {
      pusher.subscribe(name);
      fake.onevent('subscriptionError', name, 403, 'no', undefined);
    }
    const before = asked();
    echo.join('p');
    echo.channel('q');
    expect(asked()).toBe(before + 2);
  });

  it('tells of a name that cannot be after the call, connected or not', async () => {
    const { echo, fake } = setUp();
    fake.onevent('connection', 'connected', '', '1.2');
    const post = fake.post.bind(fake);
    // an engine that is connected refuses within the call
    fake.post = (...command) => {
      post(...command);
      if (command[0] === 'subscribe') {
        fake.onevent('subscriptionError', command[1], undefined, 'not allowed', undefined);
      }
    };
    const error = vi.fn();
    echo.channel('no spaces').error(error);
    expect(error).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(error).toHaveBeenCalledTimes(1));
    echo.channel('no spaces');
    await vi.waitFor(() => expect(error).toHaveBeenCalledTimes(2));
    echo.leave('no spaces');
    const later = vi.fn();
    echo.channel('no spaces').error(later);
    await vi.waitFor(() =>
      expect(later).toHaveBeenCalledExactlyOnceWith({ type: 'AuthError', error: 'not allowed' }),
    );
    expect(error).toHaveBeenCalledTimes(2);
  });

  it('leaves all variants of a channel, one, or all', () => {
    const { echo, fake } = setUp();
    echo.channel('a');
    echo.private('a');
    echo.encryptedPrivate('a');
    echo.join('a');
    echo.channel('b');
    echo.channel('c');
    echo.leave('a');
    echo.leaveChannel('b');
    expect(fake.named('unsubscribe').map(([, name]) => name)).toEqual([
      'a',
      'private-a',
      'private-encrypted-a',
      'presence-a',
      'b',
    ]);
    echo.leaveAllChannels();
    expect(echo.connector.channels).toEqual({});
    expect(echo.connector.pusher.allChannels()).toEqual([]);
  });

  it('survives channels named like parts of objects', () => {
    const { echo, event } = setUp();
    const heard = vi.fn();
    echo.channel('constructor').listen('.toString', heard);
    event('constructor', 'toString', 1);
    event('__proto__', 'toString', 1);
    expect(heard).toHaveBeenCalledOnce();
  });
});

describe('encrypted channels', () => {
  it('are listened to as others are, and refuse whispers as pusher-js does', () => {
    const { echo, event, fake } = setUp();
    const heard = vi.fn();
    const channel = echo.encryptedPrivate('chat').listen('Said', heard);
    expect(fake.named('subscribe')).toEqual([['subscribe', 'private-encrypted-chat']]);
    event('private-encrypted-chat', 'App\\Events\\Said', { text: 'psst' });
    expect(heard).toHaveBeenCalledWith({ text: 'psst' }, {});
    expect(() => channel.whisper('typing', {})).toThrow(
      'private-encrypted-chat: there are no client events (whispers) on encrypted channels.',
    );
    expect(fake.named('trigger')).toEqual([]);
  });
});

describe('broadcasters', () => {
  it('takes null, which is always connected', () => {
    const echo = new Echo({ broadcaster: 'null' });
    expect([echo.connectionStatus(), echo.socketId()]).toEqual(['connected', 'fake-socket-id']);
    echo
      .private('a')
      .listen('E', () => {})
      .whisper('x', {});
    echo
      .join('a')
      .here(() => {})
      .whisper('x', {});
    echo.encryptedPrivate('a').whisper('x', {});
  });

  it("takes an application's own class", () => {
    class Own {
      constructor(readonly options: EchoOptions) {}
      channel(name: string) {
        return name;
      }
    }
    const echo = new Echo({ broadcaster: Own });
    expect(echo.channel('a')).toBe('a');
  });

  it('refuses what it does not know, plainly', () => {
    const refused = (broadcaster: unknown) =>
      expect(() => new Echo({ broadcaster: broadcaster as never, key: 'k' }));
    refused('foo').toThrow(
      "Broadcaster string foo is not supported. Expected 'reverb', 'pusher', 'null' or a connector class.",
    );
    refused('ably').toThrow(
      "The broadcaster 'ably' is not offered here: Ably speaks Pusher's protocol: write broadcaster: 'pusher'",
    );
    refused('socket.io').toThrow(
      "The broadcaster 'socket.io' is not offered here: serve the channels by Echolite's server or Reverb",
    );
    refused('mercure').toThrow('or keep laravel-echo with its connector class');
    refused(undefined).toThrow('Broadcaster undefined undefined is not supported');
    refused('toString').toThrow("Broadcaster string toString is not supported. Expected 'reverb'");
    refused(() => ({})).toThrow('Broadcaster function');
    refused({}).toThrow('Broadcaster object');
    expect(() => new Echo({ broadcaster: 'reverb' })).toThrow('Echo needs `key`');
    expect(() => setUp().echo.connector.pusher.subscribe('#server-to-user-1')).toThrow(
      "Channel '#server-to-user-1' cannot be joined: names with a # are the server's own; what the back end sends",
    );
  });
});

describe('a callback that changes who listens', () => {
  const listening = () => {
    const { port, made } = fakePorts();
    const channel = new Echo({ broadcaster: 'reverb', key: 'k', namespace: false, port }).channel('orders');
    const event = () => only(made).onevent('event', 'orders', 'Shipped', {}, undefined);
    return { channel, event };
  };

  it('stops itself, and the next one of listenToAll is called all the same', () => {
    const { channel, event } = listening();
    const heard: string[] = [];
    const once = () => {
      heard.push('once');
      channel.stopListeningToAll(once);
    };
    channel.listenToAll(once).listenToAll(() => heard.push('all'));
    event();
    event();
    expect(heard).toEqual(['once', 'all', 'all']);
  });

  it('stops itself, and the next one of listen is called all the same', () => {
    const { channel, event } = listening();
    const heard: string[] = [];
    const once = () => {
      heard.push('once');
      channel.stopListening('Shipped', once);
    };
    channel.listen('Shipped', once).listen('Shipped', () => heard.push('other'));
    event();
    event();
    expect(heard).toEqual(['once', 'other', 'other']);
  });

  it('throws, and the next one is called all the same', () => {
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    const { channel, event } = listening();
    const heard = vi.fn();
    const fail = () => {
      throw new Error('mine');
    };
    channel.listenToAll(fail).listenToAll(heard).listen('Shipped', fail).listen('Shipped', heard);
    event();
    expect([heard.mock.calls.length, reported.mock.calls.length]).toEqual([2, 2]);
  });
});
