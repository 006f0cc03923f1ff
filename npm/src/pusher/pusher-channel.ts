import type { AuthReply } from '../engine/port.js';
import { Dispatcher } from './dispatcher.js';
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
  /** How many connections are subscribed, where the server tells. */
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

  /** What the channel makes of its authorisation. */
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
