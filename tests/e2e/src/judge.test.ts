/** The judge of the rounds itself: what it lets pass, and what it must not. */
import { EventLog, type Sample, Truth } from '@echolite/test-support';
import { beforeEach, expect, it } from 'vitest';
import { type Connection, firstLie } from '../rounds/judge.js';

const row = (id: number, version: number) => ({
  id,
  name: 'Rope',
  price: 1,
  updated_at: '',
  version,
  stock: version,
});
const shown = (...rows: { id: number }[]): Sample['rows'] =>
  rows.map((row) => [row.id, JSON.stringify(row, Object.keys(row).sort())]);
const fresh = (more: Partial<Sample>): Sample => ({
  at: 5_000,
  isFresh: true,
  says: 'fresh',
  rows: [],
  ...more,
});

let truth: Truth;
let connections: Map<string, Connection>;

/** Two rows; the first changes at 1000 and at 2000, the second goes at 3000. */
beforeEach(() => {
  truth = new Truth([row(1, 1), row(2, 2)]);
  truth.note(1, row(1, 3), 3, { began: 990, ended: 1_000 });
  truth.note(1, row(1, 4), 4, { began: 1_990, ended: 2_000 });
  truth.note(2, undefined, undefined, { began: 2_990, ended: 3_000 });
  connections = new Map();
});

const judge = (sample: Sample) => firstLie([sample], truth, connections)?.problem;

it('lets a list be behind by what it cannot know', () => {
  const rows = shown(row(1, 3), row(2, 2));
  expect(judge(fresh({ asOf: 1_500, rows }))).toBeUndefined();
  expect(judge(fresh({ asOf: 2_500, rows }))).toContain('row 1 of version 3');
});

it('wants the row gone that was deleted before the read began', () => {
  const rows = shown(row(1, 4), row(2, 2));
  expect(judge(fresh({ asOf: 2_900, rows }))).toBeUndefined();
  expect(judge(fresh({ asOf: 3_100, rows }))).toContain('row 2 of version 2 (stock 2) where absent was owed');
});

it('says nothing of a list that does not claim to be fresh', () => {
  const sample = fresh({ asOf: 9_000, rows: shown(row(7, 7)) });
  expect(judge({ ...sample, isFresh: false })).toBeUndefined();
  expect(judge(sample)).toContain('row 7');
});

it('wants the events that were handled, and only those', () => {
  const log = new EventLog(truth);
  const delivered = [undefined, log.hear({ id: 1, version: 4 }), log.hear({ id: 2 })];
  log.resolve();
  connections.set('1.1', { before: { heard: [], last: new Map() }, delivered });
  const rows = shown(row(1, 3), row(2, 2));
  expect(judge(fresh({ asOf: 1_500, rows, socket: { id: '1.1', handled: 1 } }))).toBeUndefined();
  expect(judge(fresh({ asOf: 1_500, rows, socket: { id: '1.1', handled: 2 } }))).toContain('row 1');
  const both = shown(row(1, 4), row(2, 2));
  expect(judge(fresh({ asOf: 1_500, rows: both, socket: { id: '1.1', handled: 3 } }))).toContain('row 2');
});

it('wants what was published before the connection was there', () => {
  const witness = new EventLog(truth);
  witness.hear({ id: 1, version: 4 });
  const before = witness.mark();
  witness.resolve();
  connections.set('1.1', { before, delivered: [] });
  const sample = fresh({ asOf: 500, rows: shown(row(1, 3), row(2, 2)), socket: { id: '1.1', handled: 0 } });
  expect(judge(sample)).toContain('row 1 of version 3');
});

it('wants a list not to be fresh once its socket is closed', () => {
  const sample = fresh({ asOf: 4_000, rows: shown(row(1, 4)) });
  expect(judge({ ...sample, socket: { id: '1.1', handled: 0, closedFor: 20 } })).toBeUndefined();
  expect(judge({ ...sample, socket: { id: '1.1', handled: 0, closedFor: 400 } })).toContain(
    'its socket was closed',
  );
});

it('takes an event without a version for the earliest change that it can be', () => {
  const log = new EventLog(truth);
  const [first, second, third] = [log.hear({ id: 1 }), log.hear({ id: 1 }), log.hear({ id: 1 })];
  log.resolve();
  expect([first?.write, second?.write, third?.write]).toEqual([0, 1, undefined]);
});
