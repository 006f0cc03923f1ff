import type { Metadata } from './dispatcher.js';

/** An event as it is on the wire: `message` of the connection. */
export interface PusherEvent {
  event: string;
  channel?: string;
  data?: unknown;
  /** The sender of a client event, where the server tells. */
  user_id?: string;
  /** It was missed while there was no connection (option `recover`). */
  recovered?: true;
}

/** Metadata of an event without any. */
const NO_METADATA: Metadata = Object.freeze({});

/** The facts that come with an event's data. */
export function metadataOf({ user_id, recovered }: PusherEvent): Metadata {
  if (user_id === undefined && recovered === undefined) return NO_METADATA;
  return { ...(user_id === undefined ? {} : { user_id }), ...(recovered ? { recovered } : {}) };
}
