/** Channels as pusher-js shows them. Both kinds stand in one file, for they and `Pusher` know each other. */
import { isId, jsonObject } from '../common/json.js';
import type { AuthReply } from '../engine/port.js';
import { Dispatcher } from './dispatcher.js';
import { Members } from './members.js';
import type { Pusher } from './pusher.js';

const ENCRYPTED = 'private-encrypted-';

/**
 * A channel as pusher-js shows it: bind to events, trigger client events.
 *
 * @example echo.connector.pusher.channel('private-orders').bind('App\\Events\\OrderShipped', (order) => …)
 */
export class PusherChannel extends Dispatcher {
  /** Whether the server confirmed the subscription on the present connection. */
  subscribed = false;
  /** Whether the subscription was refused; `subscribe` asks again then. */
  refused = false;
  /** Number of subscribed connections, if the server tells it. */
  subscriptionCount: number | null = null;

  constructor(
    /** The full name, such as `private-orders`. */
    readonly name: string,
    readonly pusher: Pusher,
  ) {
    super();
  }

  /** Sends a client event to the others on the channel; `false` when there is no connection. */
  trigger(event: string, data: unknown): boolean {
    if (this.name.startsWith(ENCRYPTED) && this.pusher.options.broadcaster !== 'null') {
      throw new Error(`${this.name}: there are no client events (whispers) on encrypted channels.`);
    }
    if (event.startsWith('client-')) return this.pusher.send_event(event, data, this.name);
    throw new Error(`Event '${event}' cannot be triggered: names of client events start with 'client-'.`);
  }

  /** Checks the answer to its authorisation, and may replace it. */
  admit(reply: AuthReply): AuthReply | Promise<AuthReply> {
    return reply;
  }

  /** The connection was lost. */
  disconnect(): void {
    this.subscribed = false;
  }

  /** Takes in what the server says of the subscription, and tells it. */
  confirm(event: string, data: unknown): void {
    if (event === 'pusher:subscription_succeeded') this.subscribed = true;
    if (event === 'pusher:subscription_count') {
      this.subscriptionCount = (data as { subscription_count: number }).subscription_count;
    }
    this.emit(event, data);
  }

  /** Leaves the channel. */
  unsubscribe(): void {
    this.pusher.unsubscribe(this.name);
  }
}

/**
 * A presence channel as pusher-js shows it: `pusher:subscription_succeeded` comes with the members,
 * `pusher:member_added` and `pusher:member_removed` with the one who came or went.
 *
 * @example echo.connector.pusher.subscribe('presence-room').bind('pusher:member_added', ({ id }) => …)
 */
export class PusherPresenceChannel<Info = unknown> extends PusherChannel {
  readonly members = new Members<Info>();

  /** Learns from the authorisation who this user is; where it does not say, it is who signed in. */
  override async admit(reply: AuthReply): Promise<AuthReply> {
    if (!reply.ok) return reply;
    const { channelData } = reply;
    const { user } = this.pusher;
    if (channelData === undefined) await user.signinDonePromise;
    const id = channelData === undefined ? user.user_data?.id : jsonObject(channelData).user_id;
    if (!isId(id)) return { ok: false, status: 200, message: this.nobody(channelData) };
    this.members.myID = id;
    return reply;
  }

  override confirm(event: string, data: unknown): void {
    if (event === 'pusher:subscription_succeeded') {
      this.subscribed = true;
      this.members.fill(data);
      this.emit(event, this.members);
    } else if (event === 'pusher:member_added') {
      this.emit(event, this.members.add(data));
    } else if (event === 'pusher:member_removed') {
      const gone = this.members.remove(data);
      if (gone !== null) this.emit(event, gone);
    } else {
      super.confirm(event, data);
    }
  }

  override disconnect(): void {
    super.disconnect();
    this.members.reset();
  }

  private nobody(channelData: string | undefined): string {
    const what =
      channelData === undefined ? 'has no `channel_data`' : `has the \`channel_data\` ${channelData}`;
    return `${this.name}: the authorisation ${what}, and must say who joins: {"user_id":7,"user_info":…}; or sign in first`;
  }
}
