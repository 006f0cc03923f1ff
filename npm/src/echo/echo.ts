import { shown } from '../common/console.js';
import { isObject } from '../common/json.js';
import { Unproxied } from '../common/unproxied.js';
import type { EchoOptions } from '../options/echo-options.js';
import type { AnyEvents, Channel, Listener } from './channel.js';
import { type ConnectionStatus, Connector } from './connector.js';
import { interceptAxios, interceptJquery, interceptTurbo, interceptVue } from './interceptors.js';
import { NullConnector } from './null-connector.js';
import type { PresenceChannel } from './presence-channel.js';
import type { PrivateChannel } from './private-channel.js';

const KNOWN = "Expected 'reverb', 'pusher', 'null' or a connector class";

/** Advice for broadcasters of laravel-echo, and one of others, that are not spoken here. */
const INSTEAD: Readonly<Record<string, string>> = {
  __proto__: null as never,
  ably: "Ably speaks Pusher's protocol: write broadcaster: 'pusher', and wsHost: 'realtime-pusher.ably.io' if it is not there",
  'socket.io':
    "serve the channels by Echolite's server or Reverb and write broadcaster: 'reverb', or keep laravel-echo with socket.io-client",
  mercure:
    "serve the channels by Echolite's server or Reverb and write broadcaster: 'reverb', or keep laravel-echo with its connector class",
};

/** Whether a value can be called with `new`, without calling it. */
function isConstructor(value: unknown): value is new (options: EchoOptions) => object {
  try {
    Reflect.construct(Object, [], value as new () => object);
    return true;
  } catch {
    return false;
  }
}

/** The events of an Echo: those described, or any. `Echo<'reverb'>`, as laravel-echo writes it, says nothing. */
export type EventsOf<T> = T extends string ? AnyEvents : T extends object ? T : AnyEvents;

/**
 * Subscribes to channels and listens for events, with laravel-echo's API. It returns at once: what is asked
 * before the connection is there is kept. On a server it is inert: its state is `disconnected` and it
 * never calls back.
 *
 * @example
 * const echo = new Echo({ broadcaster: 'reverb', key: 'app-key', wsHost: 'ws.example.com' });
 * echo.private('orders.1').listen('OrderShipped', (order) => console.log(order));
 */
export default class Echo<T extends string | object = AnyEvents> extends Unproxied {
  /** Its channels and its connection. For a broadcaster class of an application's own: an instance of that. */
  connector!: Connector;

  constructor(readonly options: EchoOptions) {
    super();
    if (!isObject(options)) throw new Error(`Echo needs an object of options, and got ${shown(options)}.`);
    this.connect();
    if (!options.withoutInterceptors) this.registerInterceptors();
  }

  /** Makes a new connector, as laravel-echo does. To connect again, use `connector.pusher.connect()`. */
  connect(): void {
    const broadcaster: unknown = this.options.broadcaster;
    if (isConstructor(broadcaster)) {
      this.connector = new broadcaster(this.options) as Connector;
    } else if (broadcaster === 'reverb' || broadcaster === 'pusher') {
      this.connector = new Connector(this.options);
    } else if (broadcaster === 'null') {
      this.connector = new NullConnector(this.options);
    } else {
      const name = String(broadcaster);
      const advice = INSTEAD[name];
      if (advice) throw new Error(`The broadcaster '${name}' is not offered here: ${advice}.`);
      throw new Error(`Broadcaster ${typeof broadcaster} ${name} is not supported. ${KNOWN}.`);
    }
  }

  /**
   * Lets the global axios, jQuery, Turbo and vue-resource tell this tab's socket id to the page's own origin, and to those
   * of `socketIdOrigins`.
   */
  registerInterceptors(): void {
    this.registerVueRequestInterceptor();
    this.registerAxiosRequestInterceptor();
    this.registerjQueryAjaxSetup();
    this.registerTurboRequestInterceptor();
  }

  registerVueRequestInterceptor(): void {
    interceptVue(this);
  }

  registerAxiosRequestInterceptor(): void {
    interceptAxios(this);
  }

  registerjQueryAjaxSetup(): void {
    interceptJquery(this);
  }

  registerTurboRequestInterceptor(): void {
    interceptTurbo(this);
  }

  disconnect(): void {
    this.connector.disconnect();
  }

  /** A public channel. */
  channel<Events extends object = EventsOf<T>>(name: string): Channel<Events> {
    return this.connector.channel<Events>(name);
  }

  /** A private channel; the back end is asked whether this user may join. */
  private<Events extends object = EventsOf<T>>(name: string): PrivateChannel<Events> {
    return this.connector.privateChannel<Events>(name);
  }

  /** A presence channel: a private one that tells who is on it. `Info`: what the back end says of each user. */
  join<Info = unknown, Events extends object = EventsOf<T>>(name: string): PresenceChannel<Info, Events> {
    return this.connector.presenceChannel<Info, Events>(name);
  }

  /** A private channel whose events the server cannot read. Nobody can whisper on it. */
  encryptedPrivate<Events extends object = EventsOf<T>>(name: string): PrivateChannel<Events> {
    return this.connector.encryptedPrivateChannel<Events>(name);
  }

  /** Listens on a public channel. */
  listen<Data = unknown>(channel: string, event: string, callback: Listener<Data>): Channel {
    return this.connector.channel(channel).listen(event, callback as Listener<unknown>);
  }

  /** Leaves the channel of this name in all its variants: public, private, presence. */
  leave(name: string): void {
    this.connector.leave(name);
  }

  /** Leaves one channel, by its full name (`private-orders`). */
  leaveChannel(name: string): void {
    this.connector.leaveChannel(name);
  }

  leaveAllChannels(): void {
    for (const name of Object.keys(this.connector.channels)) this.leaveChannel(name);
  }

  /** This tab's socket id, which `toOthers()` excludes. */
  socketId(): string | undefined {
    return this.connector.socketId();
  }

  connectionStatus(): ConnectionStatus {
    return this.connector.connectionStatus();
  }
}
