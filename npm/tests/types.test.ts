/** Compiled, and hardly run: that typed and untyped use both compile is what is tested. */
import type pusherJs from 'pusher-js';
import { expect, it } from 'vitest';
import Echo, {
  axiosSocketId,
  type BroadcastDriver,
  type BroadcastEvent,
  type Broadcaster,
  type Channel,
  createCache,
  type EchoOptions,
  type LiveQuery,
  Pusher,
} from '../src/index.js';
import { fakePorts } from './support/fake-port.js';

interface Order {
  id: number;
  total: number;
}

interface ShopEvents {
  OrderShipped: Order;
  '.order.paid': { order: Order };
}

declare global {
  interface Window {
    Echo: Echo<'reverb'>;
  }
}

it('compiles typed, untyped, and as laravel-echo is written', () => {
  const options = { broadcaster: 'null' } as const;

  const untyped = new Echo(options);
  untyped.channel('orders').listen('OrderShipped', (order: Order) => order.id);
  untyped.channel('orders').listen('OrderShipped', (order) => String(order));
  untyped.channel('orders').listen('OrderShipped', () => {});
  untyped.private('orders').listenForWhisper('typing', (who: { name: string }) => who.name);
  untyped.listen('orders', 'OrderShipped', (order: Order) => order.total);
  untyped.connector.pusher.connection.bind('state_change', (states: { current: string }) => states.current);

  untyped.join('room').here((users: Order[]) => users.length);
  untyped
    .join('room')
    .joining((user: Order) => user.id)
    .leaving((user) => String(user));
  const room = untyped.join<Order, ShopEvents>('room').here((users) => users[0]?.total);
  room.joining(({ id }) => id).listen('OrderShipped', (order) => order.id);
  // @ts-expect-error here gets them all
  room.here((user: Order) => user.id);
  // @ts-expect-error users are Orders
  room.leaving((name: string) => name);
  const me: Order | undefined = room.subscription.members.me?.info;
  expect(me).toBeUndefined();
  untyped.connector.pusher.subscribe('presence-room').members.each(({ id, info }) => [id, info]);
  untyped.encryptedPrivate<ShopEvents>('orders').listen('OrderShipped', (order) => order.id);

  window.Echo = new Echo({ broadcaster: 'null' });
  const asBefore: Echo<'pusher'> = new Echo<'pusher'>(options);
  asBefore.private('a').notification((notification: { type: string }) => notification.type);

  const ofReverb: EchoOptions<'reverb'> = { broadcaster: 'reverb', key: 'k', auth: { headers: { A: '1' } } };
  // @ts-expect-error another broadcaster's
  const ofPusher: EchoOptions<'pusher'> = { broadcaster: 'reverb', key: 'k' };
  const driver: BroadcastDriver = ofReverb.broadcaster === 'reverb' ? 'reverb' : 'null';
  const privately = (channel: Broadcaster['reverb']['private']) => channel.whisper('typing', ofPusher);
  expect([driver, typeof privately]).toEqual(['reverb', 'function']);

  // a module of CommonJS, whose class is its own `default` to TypeScript
  type StockClass = typeof pusherJs.default;
  const withClass = (given: { Pusher?: StockClass; client?: InstanceType<StockClass> }) =>
    new Echo({ broadcaster: 'null', ...given });
  const withOurs: EchoOptions = { ...withClass({}).options, Pusher };
  const again = (Client: NonNullable<EchoOptions['Pusher']>) => new Client('k', { cluster: 'eu' });
  // @ts-expect-error not a class
  const withText: EchoOptions = { broadcaster: 'null', Pusher: 'pusher-js' };
  expect([withOurs.Pusher, typeof again, withText.broadcaster]).toEqual([Pusher, 'function', 'null']);

  const typed = new Echo<ShopEvents>(options);
  typed.private('orders').listen('OrderShipped', (order) => order.total.toFixed(2));
  typed.channel('orders').listen('.order.paid', ({ order }) => order.id);
  // @ts-expect-error no such event
  typed.channel('orders').listen('OrderSent', () => {});
  // @ts-expect-error the event carries an Order
  typed.channel('orders').listen('OrderShipped', (order: string) => order);

  const channel: Channel<ShopEvents> = untyped.channel<ShopEvents>('orders');
  channel.listen('OrderShipped', (order) => order.id);

  const cache = createCache({ key: 'k', scope: 1, store: 'memory', port: fakePorts().port });
  createCache({ echo: typed, scope: null }).close();
  const orders = cache.resource<Order>('orders', {
    url: '/orders',
    rows: (json: { data: Order[] }) => json.data,
    channel: 'private:orders',
    on: {
      OrderShipped: ({ data }: BroadcastEvent<{ order: Order }>) => ({ reaction: 'patch', row: data.order }),
      OrderPaid: ({ name }) => (name === '' ? 'ignore' : 'refresh'),
    },
    belongs: (order) => order.total > 0,
    indexes: ['total'],
  });
  const live: LiveQuery<Order> = orders.live({ where: { total: { gt: 5 } }, orderBy: '-total' });
  live.subscribe(({ rows, status }) => [rows[0]?.total, status.state]);
  // axios declares its instances so
  interface AxiosRequest {
    url?: string;
    headers: { set(name: string, value: string): void; [name: string]: unknown };
  }
  interface AxiosInstance {
    (config: AxiosRequest): Promise<unknown>;
    interceptors: {
      request: {
        use(
          fulfilled?: ((config: AxiosRequest) => AxiosRequest | Promise<AxiosRequest>) | null,
          rejected?: ((error: unknown) => unknown) | null,
        ): number;
      };
    };
  }
  const axios = { interceptors: { request: { use: () => 1 } } } as unknown as AxiosInstance;
  axiosSocketId(typed, axios);
  // @ts-expect-error connection options or an Echo, and a scope
  expect(() => createCache({ key: 'k' })).toThrow();
  cache.close();
});
