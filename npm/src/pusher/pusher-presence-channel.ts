import { jsonObject } from '../common/json.js';
import { isId } from '../common/path.js';
import type { AuthReply } from '../engine/port.js';
import { Members } from './members.js';
import { PusherChannel } from './pusher-channel.js';

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
    if (!isId(id)) return { ok: false, status: 200, message: this.#nobody(channelData) };
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

  #nobody(channelData: string | undefined): string {
    const what =
      channelData === undefined ? 'has no `channel_data`' : `has the \`channel_data\` ${channelData}`;
    return `${this.name}: the authorisation ${what}, and must say who joins: {"user_id":7,"user_info":…}; or sign in first`;
  }
}
