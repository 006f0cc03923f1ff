import { sayOnce } from '../common/console.js';
import { isId, isObject, jsonObject } from '../common/json.js';
import { Dispatcher } from './dispatcher.js';
import type { PusherEvent } from './event.js';
import { debug } from './logger.js';

/** The back end's data of the user who signed in. */
export interface UserData {
  id: string;
  [field: string]: unknown;
}

/** Users on the watchlist of the one who signed in came or went. */
export interface WatchlistEvent {
  name: 'online' | 'offline';
  user_ids: string[];
}

const SERVER_TO_USER = '#server-to-user-';

/**
 * The user who signed in, as pusher-js shows it: `pusher.user`. Emits the events that the back end sends to the
 * user, and `pusher:signin_error` when the user could not be signed in.
 *
 * @example
 * pusher.signin();
 * pusher.user.bind('notice', (notice) => …);
 * pusher.user.watchlist.bind('online', ({ user_ids }) => …);
 */
export class PusherUser extends Dispatcher {
  signin_requested = false;
  /** `null` while nobody is signed in on the present connection. */
  user_data: UserData | null = null;
  /** `null` before `signin()`. Fulfilled when the present attempt is over, well or not: see `user_data`. */
  signinDonePromise: Promise<void> | null = null;
  /** Hears `online` and `offline`. */
  readonly watchlist = new Dispatcher();
  private isRefused = false;
  private done = () => {};

  /**
   * `ask` asks the engine to sign in, now and after every reconnect, or out. It says whether there is one: without,
   * nobody is ever signed in.
   */
  constructor(private ask: (command: 'signIn' | 'signOut') => boolean) {
    super((event) => debug(`No callbacks on user for ${event}`));
  }

  /** Signs in; asked for already, it does nothing, except after a refusal. */
  signin(): void {
    if (this.signin_requested && !this.isRefused) return;
    this.signin_requested = true;
    this.begin();
    if (!this.ask('signIn')) this.done();
  }

  /**
   * Signs the user out; `signin()` may follow, for whoever is logged in at the back end by then. The protocol has no
   * word for it and a server keeps the user of a connection, so that there is another connection, on which every
   * channel is authorised anew.
   */
  signout(): void {
    if (!this.signin_requested) return;
    this.signin_requested = false;
    this.user_data = null;
    this.done();
    this.signinDonePromise = null;
    this.ask('signOut');
  }

  /** Takes in that the server accepted the user. */
  accept(userData: string): void {
    const data = jsonObject(userData);
    if (isId(data.id)) {
      this.user_data = data as UserData;
      this.done();
    } else {
      this.refuse(undefined, `the server confirmed ${userData}, which has no id`);
    }
  }

  /** Takes in that the user could not be signed in, and tells it. */
  refuse(status: number | undefined, error: string): void {
    if (!this.signin_requested) return;
    const event = 'pusher:signin_error';
    if (!this.hears(event)) sayOnce('error', `The user was not signed in: ${error}`);
    this.emit(event, { type: 'AuthError', error, ...(status === undefined ? {} : { status }) });
    this.user_data = null;
    this.isRefused = true;
    this.done();
  }

  /** The connection was lost: nobody is signed in until the next one. */
  disconnect(): void {
    this.user_data = null;
    this.done();
    if (this.signin_requested) this.begin();
  }

  /** Takes in an event of the server: one of the user's own channel, or of the watchlist. */
  handleEvent({ event, channel, data }: PusherEvent): void {
    const isOwn = this.user_data !== null && channel === SERVER_TO_USER + this.user_data.id;
    if (isOwn && !/^pusher(_internal)?:/.test(event)) this.emit(event, data);
    if (event === 'pusher_internal:watchlist_events') this.watch(data);
  }

  /** Takes in which users of the watchlist came or went. */
  private watch(data: unknown): void {
    const { events } = Object(data) as { events?: unknown };
    for (const event of Array.isArray(events) ? events.filter(isObject) : []) {
      if (typeof event.name === 'string') this.watchlist.emit(event.name, event);
    }
  }

  private begin(): void {
    this.isRefused = false;
    this.signinDonePromise = new Promise((resolve) => {
      this.done = resolve;
    });
  }
}
