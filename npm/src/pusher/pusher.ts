import { lazyAuthorizer } from '../auth/lazy-authorizer.js';
import { naming, sayOnce } from '../common/console.js';
import { inBrowser, sayInert } from '../common/environment.js';
import { echoModule } from '../engine/echo-module.js';
import { type EventHandlers, ignore } from '../engine/event-handlers.js';
import { type OpenPort, openPort } from '../engine/open-port.js';
import type { EchoCommand, EngineConfig } from '../engine/port.js';
import type { ChannelAuth, UserAuth } from '../options/echo-options.js';
import { engineConfig } from '../options/engine-config.js';
import { checkPusherOptions } from '../options/option-kinds.js';
import type { ClusterOptions, PusherOptions } from '../options/pusher-options.js';
import { Channels, type PusherChannel, type PusherPresenceChannel } from './channels.js';
import { ask, type Config, channelReply, configOf, userReply } from './config.js';
import { type Link, PusherConnection } from './connection.js';
import { Dispatcher } from './dispatcher.js';
import type { PusherEvent } from './event.js';
import { logger } from './logger.js';
import { PusherUser } from './user.js';

/** Events that speak of a subscription or its members; only its channel hears of them. */
const INTERNAL = /^pusher:(subscription|member)_/;

/**
 * A client as pusher-js shows it: `new Pusher('app-key', { cluster: 'eu' })`, or an Echo's `echo.connector.pusher`. It
 * connects at once. A callback bound to it hears the events of all channels, and gets their data alone.
 *
 * @example
 * const pusher = new Pusher('app-key', { cluster: 'eu' });
 * pusher.subscribe('orders').bind('shipped', (order) => console.log(order));
 */
export class Pusher extends Dispatcher {
  /** The clients of this page that are not closed. */
  static instances: Pusher[] = [];
  /** Whether a new client connects at once. */
  static isReady = true;

  /** Connects all clients. */
  static ready(): void {
    Pusher.isReady = true;
    for (const pusher of Pusher.instances) pusher.connect();
  }

  /** Told what goes on: states, events, and events that nobody is bound to. */
  static get log(): ((message: string) => void) | undefined {
    return logger.log;
  }

  static set log(log: ((message: string) => void) | undefined) {
    logger.log = log;
  }

  /** Writes the same to the console. */
  static get logToConsole(): boolean {
    return logger.logToConsole;
  }

  static set logToConsole(isWanted: boolean) {
    logger.logToConsole = isWanted;
  }

  key: string;
  options: PusherOptions;
  config!: Config;
  readonly connection: PusherConnection;
  readonly channels = new Channels();
  /** The user who signed in. */
  readonly user: PusherUser;
  /** A number of this client. */
  readonly sessionID = Math.floor(Math.random() * 1e9);
  private engine: EngineConfig | undefined;
  private port!: OpenPort<EchoCommand>;
  /** The channels that the engine was asked for. */
  private asked = new Set<string>();
  /** Signatures that the application sent by itself, by channel. */
  private signed = new Map<string, ChannelAuth>();
  private joining = false;

  constructor(key: string, options: PusherOptions) {
    super();
    checkPusherOptions(key, options);
    this.key = key;
    this.options = options;
    this.connection = new PusherConnection(this.link);
    this.user = new PusherUser((command) => {
      this.port.post(command);
      return this.engine !== undefined;
    });
    this.open();
    if (this.engine !== undefined) Pusher.instances.push(this);
    if (Pusher.isReady) this.connect();
  }

  /** The events of all channels, where pusher-js keeps them. */
  get global_emitter(): this {
    return this;
  }

  /** Connects, and stays connected; the state is `connecting` at once, as pusher-js has it. */
  connect(): void {
    this.connection.connect();
  }

  /** Closes the connection; channels are joined again by `connect()`. */
  disconnect(): void {
    this.connection.disconnect();
  }

  /** Gives up the engine; the client cannot be used afterwards. */
  close(): void {
    this.port.close();
    Pusher.instances = Pusher.instances.filter((pusher) => pusher !== this);
  }

  /** Connects to another cluster. Channels, bindings and the user stay. */
  switchCluster({ appKey, cluster }: ClusterOptions): void {
    const options = { ...this.options, cluster };
    // a setting that cannot be is an error before the connection is given up
    if (this.engine !== undefined) engineConfig({ ...options, key: appKey });
    checkPusherOptions(appKey, options);
    this.key = appKey;
    this.options = options;
    this.connection.switchCluster(appKey);
  }

  /** Signs the user in, now and after every reconnect; `user` tells what becomes of it. */
  signin(): void {
    this.user.signin();
  }

  /** Signs the user out, by another connection: see `user.signout`. */
  signout(): void {
    this.user.signout();
  }

  /**
   * Joins a channel by its full name; joined already, it is the same one. One that was refused is asked for again, and
   * one that was left before it was joined stays: the channel and its bindings are the same.
   */
  subscribe(name: `presence-${string}`): PusherPresenceChannel;
  subscribe(name: string): PusherChannel;
  subscribe(name: string): PusherChannel {
    const channel = this.channels.add(name, this);
    if (channel.subscriptionPending && channel.subscriptionCancelled) channel.reinstateSubscription();
    else if (channel.refused || !this.asked.has(name)) this.join(channel);
    return channel;
  }

  /** Joins all channels that are not joined. */
  subscribeAll(): void {
    for (const { name } of this.allChannels()) this.subscribe(name);
  }

  /** Leaves a channel. One that is being joined is left when that is over, unless it is subscribed to meanwhile. */
  unsubscribe(name: string): void {
    const channel = this.channel(name);
    if (channel === undefined) return;
    if (channel.subscriptionPending) channel.cancelSubscription();
    else this.leave(channel);
  }

  channel(name: string): PusherChannel | undefined {
    return this.channels.find(name);
  }

  allChannels(): PusherChannel[] {
    return this.channels.all();
  }

  /** Sends a client event; `false` when there is no connection. */
  send_event(event: string, data: unknown, channel?: string): boolean {
    return this.connection.send_event(event, data, channel);
  }

  shouldUseTLS(): boolean {
    return this.config.useTLS;
  }

  /** Opens the port to an engine for the options as they are. */
  private open(): void {
    const { options, key } = this;
    const { port, wasmUrl } = options;
    const isNull = options.broadcaster === 'null';
    const isInert = !isNull && !inBrowser() && !port;
    if (!isNull && !isInert) this.engine = engineConfig({ ...options, key });
    const { engine } = this;
    const authorizer = engine && lazyAuthorizer(options, (name) => this.channel(name));
    this.config = configOf(options, engine, authorizer);
    if (isNull) this.setState('connected', "the broadcaster is 'null'", 'fake-socket-id');
    if (isInert) {
      const who = options.broadcaster === undefined ? 'Pusher' : 'Echo';
      this.setState('disconnected', sayInert(who), undefined);
    }
    this.port = openPort<EchoCommand>(engine, { port, wasmUrl, module: echoModule }, this.handlers);
  }

  /** A name that cannot be is refused within the call: told afterwards, so that its listeners can be bound first. */
  private join(channel: PusherChannel): void {
    channel.refused = false;
    channel.subscriptionCancelled = false;
    channel.subscriptionPending = this.engine !== undefined && this.connection.state === 'connected';
    this.asked.add(channel.name);
    this.joining = true;
    this.port.post('subscribe', channel.name);
    this.joining = false;
  }

  private leave(channel: PusherChannel): void {
    this.channels.remove(channel.name);
    channel.disconnect();
    this.forget(channel.name);
  }

  private forget(name: string): void {
    this.asked.delete(name);
    this.signed.delete(name);
    this.port.post('unsubscribe', name);
  }

  private readonly link: Link = {
    key: () => this.key,
    usesTls: () => this.shouldUseTLS(),
    connect: () => {
      if (this.engine !== undefined && this.connection.state !== 'connected')
        this.setState('connecting', 'asked to connect', undefined);
      this.port.post('connect');
    },
    disconnect: () => {
      this.port.post('disconnect');
      if (this.engine !== undefined) this.setState('disconnected', 'asked to disconnect', undefined);
    },
    switchCluster: (key) => {
      this.key = key;
      this.port.close();
      this.open();
      if (this.engine === undefined) return;
      this.setState('connecting', 'asked for another cluster', undefined);
      for (const channel of this.allChannels()) this.join(channel);
      if (this.user.signin_requested) this.port.post('signIn');
      this.port.post('connect');
    },
    send: (event, data, channel) => this.send(event, data, channel),
    receive: (message) => this.receive(message),
  };

  /** The engine sends client events; what it does by itself, it is asked for. */
  private send(event: string, data: unknown, channel: string | undefined): boolean {
    const isConnected = this.connection.state === 'connected';
    const named = Object(data) as Partial<ChannelAuth> & { channel?: string };
    if (channel !== undefined) this.port.post('trigger', channel, event, data);
    else if (event === 'pusher:unsubscribe' && named.channel) this.forget(named.channel);
    else if (event === 'pusher:subscribe' && named.channel && isConnected) {
      if (named.auth) this.signed.set(named.channel, named as ChannelAuth);
      this.asked.add(named.channel);
      this.port.post('subscribe', named.channel);
    } else return false;
    return isConnected;
  }

  /** Calls callbacks in pusher-js's order: of the channel, of all channels, of the user; the connection's follow. */
  private receive(message: PusherEvent): void {
    const { event, channel: name, data } = message;
    if (event === 'pusher:signin_success') this.user.accept((data as { user_data: string }).user_data);
    if (name !== undefined) this.channel(name)?.handleEvent(message);
    if (!event.startsWith('pusher_internal:')) this.emit(event, data);
    this.user.handleEvent(message);
  }

  private readonly handlers: EventHandlers = {
    ready: ignore,
    delayed: (message) => {
      if (this.connection.state !== 'disconnected') this.setState('unavailable', message, undefined);
    },
    failed: (message) => {
      this.setState('failed', message, undefined);
      this.user.refuse(undefined, message);
    },
    connection: (state, reason, socketId) => this.setState(state, reason, socketId),
    error: (code, message) => {
      this.connection.fail(code, message);
      this.connection.emit('message', { event: 'pusher:error', data: { code: code ?? null, message } });
    },
    event: (channel, name, data, user_id, recovered) => {
      const event = INTERNAL.test(name) ? name.replace(':', '_internal:') : name;
      this.connection.emit('message', { event, channel, data, user_id, ...(recovered && { recovered }) });
    },
    subscriptionError: (...refusal) => {
      const channel = this.channel(refusal[0]);
      const tell = () => {
        if (channel !== undefined && channel === this.channel(refusal[0])) this.refused(channel, ...refusal);
      };
      if (this.joining) setTimeout(tell);
      else tell();
    },
    authorize: (request, channel, socketId) => this.authorize(request, channel, socketId),
    authenticate: (request, socketId) => {
      const { port } = this;
      ask<UserAuth>(
        (callback) => this.config.userAuthenticator({ socketId }, callback),
        (error, data) => port.post('authenticated', request, userReply(error, data)),
      );
    },
    signedIn: (userData) =>
      this.connection.emit('message', { event: 'pusher:signin_success', data: { user_data: userData } }),
    signInFailed: (status, message) => this.user.refuse(status, message),
    watchlist: (data) => this.connection.emit('message', { event: 'pusher_internal:watchlist_events', data }),
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

  private authorize(request: number, name: string, socketId: string): void {
    // the engine that asked is answered: after `switchCluster` there is another, with numbers of its own
    const { port } = this;
    const channel = this.channel(name);
    const signed = this.signed.get(name);
    this.signed.delete(name);
    if (signed !== undefined) port.post('authorized', request, channelReply(null, signed));
    else if (channel === undefined) this.forget(name);
    else {
      ask<ChannelAuth>(
        (callback) => channel.authorize(socketId, callback),
        (error, data) => {
          // an answer for a channel that was left says nothing of the one that was joined since
          if (channel === this.channel(name)) port.post('authorized', request, channelReply(error, data));
        },
      );
    }
  }

  private setState(state: PusherConnection['state'], reason: string, socketId: string | undefined): void {
    const channels = this.allChannels();
    if (state === 'connected') {
      for (const channel of channels) {
        if (!this.asked.has(channel.name)) this.join(channel);
        channel.subscriptionPending = !channel.refused;
      }
    } else {
      this.signed.clear();
      this.channels.disconnect();
      // they were left, and what is over needs no answer
      for (const channel of channels) if (channel.subscriptionCancelled) this.leave(channel);
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
      sayOnce('error', `${naming('Channel', name, error)} was not joined: ${error}`);
    }
    channel.refuse({ type, error, ...(status === undefined ? {} : { status }) });
    if (channel.subscriptionCancelled) this.leave(channel);
  }
}
