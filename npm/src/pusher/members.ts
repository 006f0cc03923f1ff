/** One user of a presence channel. */
export interface Member<Info = unknown> {
  id: string | number;
  /** What the channel's callback in routes/channels.php returned of the user. */
  info: Info;
}

/** What the server says, if it keeps to the protocol. */
interface Said<Info> {
  presence?: { hash?: Record<string, Info>; count?: number };
  user_id: string | number;
  user_info: Info;
}

/**
 * Who is on a presence channel, as pusher-js shows it: empty without a connection. Ids compare as text.
 *
 * @example echo.connector.pusher.subscribe('presence-room').members.each(({ id }) => console.log(id))
 */
export class Members<Info = unknown> {
  /** What is known of each, by id. */
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

  /** Takes in who is there when the channel is joined. */
  fill(data: unknown): void {
    const { hash, count } = (Object(data) as Said<Info>).presence ?? {};
    this.members = { ...hash };
    this.count = count ?? Object.keys(this.members).length;
    this.me = this.myID === null ? null : this.get(this.myID);
  }

  add(data: unknown): Member<Info> {
    const { user_id: id, user_info: info } = Object(data) as Said<Info>;
    if (!Object.hasOwn(this.members, id)) this.count++;
    this.members[id] = info;
    return { id, info };
  }

  /** Who left; `null` if nobody of that id was there. */
  remove(data: unknown): Member<Info> | null {
    const member = this.get((Object(data) as Said<Info>).user_id);
    if (member !== null) {
      delete this.members[member.id];
      this.count--;
    }
    return member;
  }

  /** Nobody is known to be there. */
  reset(): void {
    this.members = {};
    this.count = 0;
    this.myID = this.me = null;
  }
}
