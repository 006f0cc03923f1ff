/** Figures of Echolite at commit b9e2159, before the contract was amended (docs/consistency.md); played in the same way. */

/** Reads, and after how many seconds the list was right; `undefined`: not within 20 s. */
export type Figure = readonly [reads: number, right: number | undefined];

/** By schedule: for a back end with versions, and for one with heads, where the schedule has it. */
export const BEFORE: Readonly<Record<string, readonly [Figure, Figure?]>> = {
  'two updates in one second': [[3, 5]],
  'a queued update after the delete': [[5, 5]],
  'an event during a reconnect': [
    [3, 20],
    [2, 5],
  ],
  'an outage': [
    [4, 20],
    [3, 5],
  ],
  'two events swapped': [
    [2, 5],
    [2, 5],
  ],
  'a read that overlaps an event': [
    [2, 5],
    [1, 5],
  ],
  'an event that is lost': [
    [2, undefined],
    [2, undefined],
  ],
  'an event that is lost, and another': [
    [3, 5],
    [3, 5],
  ],
  'a second tab that writes late': [
    [2, 5],
    [2, 5],
  ],
  '304 after a patch and a missed revert': [[4, 20]],
  sleep: [
    [3, 20],
    [2, 5],
  ],
  'a server that crashes': [
    [3, 5],
    [3, 5],
  ],
  'a restored backup': [
    [5, 5],
    [5, 5],
  ],
  'a restored backup, and versions again': [
    [3, 5],
    [3, 5],
  ],
  'a tab that crashes': [
    [2, 5],
    [2, 5],
  ],
  'steady events': [
    [2, 5],
    [2, 5],
  ],
  'user B after user A': [
    [4, 5],
    [4, 5],
  ],
};

/** Reads a schedule by chance, of 8: with versions, and with heads. */
export const BEFORE_BY_CHANCE = [3.5, 2.1] as const;
