import { EventFormatter } from '../common/event-formatter.js';
import { Unproxied } from '../common/unproxied.js';
import type { FilledOptions } from '../options/echo-options.js';
import type { PusherChannel } from '../pusher/channels.js';
import type { Callback, GlobalCallback, Metadata } from '../pusher/dispatcher.js';
import type { Pusher } from '../pusher/pusher.js';

/** Events without declared types: any name, data of any type. */
export type AnyEvents = Record<string, unknown>;

/**
 * The callback of an event. Where the data's type is known the callback must take it; where it is not, the
 * callback says what it expects.
 */
export type Listener<Data> = unknown extends Data
  ? Callback<Data>
  : (data: Data, metadata: Metadata) => unknown;

/** A callback for `Value`, which must take it where `Known` is known; where it is not, it says what it expects. */
export type Handler<Known, Value> = unknown extends Known
  ? { method(value: Value): unknown }['method']
  : (value: Value) => unknown;

/** Argument of `error` callbacks. */
export interface SubscriptionError {
  type: string;
  error: string;
  status?: number;
}

/** A callback that gets something else than the event's data, with what is bound in its stead. */
interface Adapted {
  /** The method that it was given to. */
  method: string;
  event: string;
  given: unknown;
  bound: Callback;
}

const NOTIFICATION = '.Illuminate\\Notifications\\Events\\BroadcastNotificationCreated';

/**
 * A public channel, as laravel-echo has it.
 *
 * @example
 * interface Orders { OrderShipped: { id: number } }
 * echo.channel<Orders>('orders').listen('OrderShipped', (order) => console.log(order.id));
 */
export class Channel<Events extends object = AnyEvents> extends Unproxied {
  readonly eventFormatter: EventFormatter;
  readonly notificationCreatedEvent = NOTIFICATION;
  subscription: PusherChannel;
  private toAll: [callback: GlobalCallback, bound: GlobalCallback][] = [];
  private adapted: Adapted[] = [];

  constructor(
    readonly pusher: Pusher,
    /** The full name, such as `private-orders`. */
    readonly name: string,
    readonly options: FilledOptions,
  ) {
    super();
    this.eventFormatter = new EventFormatter(options.namespace);
    this.subscription = pusher.subscribe(name);
  }

  /** Joins the channel, after `unsubscribe`. */
  subscribe(): void {
    this.subscription = this.pusher.subscribe(this.name);
  }

  unsubscribe(): void {
    this.pusher.unsubscribe(this.name);
  }

  /**
   * Calls back with each such event. `OrderShipped` is in the namespace of the options, `.order.shipped` is
   * taken as it is.
   */
  listen<Event extends keyof Events & string>(event: Event, callback: Listener<Events[Event]>): this {
    return this.on(this.eventFormatter.format(event), callback as Callback);
  }

  /** Calls back with the name and the data of every event; the name as `listen` takes it. */
  listenToAll(callback: GlobalCallback): this {
    const bound: GlobalCallback = (event, data) => {
      if (!event.startsWith('pusher:')) callback(this.eventFormatter.unformat(event), data);
    };
    this.toAll.push([callback, bound]);
    this.subscription.bind_global(bound);
    return this;
  }

  /** Stops this callback, or all callbacks of the event. */
  stopListening<Event extends keyof Events & string>(event: Event, callback?: Listener<Events[Event]>): this {
    return this.off(this.eventFormatter.format(event), callback);
  }

  /** Stops this callback of `listenToAll`, or all of them. */
  stopListeningToAll(callback?: GlobalCallback): this {
    for (const [given, bound] of this.toAll) {
      if (callback === undefined || given === callback) this.subscription.unbind_global(bound);
    }
    this.toAll = callback === undefined ? [] : this.toAll.filter(([given]) => given !== callback);
    return this;
  }

  /** Calls back each time the server confirms the subscription: after every reconnect, too. */
  subscribed(callback: () => unknown): this {
    return this.adapt('subscribed', 'pusher:subscription_succeeded', callback, () => callback());
  }

  /** Stops this callback of `subscribed`, or all of them. */
  stopListeningForSubscribed(callback?: () => unknown): this {
    return this.stop('subscribed', callback);
  }

  /** Calls back when the subscription is refused. */
  error(callback: (error: SubscriptionError) => unknown): this {
    return this.adapt('error', 'pusher:subscription_error', callback, (error) =>
      callback(error as SubscriptionError),
    );
  }

  /** Stops this callback of `error`, or all of them. */
  stopListeningForError(callback?: (error: SubscriptionError) => unknown): this {
    return this.stop('error', callback);
  }

  /** Calls back with what others whisper. */
  listenForWhisper<Data = unknown>(event: string, callback: Listener<Data>): this {
    return this.on(`client-${event}`, callback as Callback);
  }

  stopListeningForWhisper<Data = unknown>(event: string, callback?: Listener<Data>): this {
    return this.off(`client-${event}`, callback);
  }

  /** Calls back with Laravel's broadcast notifications. */
  notification<Data = unknown>(callback: Listener<Data>): this {
    return this.on(NOTIFICATION.substring(1), callback as Callback);
  }

  stopListeningForNotification<Data = unknown>(callback: Listener<Data>): this {
    return this.off(NOTIFICATION.substring(1), callback);
  }

  /** Calls back with each event of this name on the wire. */
  on(event: string, callback: Callback): this {
    this.subscription.bind(event, callback);
    return this;
  }

  /** Binds `bound` in the stead of `given`, by which it is stopped. */
  protected adapt(method: string, event: string, given: unknown, bound: Callback): this {
    this.adapted.push({ method, event, given, bound });
    return this.on(event, bound);
  }

  /** Stops what was given to this method: one callback, or all. */
  protected stop(method: string, given?: unknown): this {
    return this.drop((adapted) => adapted.method === method && (!given || adapted.given === given));
  }

  /** Stops this callback, or all callbacks of this name on the wire. */
  private off(event: string, given?: unknown): this {
    this.subscription.unbind(event, given as Callback | undefined);
    return this.drop((adapted) => adapted.event === event && (!given || adapted.given === given));
  }

  private drop(isMeant: (adapted: Adapted) => boolean): this {
    for (const { event, bound } of this.adapted.filter(isMeant)) this.subscription.unbind(event, bound);
    this.adapted = this.adapted.filter((adapted) => !isMeant(adapted));
    return this;
  }
}
