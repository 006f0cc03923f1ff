/** What a proxy must know of the frames that pass: which are broadcasts, and what they say of a product. */

export interface Frame {
  event: string;
  channel?: string;
  /** JSON, as text. */
  data?: string;
  /** Of channels with history. */
  offset?: number;
}

/** What the demo tells of a change, as far as its event says it. */
export interface Told {
  id: number;
  /** The list's counter at that change, which is the row's version. */
  version?: number;
}

/** The frame as an object; `undefined` for what is no frame of the protocol. */
export function parseFrame(text: string): Frame | undefined {
  try {
    const frame = JSON.parse(text) as Frame;
    return typeof frame?.event === 'string' ? frame : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a back end published it, not the server itself. */
export function isBroadcast({ event }: Frame): boolean {
  return !/^(pusher|pusher_internal|echolite):/.test(event) && !event.startsWith('client-');
}

export function toldBy({ data }: Frame): Told | undefined {
  const told = JSON.parse(data ?? 'null') as {
    id?: number;
    head?: { seq?: number };
  } | null;
  if (typeof told?.id !== 'number') return undefined;
  const version = told.head?.seq;
  return version === undefined ? { id: told.id } : { id: told.id, version };
}

/** The two frames' events in the other order; what belongs to the connection, the offsets, stays in place. */
export function swapped(first: string, second: string): [string, string] {
  const [one, other] = [parseFrame(first), parseFrame(second)];
  if (one?.offset === undefined || other?.offset === undefined) return [second, first];
  return [JSON.stringify({ ...other, offset: one.offset }), JSON.stringify({ ...one, offset: other.offset })];
}
