import { Unproxied } from '../common/unproxied.js';

/** One user of a presence channel. */
export interface Member<Info = unknown> {
  id: string | number;
  /** Returned for the user by the channel's callback in routes/channels.php. */
  info: Info;
}

/** Data of an event of the server, if it keeps to the protocol. */
interface PresenceData<Info> {
  presence?: { hash?: Record<string, Info>; count?: number };
  user_id: string | number;
  user_info: Info;
}

/**
 * The members of a presence channel, as pusher-js shows them: empty without a connection. Ids compare as text.
 *
 * @example echo.connector.pusher.subscribe('presence-room').members.each(({ id }) => console.log(id))
 */
export class Members<Info = unknown> extends Unproxied {
  /** The `info` of each, by id. */
  members: Record<string, Info> = {};
  count = 0;
  myID: string | number | null = null;
  /** This user, once the subscription is confirmed. */
  me: Member<Info> | null = null;

  get(id: string | number): Member<Info> | null {
    return Object.hasOwn(this.members, id) ? { id, info: this.members[id] as Info } : null;
  }

  /** Calls back with each member, in no particular order. */
  each(callback: (member: Member<Info>) => unknown): void {
    for (const id of Object.keys(this.members)) callback(this.get(id) as Member<Info>);
  }

  /** Takes in who this user is. */
  setMyID(id: string | number): void {
    this.myID = id;
  }

  /** Takes in the members that are there when the channel is joined. */
  onSubscription(data: unknown): void {
    const { hash, count } = (Object(data) as PresenceData<Info>).presence ?? {};
    this.members = { ...Object(hash) };
    this.count = count ?? Object.keys(this.members).length;
    this.me = this.myID === null ? null : this.get(this.myID);
  }

  addMember(data: unknown): Member<Info> {
    const { user_id: id, user_info: info } = Object(data) as PresenceData<Info>;
    if (!Object.hasOwn(this.members, id)) this.count++;
    // defined, for the assignment of an id such as `__proto__` would set something else
    Object.defineProperty(this.members, id, {
      value: info,
      writable: true,
      enumerable: true,
      configurable: true,
    });
    return { id, info };
  }

  /** Removes a member and returns it; `null` if there is none of that id. */
  removeMember(data: unknown): Member<Info> | null {
    const member = this.get((Object(data) as PresenceData<Info>).user_id);
    if (member !== null) {
      delete this.members[member.id];
      this.count--;
    }
    return member;
  }

  /** Forgets all members. */
  reset(): void {
    this.members = {};
    this.count = 0;
    this.myID = this.me = null;
  }
}
