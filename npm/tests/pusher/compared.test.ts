/**
 * pusher-js's classes and those of here, told the same: every call of a public member answers the same, calls back the
 * same, and leaves the same behind. The stock classes are taken from its own instances.
 */
import pusherJs from 'pusher-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import OurPusher from '../../src/pusher.js';
import { fakePorts } from '../support/fake-port.js';

type Channel = ReturnType<OurPusher['subscribe']>;
type Made = { channel: Channel; presence: Channel; heard: unknown[]; sent: unknown[][] };

const StockPusher = pusherJs as unknown as typeof OurPusher;
const AT_HAND = { cluster: 'eu', wsHost: '127.0.0.1', wsPort: 9, forceTLS: false } as const;

/** Channels of either library over a client that the test plays, as pusher-js's own units do it. */
function make(Pusher: typeof OurPusher): Made {
  const real = new Pusher('key', { ...AT_HAND, port: fakePorts().port });
  real.disconnect();
  const sent: unknown[][] = [];
  const client = {
    config: {
      channelAuthorizer: (params: unknown, callback: (error: unknown, data: unknown) => void) => {
        sent.push(['authorize', params]);
        callback(null, { auth: 'k:s', channel_data: '{"user_id":"7"}' });
      },
    },
    connection: { socket_id: '1.2' },
    user: { signinDonePromise: null, user_data: null },
    options: {},
    unsubscribe: (name: string) => sent.push(['unsubscribe', name]),
    send_event: (...args: unknown[]) => {
      sent.push(args);
      return true;
    },
  };
  const of = (name: string) => {
    const Kind = real.subscribe(name).constructor as new (name: string, pusher: unknown) => Channel;
    return new Kind(name, client);
  };
  const made = { channel: of('news'), presence: of('presence-room'), heard: [], sent };
  real.unsubscribe('news');
  return made;
}

const flags = ({ subscribed, subscriptionPending, subscriptionCancelled, subscriptionCount }: Channel) => [
  subscribed,
  subscriptionPending,
  subscriptionCancelled,
  // pusher-js leaves it undefined before the first count
  subscriptionCount ?? null,
];

const ok = { event: 'pusher_internal:subscription_succeeded', data: {} };
// made anew, for pusher-js keeps what it is given
const roster = () => ({ presence: { ids: ['7', '8'], hash: { 7: { name: 'Ada' }, 8: null }, count: 2 } });

/** By name, what is done with a channel; what it returns is compared, and what it called and sent. */
const SCRIPTS: Record<string, (made: Made) => unknown> = {
  subscribe: ({ channel }) => [channel.subscribe(), flags(channel)],
  'subscribe, subscribed already': ({ channel }) => [
    channel.handleEvent(ok),
    channel.subscribe(),
    flags(channel),
  ],
  'subscribe, refused': ({ channel, heard }) => {
    channel.bind('pusher:subscription_error', (error) => heard.push(error));
    channel.authorize = (_id, callback) => callback(new Error('no'));
    return [channel.subscribe(), flags(channel)];
  },
  unsubscribe: ({ channel }) => [channel.handleEvent(ok), channel.unsubscribe(), flags(channel)],
  disconnect: ({ channel }) => [channel.handleEvent(ok), channel.disconnect(), flags(channel)],
  'cancelSubscription, then confirmed': ({ channel }) => [
    channel.subscribe(),
    channel.cancelSubscription(),
    channel.handleEvent(ok),
    flags(channel),
  ],
  'reinstateSubscription, then confirmed': ({ channel }) => [
    channel.cancelSubscription(),
    channel.reinstateSubscription(),
    channel.handleEvent(ok),
    flags(channel),
  ],
  'handleSubscriptionSucceededEvent and handleSubscriptionCountEvent': ({ channel }) => [
    channel.handleSubscriptionSucceededEvent(ok),
    channel.handleSubscriptionCountEvent({ event: '', data: { subscription_count: 3 } }),
    flags(channel),
    channel.handleSubscriptionCountEvent({ event: '', data: { subscription_count: 0 } }),
    flags(channel),
  ],
  'handleEvent, of any name': ({ channel, heard }) => {
    const events = [
      'shipped',
      'toString',
      '__proto__',
      'pusher:cache_miss',
      'pusher_internal:x',
      'client-x',
      '',
    ];
    for (const event of events) channel.bind(event, (...args) => heard.push([event, ...args]));
    for (const event of events) {
      for (const data of [{ id: 1 }, 0, '', null, undefined, false, [], 'text'])
        channel.handleEvent({ event, data });
    }
    return heard.length;
  },
  'authorize of a public channel': ({ channel, heard }) => {
    channel.authorize('1.2', (...args) => heard.push(args));
  },
  'authorize of a presence channel': async ({ presence, heard }) => {
    presence.authorize('1.2', (...args) => heard.push(args));
    await Promise.resolve();
    return (presence as unknown as { members: object }).members;
  },
  trigger: ({ channel }) => channel.trigger('client-x', { a: 1 }),
  'trigger of another name throws': ({ channel }) => {
    try {
      return channel.trigger('x', {});
    } catch (error) {
      return error instanceof Error;
    }
  },
  'members come, change and go': async ({ presence, heard }) => {
    const { members } = presence as unknown as { members: import('../../src/pusher.js').Members };
    for (const event of ['pusher:subscription_succeeded', 'pusher:member_added', 'pusher:member_removed']) {
      presence.bind(event, (data: unknown) => heard.push([event, structuredClone({ ...(data as object) })]));
    }
    members.setMyID('7');
    presence.handleEvent({ ...ok, data: roster() });
    const added = {
      event: 'pusher_internal:member_added',
      data: { user_id: '9', user_info: { name: 'Bob' } },
    };
    presence.handleEvent(added);
    presence.handleEvent(added);
    presence.handleEvent({ event: 'pusher_internal:member_removed', data: { user_id: '8' } });
    presence.handleEvent({ event: 'pusher_internal:member_removed', data: { user_id: 'nobody' } });
    members.each((member) => heard.push(member));
    const seen = [members.count, members.me, members.myID, members.get('9'), members.get('toString')];
    const added2 = members.addMember({ user_id: 10, user_info: 1 });
    const removed = [members.removeMember({ user_id: 10 }), members.removeMember({ user_id: 10 })];
    const before = { ...members, members: { ...members.members } };
    presence.disconnect();
    return [seen, added2, removed, before, { ...members }, flags(presence)];
  },
  'onSubscription and reset of members': ({ presence }) => {
    const { members: held } = presence as unknown as { members: import('../../src/pusher.js').Members };
    held.setMyID('8');
    held.onSubscription(roster());
    const filled = { ...held };
    held.reset();
    return [filled, { ...held }];
  },
  'a client event with its sender': ({ presence, heard }) => {
    presence.bind('client-x', (...args) => heard.push(args));
    presence.handleEvent({ event: 'client-x', data: 1, user_id: '7' });
  },
  'bind, bind_global, unbind, unbind_global, unbind_all and emit': ({ channel, heard }) => {
    const one = (...args: unknown[]) => heard.push(['one', ...args]);
    const all = (...args: unknown[]) => heard.push(['all', ...args]);
    const context = { heard };
    const withContext = function (this: typeof context, ...args: unknown[]) {
      heard.push(['context', this === context, ...args]);
    };
    const answers = [
      channel.bind('a', one).bind('a', one).bind('b', withContext, context) === channel,
      channel.bind_global(all) === channel,
      channel.emit('a', 1) === channel,
      channel.emit('b') === channel,
      channel.emit('a', 0, { user_id: '7' }) === channel,
      channel.unbind('a', all) === channel,
      channel.emit('a', 2) === channel,
      channel.unbind(null, null, context) === channel,
      channel.emit('b', 3) === channel,
      channel.unbind('a', one) === channel,
      channel.unbind_global(one) === channel,
      channel.emit('a', 4) === channel,
      channel.unbind_global() === channel,
      channel.emit('a', 5) === channel,
    ];
    channel.bind('c', one).bind_global(all);
    return [...answers, channel.unbind_all() === channel, channel.emit('c', 6) === channel];
  },
  'callbacks and global_callbacks, where applications look': ({ channel }) => {
    const one = () => {};
    channel.bind('a', one).bind('a', one).bind_global(one);
    const { callbacks, global_callbacks } = channel as unknown as {
      callbacks: { _callbacks: Record<string, unknown[]>; get(event: string): unknown[] };
      global_callbacks: unknown[];
    };
    return [Object.keys(callbacks._callbacks), callbacks.get('a').length, global_callbacks.length];
  },
};

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  vi.spyOn(console, 'error').mockImplementation(() => {});
});

afterEach(() => {
  for (const pusher of OurPusher.instances) pusher.close();
});

describe('the same as in pusher-js', () => {
  it.each(Object.entries(SCRIPTS))('%s', async (_name, script) => {
    const run = async (Pusher: typeof OurPusher) => {
      const made = make(Pusher);
      const answer = await script(made);
      return { answer, heard: made.heard, sent: made.sent };
    };
    const stock = await run(StockPusher);
    expect(await run(OurPusher)).toEqual(stock);
    expect([stock.answer, ...stock.heard, ...stock.sent]).not.toEqual([undefined]);
  });

  it('the members that are compared are those of the declarations', () => {
    const text = Object.values(SCRIPTS).join('\n');
    const { channel, presence } = make(StockPusher);
    const names = new Set<string>();
    const { members } = presence as unknown as { members: object };
    for (let at: object = channel; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      for (const name of Object.getOwnPropertyNames(at)) names.add(name);
    }
    for (const name of [
      ...Object.keys(members),
      ...Object.getOwnPropertyNames(Object.getPrototypeOf(members)),
    ]) {
      names.add(name);
    }
    const notCalled = ['constructor', 'failThrough'];
    const looked = `${text} ${flags}`;
    expect([...names].filter((name) => !looked.includes(name)).sort()).toEqual(notCalled.sort());
  });
});
