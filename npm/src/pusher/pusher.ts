import { type LazyAuthorizer, lazyAuthorizer } from '../auth/lazy-authorizer.js';
import { sayOnce } from '../common/console.js';
import { inBrowser, sayInert } from '../common/environment.js';
import { echoModule } from '../engine/echo-module.js';
import { type EventHandlers, ignore } from '../engine/event-handlers.js';
import { type OpenPort, openPort } from '../engine/open-port.js';
import type { EchoCommand, EngineConfig } from '../engine/port.js';
import type { FilledOptions } from '../options/echo-options.js';
import { engineConfig } from '../options/engine-config.js';
import { PusherChannel, PusherPresenceChannel } from './channels.js';
import { PusherConnection } from './connection.js';
import { Dispatcher, type Metadata } from './dispatcher.js';
import { PusherUser } from './user.js';

/** Events that speak of a subscription or its members; only its channel hears of them. */
const INTERNAL = /^pusher:(subscription|member)_/;

/** Metadata of an event without any. */
const NO_METADATA: Metadata = Object.freeze({});
/** Metadata of an event that was missed. Client events are not replayed, so it has no `user_id`. */
const RECOVERED: Metadata = Object.freeze({ recovered: true });

function metadataOf(userId: string | undefined, recovered: true | undefined): Metadata {
  if (userId !== undefined) return { user_id: userId };
  return recovered ? RECOVERED : NO_METADATA;
}

/**
 * The client as pusher-js shows it: `echo.connector.pusher`. A callback bound to it hears the events of all
 * channels, and gets their data alone.
 */
export class Pusher extends Dispatcher {
  readonly connection = new PusherConnection();
  /** `pusher.channels.channels` is where pusher-js keeps them, by full name. */
  readonly channels: { readonly channels: Record<string, PusherChannel> } = {
    channels: Object.create(null),
  };
  /** The user who signed in. */
  readonly user: PusherUser;
  readonly key: string;
  private port: OpenPort<EchoCommand>;
  /** `undefined` where nothing is connected. */
  private authorizer: LazyAuthorizer | undefined;
  private joining = false;

  constructor(readonly options: FilledOptions) {
    super();
    this.key = String(options.key);
    let config: EngineConfig | undefined;
    if (options.broadcaster === 'null') {
      this.connection.setState('connected', "the broadcaster is 'null'", 'fake-socket-id');
    } else if (!inBrowser() && !options.port) {
      this.connection.setState('disconnected', sayInert('Echo'), undefined);
    } else {
      config = engineConfig(options);
      this.authorizer = lazyAuthorizer(options, (name) => this.channel(name));
    }
    this.user = new PusherUser(config && ((command) => this.port.post(command)));
    const { port, wasmUrl } = options;
    this.port = openPort<EchoCommand>(config, { port, wasmUrl, module: echoModule }, this.handlers);
    this.connect();
  }

  /** Connects, and stays connected; the state is `connecting` at once, as pusher-js has it. */
  connect(): void {
    const { state } = this.connection;
    if (this.authorizer && state !== 'connected') this.setState('connecting', 'asked to connect', undefined);
    this.port.post('connect');
  }

  /** Closes the connection; channels are joined again by `connect()`. */
  disconnect(): void {
    this.port.post('disconnect');
    if (this.authorizer) this.setState('disconnected', 'asked to disconnect', undefined);
  }

  /** Gives up the engine; the client cannot be used afterwards. */
  close(): void {
    this.port.close();
  }

  /** Signs the user in, now and after every reconnect; `user` tells what becomes of it. */
  signin(): void {
    this.user.signin();
  }

  /** Signs the user out, by another connection: see `user.signout`. */
  signout(): void {
    this.user.signout();
  }

  /** Joins a channel by its full name; joined already, it is the same one. After a refusal it asks again. */
  subscribe(name: `presence-${string}`): PusherPresenceChannel;
  subscribe(name: string): PusherChannel;
  subscribe(name: string): PusherChannel {
    const known = this.channels.channels[name];
    if (known !== undefined) {
      if (known.refused) this.join(known);
      return known;
    }
    if (name.startsWith('#')) {
      const fix = 'what the back end sends to a user is heard at pusher.user, after signin()';
      throw new Error(`Channel '${name}' cannot be joined: names with a # are the server's own; ${fix}.`);
    }
    const Kind = name.startsWith('presence-') ? PusherPresenceChannel : PusherChannel;
    const channel = new Kind(name, this);
    this.channels.channels[name] = channel;
    this.join(channel);
    return channel;
  }

  /** A name that cannot be is refused within the call: told afterwards, so that its listeners can be bound first. */
  private join(channel: PusherChannel): void {
    channel.refused = false;
    this.joining = true;
    this.port.post('subscribe', channel.name);
    this.joining = false;
  }

  unsubscribe(name: string): void {
    const channel = this.channels.channels[name];
    if (channel === undefined) return;
    delete this.channels.channels[name];
    channel.subscribed = false;
    this.port.post('unsubscribe', name);
  }

  channel(name: string): PusherChannel | undefined {
    return this.channels.channels[name];
  }

  allChannels(): PusherChannel[] {
    return Object.values(this.channels.channels);
  }

  /** Sends a client event; `false` when there is no connection. */
  send_event(event: string, data: unknown, channel: string): boolean {
    this.port.post('trigger', channel, event, data);
    return this.connection.state === 'connected';
  }

  private readonly handlers: EventHandlers = {
    ready: ignore,
    failed: (message) => {
      this.setState('failed', message, undefined);
      this.user.refuse(undefined, message);
    },
    connection: (state, reason, socketId) => this.setState(state, reason, socketId),
    error: (code, message) => {
      this.connection.fail(code, message);
      this.emit('pusher:error', { code: code ?? null, message });
    },
    event: (channel, event, data, userId, recovered) =>
      this.deliver(channel, event, data, metadataOf(userId, recovered), userId),
    subscriptionError: (...refusal) => {
      const channel = this.channel(refusal[0]);
      const tell = () => {
        if (channel !== undefined && channel === this.channel(refusal[0])) this.refused(channel, ...refusal);
      };
      if (this.joining) setTimeout(tell);
      else tell();
    },
    authorize: (request, channel, socketId) => this.authorize(request, channel, socketId),
    authenticate: (request, socketId) => this.authenticate(request, socketId),
    signedIn: (userData) => {
      const data = { user_data: userData };
      this.user.accept(userData);
      this.emit('pusher:signin_success', data);
      this.connection.emit('message', { event: 'pusher:signin_success', data });
    },
    signInFailed: (status, message) => this.user.refuse(status, message),
    watchlist: (data) => {
      this.user.watch(data);
      this.connection.emit('message', { event: 'pusher_internal:watchlist_events', data });
    },
    // the cache's, which has an engine of its own
    read: ignore,
    consult: ignore,
    live: ignore,
    got: ignore,
    rejected: ignore,
    activity: ignore,
    inspected: ignore,
    cleared: ignore,
  };

  private async authorize(request: number, name: string, socketId: string): Promise<void> {
    const channel = this.channel(name);
    const reply = await this.authorizer?.authorize(name, socketId);
    // an answer for a channel that was left says nothing of the one that was joined since
    if (reply === undefined || channel !== this.channel(name)) return;
    this.port.post('authorized', request, channel === undefined ? reply : await channel.admit(reply));
  }

  private async authenticate(request: number, socketId: string): Promise<void> {
    const reply = await this.authorizer?.authenticate(socketId);
    if (reply !== undefined) this.port.post('authenticated', request, reply);
  }

  /** Calls callbacks in pusher-js's order: of the channel, of all channels, of the user, of the connection. */
  private deliver(name: string, event: string, data: unknown, metadata: Metadata, userId?: string): void {
    const channel = this.channels.channels[name];
    const internal = INTERNAL.test(event);
    if (internal) {
      channel?.confirm(event, data);
    } else {
      channel?.emit(event, data, metadata);
      this.emit(event, data);
      this.user.hear(name, event, data);
    }
    if (this.connection.hears('message')) {
      const wire = internal ? event.replace(':', '_internal:') : event;
      this.connection.emit('message', { event: wire, channel: name, data, user_id: userId });
    }
  }

  private setState(state: PusherConnection['state'], reason: string, socketId: string | undefined): void {
    if (state !== 'connected') {
      for (const channel of this.allChannels()) channel.disconnect();
      if (this.connection.state === 'connected') this.user.disconnect();
    }
    this.connection.setState(state, reason, socketId);
  }

  private refused(
    channel: PusherChannel,
    ...[name, status, error, type = 'AuthError']: Parameters<EventHandlers['subscriptionError']>
  ): void {
    channel.refused = true;
    if (!channel.hears('pusher:subscription_error')) {
      sayOnce('error', `Channel ${name} was not joined: ${error}`);
    }
    channel.emit('pusher:subscription_error', {
      type,
      error,
      ...(status === undefined ? {} : { status }),
    });
  }
}
