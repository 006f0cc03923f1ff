/**
 * Objects of the package where applications keep them: in the state of Vue, Pinia, Alpine, MobX and Svelte, which hand
 * out proxies of what they hold, and behind a plain `Proxy`.
 */
import alpine from 'alpinejs';
import { observable } from 'mobx';
import { createPinia, defineStore, setActivePinia } from 'pinia';
import { proxy as svelteState } from 'svelte/internal/client';
import { describe, expect, it, vi } from 'vitest';
import { createApp, isProxy, reactive, readonly, ref, toRaw, watch } from 'vue';
import { Echo, type LiveQuery, type PresenceChannel, type PusherUser, type Resource } from '../src/index.js';
import { PRODUCTS, type Product, setUp as setUpCache } from './support/cache.js';
import { fakePorts, only } from './support/fake-port.js';

interface Kept {
  thing: unknown;
}

/** What hands back a thing that it was given, as an application's code reads it there. */
const KEEPERS: Record<string, <T>(thing: T) => T> = {
  'Vue ref': (thing) => ref(thing).value as typeof thing,
  'Vue reactive': (thing) => reactive<Kept>({ thing }).thing as typeof thing,
  'Vue reactive, the thing itself': (thing) => reactive(thing as object) as typeof thing,
  'Vue reactive, in a list': (thing) => reactive([thing]).at(0) as typeof thing,
  'Vue reactive, in a Map': (thing) => reactive(new Map([[1, thing]])).get(1) as typeof thing,
  'Vue readonly': (thing) => readonly<Kept>({ thing }).thing as typeof thing,
  'Vue data()': (thing) => {
    const app = createApp({ data: () => ({ thing }), render: () => null });
    return (app.mount(document.createElement('div')) as unknown as Kept).thing as typeof thing;
  },
  'Pinia, options': (thing) => {
    setActivePinia(createPinia());
    return (defineStore('kept', { state: (): Kept => ({ thing }) })() as Kept).thing as typeof thing;
  },
  'Pinia, setup': (thing) => {
    setActivePinia(createPinia());
    return (defineStore('kept', () => ({ thing: ref(thing) }))() as unknown as Kept).thing as typeof thing;
  },
  'Alpine x-data': (thing) => {
    alpine.data('kept', () => ({ thing }));
    const root = document.createElement('div');
    root.setAttribute('x-data', 'kept');
    alpine.initTree(root);
    return (alpine.$data(root) as Kept).thing as typeof thing;
  },
  'Alpine store': (thing) => {
    alpine.store('kept', { thing });
    return (alpine.store('kept') as Kept).thing as typeof thing;
  },
  'MobX observable': (thing) => observable({ thing }).thing,
  'Svelte $state': (thing) => svelteState<Kept>({ thing }).thing as typeof thing,
  'a plain Proxy': (thing) => new Proxy(thing as object, {}) as typeof thing,
  'a Proxy of every object': (thing) => deepProxy(thing as object) as typeof thing,
};

/** Hands out proxies of what is inside, too, except of what is frozen or the language's own (a Map, a promise). */
function deepProxy(target: object): object {
  return new Proxy(target, {
    get(object, name, receiver) {
      const value: unknown = Reflect.get(object, name, receiver);
      const isOpen =
        /t (Object|Array)\]$/.test(Object.prototype.toString.call(value)) && !Object.isFrozen(value);
      return isOpen && !Object.isFrozen(object) ? deepProxy(value as object) : value;
    },
  });
}

function setUp() {
  const { port, made } = fakePorts();
  const echo = new Echo<string>({ broadcaster: 'reverb', key: 'key', port });
  return { echo, port: only(made) };
}

/** Uses each kind of object by way of its keeper. */
const USES: Record<string, (keep: <T>(thing: T) => T) => void> = {
  Echo(keep) {
    const { echo, port } = setUp();
    const kept = keep(echo);
    const heard = vi.fn();
    kept.private('orders').listen('Shipped', heard).listenToAll(heard);
    kept.channel('news').listen('.Written', heard);
    port.onevent('event', 'private-orders', 'App\\Events\\Shipped', { id: 1 }, undefined, undefined);
    port.onevent('event', 'news', 'Written', { id: 2 }, undefined, undefined);
    expect(heard).toHaveBeenCalledTimes(3);
    kept.leave('orders');
    kept.leaveAllChannels();
    kept.connector.signin();
    port.onevent('connection', 'connected', '', '1.2');
    expect([kept.socketId(), kept.connectionStatus(), Object.keys(kept.connector.channels)]).toEqual([
      '1.2',
      'connected',
      [],
    ]);
    kept.disconnect();
    expect(port.posted.map(([name]) => name).join()).toBe(
      'connect,subscribe,subscribe,unsubscribe,unsubscribe,signIn,disconnect',
    );
  },

  'a connector'(keep) {
    const { echo, port } = setUp();
    const kept = keep(echo.connector);
    const seen: string[] = [];
    const stop = kept.onConnectionChange((status) => seen.push(status));
    port.onevent('connection', 'connected', '', '1.2');
    stop();
    port.onevent('connection', 'unavailable', '', undefined);
    expect(new Set(seen)).toEqual(new Set(['connected']));
    kept.privateChannel('orders');
    kept.leaveChannel('private-orders');
    expect(kept.channels).toEqual({});
  },

  'a channel'(keep) {
    const { echo, port } = setUp();
    const kept = keep(echo.channel('orders'));
    const heard = vi.fn();
    const tell = (id: number) =>
      port.onevent('event', 'orders', 'App\\Events\\Shipped', { id }, undefined, undefined);
    kept.listen('Shipped', heard).listenToAll(heard).subscribed(heard).error(heard);
    tell(1);
    expect(heard).toHaveBeenCalledTimes(2);
    kept.stopListening('Shipped', heard).stopListeningToAll(heard).stopListeningForError(heard);
    tell(2);
    expect(heard).toHaveBeenCalledTimes(2);
    kept.unsubscribe();
    kept.subscribe();
    expect(port.named('subscribe').length).toBe(2);
  },

  'a presence channel'(keep) {
    const { echo, port } = setUp();
    const kept = keep(echo.join('room') as PresenceChannel<{ name: string }>);
    const heard = vi.fn();
    const { members } = kept.subscription as unknown as { members: { count: number } };
    kept.here(heard).joining(heard).leaving(heard).whisper('typing', {});
    const presence = { hash: { 7: { name: 'Ann' } }, count: 1 };
    port.onevent(
      'event',
      'presence-room',
      'pusher:subscription_succeeded',
      { presence },
      undefined,
      undefined,
    );
    const joined = { user_id: 8, user_info: { name: 'Bob' } };
    port.onevent('event', 'presence-room', 'pusher:member_added', joined, undefined, undefined);
    expect(heard.mock.calls.flat()).toEqual([[{ name: 'Ann' }], { name: 'Bob' }]);
    const held = keep(members) as unknown as { count: number; each(callback: unknown): void };
    held.each(heard);
    expect([held.count, heard.mock.calls.length]).toEqual([2, 4]);
  },

  'pusher and its parts'(keep) {
    const { echo, port } = setUp();
    const kept = keep(echo.connector.pusher);
    const heard = vi.fn();
    const bound = keep(kept.subscribe('news')).bind('Written', heard).bind_global(heard);
    keep(kept.connection).bind('connected', heard);
    const user = keep<PusherUser>(kept.user);
    user.bind('notice', heard);
    user.signin();
    port.onevent('connection', 'connected', '', '1.2');
    port.onevent('signedIn', '{"id":"7"}');
    port.onevent('event', '#server-to-user-7', 'notice', { id: 1 }, undefined, undefined);
    port.onevent('event', 'news', 'Written', { id: 1 }, undefined, undefined);
    expect(heard).toHaveBeenCalledTimes(4);
    bound.unbind('Written', heard).unbind_all();
    port.onevent('event', 'news', 'pusher:subscription_succeeded', {}, undefined, undefined);
    kept.send_event('client-typing', {}, 'news');
    user.signout();
    kept.unsubscribe('news');
    kept.disconnect();
    expect(port.posted.map(([name]) => name).slice(-4)).toEqual([
      'trigger',
      'signOut',
      'unsubscribe',
      'disconnect',
    ]);
  },

  'a cache'(keep) {
    const { cache, made } = setUpCache();
    const kept = keep(cache);
    const seen = vi.fn();
    kept.onActivity(seen);
    kept.onConnectionChange(seen);
    kept.resource<Product>('products', PRODUCTS);
    const port = only(made);
    port.onevent('connection', 'connected', '', '1.2');
    port.onevent('activity', { at: 0, type: 'restored', resource: 'products', rows: 1 });
    expect([kept.connectionState, seen.mock.calls.length]).toEqual(['connected', 2]);
    kept.inspect().catch(() => {});
    kept.close();
    expect(() => kept.resource<Product>('other', PRODUCTS)).toThrow('The cache was closed');
  },

  'a resource and its live query'(keep) {
    const { cache, made } = setUpCache();
    const kept = keep<Resource<Product>>(cache.resource<Product>('products', PRODUCTS));
    const live = keep<LiveQuery<Product>>(kept.live());
    const seen = vi.fn();
    live.subscribe(seen);
    const insert = [{ id: 1, name: 'shoe', category: 'shoes', price: 1 }];
    const status = { state: 'fresh' } as const;
    only(made).onevent('live', 1, { splices: [{ at: 0, remove: 0, insert }], changes: [], total: 1, status });
    expect([live.rows.length, live.total, live.status.state, seen.mock.calls.length]).toEqual([
      1,
      1,
      'fresh',
      2,
    ]);
    expect(structuredClone(live.snapshot), 'rows and snapshots can be cloned').toEqual(live.snapshot);
    expect(() => Object.assign(live.rows[0] ?? {}, { price: 2 })).toThrow(TypeError);
    live.update({ limit: 1 });
    live.close();
    kept.refresh();
    kept.close();
    expect(
      only(made)
        .posted.map(([name]) => name)
        .slice(2),
    ).toEqual(['live', 'live', 'closeLive', 'refresh', 'closeResource']);
  },
};

for (const [keeper, keep] of Object.entries(KEEPERS)) {
  describe(`kept in ${keeper}`, () => {
    for (const [kind, use] of Object.entries(USES)) it(kind, () => use(keep));
  });
}

describe('Vue and Alpine', () => {
  const { echo } = setUp();
  const { cache } = setUpCache();
  const products = cache.resource<Product>('products', PRODUCTS);
  const { pusher } = echo.connector;
  const room = echo.join('room');
  const held = {
    echo,
    connector: echo.connector,
    channel: echo.channel('orders'),
    privateChannel: echo.private('orders'),
    presenceChannel: room,
    pusher,
    pusherChannel: pusher.subscribe('news'),
    members: pusher.subscribe('presence-room').members,
    connection: pusher.connection,
    user: pusher.user,
    watchlist: pusher.user.watchlist,
    cache,
    resource: products,
    live: products.live(),
    snapshot: products.live().snapshot,
  };

  it.each(Object.keys(held))('leave %s as it is', (name) => {
    const thing = held[name as keyof typeof held];
    const state = reactive<Kept>({ thing });
    expect(isProxy(state.thing)).toBe(false);
    expect(state.thing).toBe(thing);
    expect(toRaw(state).thing).toBe(thing);
    expect((alpine.reactive({ thing }) as Kept).thing).toBe(thing);
  });

  it('walk none of them, however deep they watch', () => {
    const read = vi.fn();
    const spied = Object.defineProperty(Object.create(echo), 'connector', { get: read, enumerable: true });
    watch(reactive<Kept>({ thing: spied }), () => {}, { deep: true });
    expect(read).not.toHaveBeenCalled();
  });
});
