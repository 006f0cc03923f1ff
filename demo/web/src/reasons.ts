import type { Status } from 'echolite';

/** What a reason means, where the cache gives no detail. */
const REASONS: Record<string, string> = {
  idle: 'Nothing has been asked for yet.',
  loading: 'It is being read for the first time.',
  restored: 'From this device’s store; not compared with the server yet.',
  connecting: 'The connection is being made.',
  subscribing: 'Waiting for the server to confirm the subscription.',
  refused: 'The server does not let this page follow the list.',
  disconnected: 'The connection is gone; changes may have been missed.',
  polling: 'No WebSocket gets through: the server is asked every 5 s.',
  changed: 'Something changed; the list is being read again.',
  changing: 'Changes come faster than the list may be read.',
  provisional: 'A new row is shown; a read will confirm it.',
  membership: 'A row changed; a read will tell whether it is still in this list.',
  'row-outdated': 'One row changed; it is being read.',
  'lagging-read': 'An answer was older than what is shown; reading again.',
  gap: 'An event before this one is missing; waiting for it a moment.',
  missed: 'Changes were missed; reading what they were.',
  'epoch-changed': 'The server’s data has begun a new life; reading all of it.',
  resumed: 'The page was away; changes may have been missed.',
  slept: 'The machine slept; changes may have been missed.',
  unverified: 'It is time to compare with the server again.',
  requested: 'A fresh read was asked for.',
  'read-failed': 'The last read failed; trying again.',
  'no-network': 'There is no network; these are the last known rows.',
  unreachable: 'The server does not answer; these are the last known rows.',
};

const STATES: Record<Status['state'], string> = {
  fresh: 'Every row is as the server has it.',
  stale: 'Rows may be behind the server.',
  offline: 'The server cannot be reached; these are the last known rows.',
  empty: 'Nothing has been read yet.',
};

/** A sentence for people. */
export function explain({ state, reason = '', detail }: Status): string {
  return detail ?? REASONS[reason] ?? STATES[state];
}
