import { csrfToken } from '../auth/csrf.js';
import { shown } from '../common/console.js';
import { isObject } from '../common/json.js';
import { Unproxied } from '../common/unproxied.js';
import type { EchoOptions, FilledOptions } from '../options/echo-options.js';
import { DEFAULT_OPTIONS, fillOptions } from '../options/fill-options.js';
import { Pusher } from '../pusher/pusher.js';
import { type AnyEvents, Channel, type Listener } from './channel.js';
import { PresenceChannel } from './presence-channel.js';
import { PrivateChannel } from './private-channel.js';

/** Result of `Echo.connectionStatus()`. */
export type ConnectionStatus = 'connected' | 'disconnected' | 'connecting' | 'reconnecting' | 'failed';

const NO_SIGNOUT =
  "Echo: this client has no signout(), as pusher-js's has none, so the user stays signed in: give one of 'echolite/pusher' by the option `client` or `Pusher`, or call disconnect() and make another client.";

/** The channels of one Echo, and its connection: `echo.connector`. Base of connectors of an application's own. */
export class Connector extends Unproxied {
  /** The defaults of options that are not given. */
  static readonly _defaultOptions = DEFAULT_OPTIONS;

  /** The options with their defaults; `auth.headers` may be changed at any time. */
  options!: FilledOptions;
  /** The client: the option `client`, one made by the option `Pusher`, or Echolite's own. */
  pusher!: Pusher;
  /** By full name: `private-orders`. */
  readonly channels: Record<string, Channel> = Object.create(null);

  constructor(options: EchoOptions) {
    super();
    this.setOptions(options);
    this.connect();
  }

  /** Takes the options, with laravel-echo's defaults and the headers of the page. */
  protected setOptions(options: EchoOptions): void {
    this.options = fillOptions(options);
  }

  protected csrfToken(): string | null {
    return csrfToken(this.options.csrfToken);
  }

  /** Makes the client, which connects. */
  connect(): void {
    const { options } = this;
    const Own = (options.Pusher ?? Pusher) as new (key: string, options: FilledOptions) => object;
    const client = options.client ?? new Own(options.key as string, options);
    this.pusher = checked(client, options.client ? 'client' : 'Pusher');
  }

  channel<Events extends object = AnyEvents>(name: string): Channel<Events> {
    return this.join(name, Channel) as Channel<Events>;
  }

  privateChannel<Events extends object = AnyEvents>(name: string): PrivateChannel<Events> {
    return this.join(`private-${name}`, PrivateChannel) as unknown as PrivateChannel<Events>;
  }

  /** A private channel whose events only its members can read; without whispers. */
  encryptedPrivateChannel<Events extends object = AnyEvents>(name: string): PrivateChannel<Events> {
    return this.privateChannel<Events>(`encrypted-${name}`);
  }

  presenceChannel<Info = unknown, Events extends object = AnyEvents>(
    name: string,
  ): PresenceChannel<Info, Events> {
    return this.join(`presence-${name}`, PresenceChannel) as unknown as PresenceChannel<Info, Events>;
  }

  /** Listens on a public channel. */
  listen<Data = unknown>(name: string, event: string, callback: Listener<Data>): Channel {
    return this.channel(name).listen(event, callback as Listener<unknown>);
  }

  /** Signs the user in, now and after every reconnect: see `pusher.user`. */
  signin(): void {
    this.pusher.signin();
  }

  /** Signs the user out, by another connection: see `pusher.user`. pusher-js's own client cannot. */
  signout(): void {
    if (typeof this.pusher.signout !== 'function') throw new Error(NO_SIGNOUT);
    this.pusher.signout();
  }

  /** The channel of this full name; one that was refused asks to join again. */
  private join(name: string, Kind: new (...args: ConstructorParameters<typeof Channel>) => Channel): Channel {
    if (this.channels[name]?.subscription.refused) this.channels[name].subscribe();
    this.channels[name] ??= new Kind(this.pusher, name, this.options);
    return this.channels[name];
  }

  /** Leaves the channel of this name in all its variants. */
  leave(name: string): void {
    for (const prefix of ['', 'private-', 'private-encrypted-', 'presence-']) {
      this.leaveChannel(prefix + name);
    }
  }

  /** Leaves one channel, by its full name. */
  leaveChannel(name: string): void {
    const channel = this.channels[name];
    if (channel === undefined) return;
    delete this.channels[name];
    channel.unsubscribe();
    // who joins before it is over gets the same subscription, and not the callbacks of who left
    if (channel.subscription.subscriptionCancelled) channel.subscription.unbind_all();
  }

  /** The id that `toOthers()` excludes; `undefined` before the first connection. */
  socketId(): string | undefined {
    return this.pusher.connection.socket_id;
  }

  connectionStatus(): ConnectionStatus {
    const { state } = this.pusher.connection;
    if (state === 'connected' || state === 'connecting') return state;
    return state === 'failed' || state === 'unavailable' ? 'failed' : 'disconnected';
  }

  /** Calls back with each change of the connection, as laravel-echo does; returns the way to stop. */
  onConnectionChange(callback: (status: ConnectionStatus) => void): () => void {
    const events = ['state_change', 'connected', 'disconnected'];
    const update = () => callback(this.connectionStatus());
    for (const event of events) this.pusher.connection.bind(event, update);
    return () => {
      for (const event of events) this.pusher.connection.unbind(event, update);
    };
  }

  disconnect(): void {
    this.pusher.disconnect();
  }
}

/** A client that subscribes and binds as pusher-js does, whoever made it. */
function checked(client: unknown, option: string): Pusher {
  const { subscribe, connection } = Object(client) as Partial<Pusher>;
  if (typeof subscribe === 'function' && isObject(connection)) return client as Pusher;
  const expected = "a client of 'pusher-js' or 'echolite/pusher': client: new Pusher('app-key', { … })";
  throw new Error(`Echo: \`${option}\` gave ${shown(client)}; expected ${expected}.`);
}
