/**
 * Channels as pusher-js shows them, and the table of them. All kinds stand in one file, for they and `Pusher` know
 * each other.
 */
import { messageOf } from '../common/errors.js';
import { isId, jsonObject } from '../common/json.js';
import { Unproxied } from '../common/unproxied.js';
import type { AuthCallback, ChannelAuth } from '../options/echo-options.js';
import { ask } from './config.js';
import { Dispatcher } from './dispatcher.js';
import { BadChannelName, BadEventName, HTTPAuthError, UnsupportedFeature } from './errors.js';
import { metadataOf, type PusherEvent } from './event.js';
import { debug } from './logger.js';
import { Members } from './members.js';
import type { Pusher } from './pusher.js';

/**
 * A channel as pusher-js shows it: bind to events, trigger client events.
 *
 * @example echo.connector.pusher.channel('private-orders').bind('App\\Events\\OrderShipped', (order) => …)
 */
export class PusherChannel extends Dispatcher {
  /** Whether the server confirmed the subscription on the present connection. */
  subscribed = false;
  /** Whether the subscription was asked for on the present connection, and nothing was answered yet. */
  subscriptionPending = false;
  /** Whether it was left while it was pending: it ends once it is answered, unless it is subscribed to again. */
  subscriptionCancelled = false;
  /** Whether the subscription was refused; `subscribe` asks again then. */
  refused = false;
  /** Number of subscribed connections, if the server tells it. */
  subscriptionCount: number | null = null;

  constructor(
    /** The full name, such as `private-orders`. */
    readonly name: string,
    readonly pusher: Pusher,
  ) {
    super((event) => debug(`No callbacks on ${name} for ${event}`));
  }

  /** Gets the signature for a socket. Public channels need none. */
  authorize(_socketId: string | undefined, callback: AuthCallback): void {
    callback(null, { auth: '' });
  }

  /** Sends a client event to the others on the channel; `false` when there is no connection. */
  trigger(event: string, data: unknown): boolean {
    if (event.startsWith('client-')) return this.pusher.send_event(event, data, this.name);
    throw new BadEventName(
      `Event '${event}' cannot be triggered: names of client events start with 'client-'.`,
    );
  }

  /** The connection was lost. */
  disconnect(): void {
    this.subscribed = false;
    this.subscriptionPending = false;
  }

  /** Takes in an event of the channel, as it is on the wire. */
  handleEvent(message: PusherEvent): void {
    const { event, data } = message;
    if (event === 'pusher_internal:subscription_succeeded') {
      this.handleSubscriptionSucceededEvent(message);
    } else if (event === 'pusher_internal:subscription_count') {
      this.handleSubscriptionCountEvent(message);
    } else if (!event.startsWith('pusher_internal:')) {
      this.emit(event, data, metadataOf(message));
    }
  }

  handleSubscriptionSucceededEvent({ data }: PusherEvent): void {
    this.subscriptionPending = false;
    this.subscribed = true;
    if (this.subscriptionCancelled) this.pusher.unsubscribe(this.name);
    else this.emit('pusher:subscription_succeeded', this.taken(data));
  }

  handleSubscriptionCountEvent({ data }: PusherEvent): void {
    const { subscription_count: count } = Object(data) as { subscription_count?: number };
    if (count) this.subscriptionCount = count;
    this.emit('pusher:subscription_count', data);
  }

  /** Asks to join: gets a signature and sends it. `pusher.subscribe` does this, and keeps to it. */
  subscribe(): void {
    if (this.subscribed) return;
    this.subscriptionPending = true;
    this.subscriptionCancelled = false;
    this.authorize(this.pusher.connection.socket_id, (error, data) => {
      if (error) {
        const status = error instanceof HTTPAuthError ? error.status : undefined;
        this.refuse({
          type: 'AuthError',
          error: messageOf(error),
          ...(status === undefined ? {} : { status }),
        });
      } else {
        const { auth, channel_data } = data as ChannelAuth;
        this.pusher.send_event('pusher:subscribe', { auth, channel_data, channel: this.name });
      }
    });
  }

  /** Leaves the channel, which stays in the table. `pusher.unsubscribe` takes it out, too. */
  unsubscribe(): void {
    this.subscribed = false;
    this.pusher.send_event('pusher:unsubscribe', { channel: this.name });
  }

  cancelSubscription(): void {
    this.subscriptionCancelled = true;
  }

  reinstateSubscription(): void {
    this.subscriptionCancelled = false;
  }

  /** Takes in that the subscription was refused, and tells it. */
  refuse(error: object): void {
    this.subscriptionPending = false;
    this.emit('pusher:subscription_error', error);
  }

  /** Takes in the data of the confirmation; returns what is told of it. */
  protected taken(data: unknown): unknown {
    return data;
  }
}

/** A channel that the back end authorises. */
export class PusherPrivateChannel extends PusherChannel {
  override authorize(socketId: string | undefined, callback: AuthCallback): void {
    const params = { channelName: this.name, socketId: socketId as string };
    ask((answer) => this.pusher.config.channelAuthorizer(params, answer), callback);
  }
}

/** A private channel whose events come decrypted from the engine. */
export class PusherEncryptedChannel extends PusherPrivateChannel {
  override trigger(event: string, data: unknown): boolean {
    if (this.pusher.options.broadcaster === 'null') return super.trigger(event, data);
    throw new UnsupportedFeature(
      `${this.name}: there are no client events (whispers) on encrypted channels.`,
    );
  }
}

/**
 * A presence channel as pusher-js shows it: `pusher:subscription_succeeded` comes with the members,
 * `pusher:member_added` and `pusher:member_removed` with the one who came or went.
 *
 * @example echo.connector.pusher.subscribe('presence-room').bind('pusher:member_added', ({ id }) => …)
 */
export class PusherPresenceChannel<Info = unknown> extends PusherPrivateChannel {
  readonly members = new Members<Info>();

  /** Learns from the authorisation who this user is; where it does not say, it is who signed in. */
  override authorize(socketId: string | undefined, callback: AuthCallback): void {
    super.authorize(socketId, async (error, data) => {
      if (error) return callback(error, data);
      const channelData = data?.channel_data ?? undefined;
      const { user } = this.pusher;
      if (channelData === undefined) await user.signinDonePromise;
      const id = channelData === undefined ? user.user_data?.id : jsonObject(channelData).user_id;
      if (!isId(id)) return callback(new HTTPAuthError(200, this.nobody(channelData)));
      this.members.setMyID(id);
      callback(null, data);
    });
  }

  override handleEvent(message: PusherEvent): void {
    const { event, data } = message;
    if (event === 'pusher_internal:member_added') {
      this.emit('pusher:member_added', this.members.addMember(data));
    } else if (event === 'pusher_internal:member_removed') {
      const gone = this.members.removeMember(data);
      if (gone !== null) this.emit('pusher:member_removed', gone);
    } else {
      super.handleEvent(message);
    }
  }

  override disconnect(): void {
    super.disconnect();
    this.members.reset();
  }

  protected override taken(data: unknown): unknown {
    this.members.onSubscription(data);
    return this.members;
  }

  private nobody(channelData: string | undefined): string {
    const what =
      channelData === undefined ? 'has no `channel_data`' : `has the \`channel_data\` ${channelData}`;
    return `${this.name}: the authorisation ${what}, and must say who joins: {"user_id":7,"user_info":…}; or sign in first`;
  }
}

/** The channels of a client: `pusher.channels`. */
export class Channels extends Unproxied {
  /** By full name. */
  readonly channels: Record<string, PusherChannel> = Object.create(null);

  /** The channel of this name, made if there is none. It is not asked for before `pusher.subscribe`. */
  add(name: string, pusher: Pusher): PusherChannel {
    this.channels[name] ??= createChannel(name, pusher);
    return this.channels[name];
  }

  all(): PusherChannel[] {
    return Object.values(this.channels);
  }

  find(name: string): PusherChannel | undefined {
    return this.channels[name];
  }

  remove(name: string): PusherChannel | undefined {
    const channel = this.channels[name];
    delete this.channels[name];
    return channel;
  }

  /** Tells all channels that the connection was lost. */
  disconnect(): void {
    for (const channel of this.all()) channel.disconnect();
  }
}

function createChannel(name: string, pusher: Pusher): PusherChannel {
  if (name.startsWith('#')) {
    const fix = 'what the back end sends to a user is heard at pusher.user, after signin()';
    throw new BadChannelName(
      `Channel '${name}' cannot be joined: names with a # are the server's own; ${fix}.`,
    );
  }
  if (name.startsWith('private-encrypted-')) return new PusherEncryptedChannel(name, pusher);
  if (name.startsWith('private-')) return new PusherPrivateChannel(name, pusher);
  if (name.startsWith('presence-')) return new PusherPresenceChannel(name, pusher);
  return new PusherChannel(name, pusher);
}
