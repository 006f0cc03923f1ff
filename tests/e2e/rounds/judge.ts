/** Whether what a tab showed was right: `fresh` is a promise, and this knows what it promises. */
import type { Heard, Mark, Owed, Sample, Truth, Wrong } from '@echolite/test-support';

/** What is known of a connection between a tab and the server. */
export interface Connection {
  /** What had been published before it was there. */
  before: Mark;
  /** For each frame that the tab was given: the broadcast that it was, if it was one. */
  delivered: readonly unknown[];
}

/** A browser tells that a socket is closed before it does anything else; the engine answers at once. */
const CLOSED_AT_MOST = 100;

/**
 * What a fresh list must show: what was committed before the read began that it rests on; what was published before
 * its connection was there; and the events that it has handled.
 */
function owedBy(sample: Sample, connection: Connection | undefined): Owed {
  const handled = connection?.delivered.slice(0, sample.socket?.handled ?? 0) ?? [];
  const writes = (handled as (Heard | undefined)[]).flatMap((heard) => heard?.write ?? []);
  return { before: sample.asOf, writes: [...(connection?.before.heard ?? []), ...writes] };
}

export interface Lie {
  sample: Sample;
  problem: string;
}

/** The first time that a tab said `fresh` and should not have. */
export function firstLie(
  samples: readonly Sample[],
  truth: Truth,
  connections: ReadonlyMap<string, Connection>,
): Lie | undefined {
  for (const sample of samples) {
    if (!sample.isFresh) continue;
    const { socket } = sample;
    if (socket?.closedFor !== undefined && socket.closedFor > CLOSED_AT_MOST) {
      return { sample, problem: `fresh ${Math.round(socket.closedFor)} ms after its socket was closed` };
    }
    const wrong = truth.wrong(new Map(sample.rows), owedBy(sample, connections.get(socket?.id ?? '')));
    if (wrong.length > 0) return { sample, problem: `fresh with ${wrong.map(describeWrong).join('; ')}` };
  }
  return undefined;
}

export function describeWrong({ id, shown, allowed }: Wrong): string {
  return `row ${id} ${brief(shown)} where ${allowed.map(brief).join(' or ')} was owed`;
}

function brief(row: string | undefined): string {
  if (row === undefined) return 'absent';
  const { version, stock } = JSON.parse(row) as { version?: number; stock?: number };
  return `of version ${version} (stock ${stock})`;
}

/** How long a tab was fresh, and how long it was watched, in milliseconds. */
export function freshTime(samples: readonly Sample[]): { fresh: number; whole: number } {
  let fresh = 0;
  let whole = 0;
  for (const [place, { at, isFresh }] of samples.entries()) {
    const next = samples[place + 1];
    if (!next) break;
    whole += next.at - at;
    if (isFresh) fresh += next.at - at;
  }
  return { fresh, whole };
}
