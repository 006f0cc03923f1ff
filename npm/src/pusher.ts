import { engineConfig } from './config.js';
import { Dispatcher, type Metadata } from './dispatcher.js';
import { EnginePort } from './engine-port.js';
import { inBrowser } from './environment.js';
import { InertPort } from './inert-port.js';
import type { FilledOptions } from './options.js';
import { watchPage } from './page.js';
import { type Authorize, loadAuthorize } from './page-services.js';
import type { EngineEvent, Port } from './port.js';
import { PusherChannel } from './pusher-channel.js';
import { PusherConnection } from './pusher-connection.js';

/** Events that speak of a subscription; only its channel hears of them. */
const INTERNAL = 'pusher:subscription_';

/** What the callbacks of a public or private channel get beside the data. */
const NO_METADATA: Metadata = Object.freeze({});

/**
 * The client as pusher-js shows it: `echo.connector.pusher`. What is bound to it hears the events of all
 * channels, and gets their data alone.
 */
export class Pusher extends Dispatcher {
  readonly connection = new PusherConnection();
  /** `pusher.channels.channels` is where pusher-js keeps them, by full name. */
  readonly channels: { readonly channels: Record<string, PusherChannel> } = {
    channels: Object.create(null),
  };
  readonly key: string;
  #port: Port;
  #authorize: Authorize | undefined;
  #unwatch: () => void;

  constructor(readonly options: FilledOptions) {
    super();
    this.key = String(options.key);
    if (options.broadcaster === 'null') {
      this.#port = new InertPort();
      this.connection.setState('connected', "the broadcaster is 'null'", 'fake-socket-id');
    } else if (!inBrowser() && !options.port) {
      this.#port = new InertPort();
      this.connection.setState('disconnected', 'nothing is connected on a server', undefined);
    } else {
      const config = engineConfig(options);
      this.#authorize = loadAuthorize(options, (name) => this.channel(name));
      this.#port = options.port?.(config) ?? new EnginePort(config, options.wasmUrl);
    }
    this.#port.onevent = (...event) => this.#take(event);
    this.#unwatch = watchPage(this.#port);
    this.connect();
  }

  /** Connects, and stays connected; the state is `connecting` at once, as pusher-js has it. */
  connect(): void {
    const { state } = this.connection;
    if (this.#authorize && state !== 'connected') this.#setState('connecting', 'asked to connect', undefined);
    this.#port.post('connect');
  }

  /** Closes the connection; channels are joined again by `connect()`. */
  disconnect(): void {
    this.#port.post('disconnect');
    if (this.#authorize) this.#setState('disconnected', 'asked to disconnect', undefined);
  }

  /** Gives up the engine; the client cannot be used afterwards. */
  close(): void {
    this.#unwatch();
    this.#port.close();
  }

  /** Joins a channel by its full name; joined already, it is the same one. */
  subscribe(name: string): PusherChannel {
    const known = this.channels.channels[name];
    if (known !== undefined) return known;
    const channel = new PusherChannel(name, this);
    this.channels.channels[name] = channel;
    this.#port.post('subscribe', name);
    return channel;
  }

  unsubscribe(name: string): void {
    const channel = this.channels.channels[name];
    if (channel === undefined) return;
    delete this.channels.channels[name];
    channel.subscribed = false;
    this.#port.post('unsubscribe', name);
  }

  channel(name: string): PusherChannel | undefined {
    return this.channels.channels[name];
  }

  allChannels(): PusherChannel[] {
    return Object.values(this.channels.channels);
  }

  /** Sends a client event; `false` when there is no connection. */
  send_event(event: string, data: unknown, channel: string): boolean {
    this.#port.post('trigger', channel, event, data);
    return this.connection.state === 'connected';
  }

  #take(event: EngineEvent): void {
    if (event[0] === 'event') {
      this.#dispatch(event[1], event[2], event[3], event[4]);
    } else if (event[0] === 'connection') {
      this.#setState(event[1], event[2], event[3]);
    } else if (event[0] === 'failed') {
      this.#setState('failed', event[1], undefined);
    } else if (event[0] === 'subscriptionError') {
      this.#refused(event[1], event[2], event[3]);
    } else if (event[0] === 'error') {
      this.connection.fail(event[1], event[2]);
      this.emit('pusher:error', { code: event[1] ?? null, message: event[2] });
    } else if (event[0] === 'authorize') {
      const [, request, channel, socketId] = event;
      this.#authorize?.(channel, socketId).then((reply) => this.#port.post('authorized', request, reply));
    }
  }

  /** In pusher-js's order: those of the channel, then those of all channels, then the connection's. */
  #dispatch(name: string, event: string, data: unknown, userId: string | undefined): void {
    const channel = this.channels.channels[name];
    if (event.startsWith(INTERNAL)) {
      channel?.confirm(event, data);
    } else {
      channel?.emit(event, data, userId === undefined ? NO_METADATA : { user_id: userId });
      this.emit(event, data);
    }
    if (this.connection.hears('message')) {
      const wire = event.startsWith(INTERNAL) ? event.replace(':', '_internal:') : event;
      this.connection.emit('message', { event: wire, channel: name, data, user_id: userId });
    }
  }

  #setState(state: PusherConnection['state'], reason: string, socketId: string | undefined): void {
    if (state !== 'connected') {
      for (const name in this.channels.channels) {
        (this.channels.channels[name] as PusherChannel).subscribed = false;
      }
    }
    this.connection.setState(state, reason, socketId);
  }

  #refused(name: string, status: number | undefined, error: string): void {
    const channel = this.channels.channels[name];
    if (channel === undefined) return;
    if (!channel.hears('pusher:subscription_error')) {
      console.error(`Channel ${name} was not joined: ${error}`);
    }
    channel.emit('pusher:subscription_error', {
      type: 'AuthError',
      error,
      ...(status === undefined ? {} : { status }),
    });
  }
}
