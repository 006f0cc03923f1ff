import { type AnyEvents, Channel } from './channel.js';

/** A channel that the back end authorises. */
export class PrivateChannel<Events extends object = AnyEvents> extends Channel<Events> {
  /**
   * Tells the others on the channel, without the back end.
   *
   * @example echo.private('chat.1').whisper('typing', { name: 'Ada' })
   */
  whisper(event: string, data: unknown): this {
    this.subscription.trigger(`client-${event}`, data);
    return this;
  }
}
