import type { PusherPresenceChannel } from '../pusher/channels.js';
import type { Member, Members } from '../pusher/members.js';
import type { AnyEvents, Handler } from './channel.js';
import { PrivateChannel } from './private-channel.js';

/**
 * A private channel that tells who is on it, as laravel-echo has it. A user of several tabs comes once and goes
 * once.
 *
 * @example
 * echo.join<User>('room.1')
 *   .here((users) => console.log(users.length))
 *   .joining((user) => console.log(user.name))
 *   .leaving((user) => console.log(user.name));
 */
export class PresenceChannel<
  Info = unknown,
  Events extends object = AnyEvents,
> extends PrivateChannel<Events> {
  declare subscription: PusherPresenceChannel<Info>;

  /** Calls back with everyone who is there, each time the channel is joined: after every reconnect, too. */
  here(callback: Handler<Info, Info[]>): this {
    return this.adapt('here', 'pusher:subscription_succeeded', callback, ({ members }: Members<Info>) =>
      callback(Object.values(members)),
    );
  }

  /** Calls back with each user who comes. */
  joining(callback: Handler<Info, Info>): this {
    return this.adapt('joining', 'pusher:member_added', callback, ({ info }: Member<Info>) => callback(info));
  }

  /** Calls back with each user who goes. */
  leaving(callback: Handler<Info, Info>): this {
    return this.adapt('leaving', 'pusher:member_removed', callback, ({ info }: Member<Info>) =>
      callback(info),
    );
  }

  /** Stops this callback of `here`, or all of them. */
  stopListeningForHere(callback?: Handler<Info, Info[]>): this {
    return this.stop('here', callback);
  }

  /** Stops this callback of `joining`, or all of them. */
  stopListeningForJoining(callback?: Handler<Info, Info>): this {
    return this.stop('joining', callback);
  }

  /** Stops this callback of `leaving`, or all of them. */
  stopListeningForLeaving(callback?: Handler<Info, Info>): this {
    return this.stop('leaving', callback);
  }
}
