/** What a schedule plays on: one back end, and both clients' sides before it. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  BackEnd,
  canonical,
  type Facts,
  type FaultProxy,
  rewriteTo,
  rowWith,
  type Sample,
  until,
} from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import type { List } from './page-settings.js';
import { CONTESTANTS, type Files, Side } from './sides.js';

/** From the quiet until it is looked at what each shows; and until it is looked at again. */
export const LOOKS = [5_000, 20_000];
/** What is committed is published within so many milliseconds. */
const ON_ITS_WAY = 500;
/** Whoever shows old rows for less than this is only slow. */
const SLOW = 1_000;

export interface StageOptions {
  /** What the back end tells of its rows; by default each has a counter. */
  facts?: Facts;
  /** Another list than that of the products. */
  list?: List;
}

/** What one client showed at one moment. */
export interface Look {
  isRight: boolean;
  /** Whether what it says of itself is what it says when all is well. */
  saysFine: boolean;
  says: string;
}

/** What one client ended up showing. */
export interface Outcome {
  contestant: string;
  /** 5 s after the quiet, and 20 s after it. */
  looks: Look[];
  reads: number;
  /** Longest time that it showed rows out of date for more than a second and said that all is well; milliseconds. */
  silent: number;
  /** What a schedule has to say besides. */
  note?: string;
}

export class Stage {
  readonly backEnd: BackEnd;
  readonly sides: readonly Side[];
  readonly notes = new Map<Side, string>();

  private constructor(backEnd: BackEnd, sides: Side[]) {
    this.backEnd = backEnd;
    this.sides = sides;
  }

  static async start(
    browser: Browser,
    files: Files,
    { facts = 'versions', list }: StageOptions,
  ): Promise<Stage> {
    const backEnd = await BackEnd.start((row) => rowWith(facts, row));
    const upstream = backEnd.demo.port;
    const followed: List = list ?? {
      name: 'products',
      url: '/api/products',
      channel: 'cache-products',
      event: 'ProductChanged',
      facts,
    };
    const sides: Side[] = [];
    for (const contestant of CONTESTANTS) {
      if (contestant.heads && facts !== 'versions') continue;
      const own: Facts = contestant.heads ? 'heads' : facts;
      const options = { upstream, files, rewrite: rewriteTo(own) };
      sides.push(await Side.start(browser, contestant, { ...followed, facts: own }, options));
    }
    return new Stage(backEnd, sides);
  }

  each(work: (side: Side) => Promise<unknown>): Promise<unknown> {
    return Promise.all(this.sides.map(work));
  }

  /** Has each proxy fail in the same way. */
  faults(fault: (proxy: FaultProxy) => void): void {
    for (const { proxy } of this.sides) fault(proxy);
  }

  pause(milliseconds: number): Promise<void> {
    return pause(milliseconds);
  }

  /** Opens a tab on each side, and waits until all show the list and say that all is well. */
  async open(): Promise<void> {
    // one after the other: four at once would start slower than one by one on two cores
    for (const side of this.sides) await side.open();
    await this.settled();
  }

  /** Waits until every tab says that all is well and has joined the channel. */
  async settled(): Promise<void> {
    const isWell = ({ tabs, joined }: Side) =>
      joined >= tabs.length && tabs.every(({ last }) => last?.isFresh && last.rows.length > 0);
    await until('everybody to show the list', () => this.sides.every(isWell), 30_000);
  }

  /** Ends every fault, waits, and looks at the first tab of each; `rows`: what is right, if not the products. */
  async judge(rows?: { id: number }[]): Promise<Outcome[]> {
    await this.backEnd.idle();
    // what was published last is on its way to the faults
    await pause(ON_ITS_WAY);
    this.faults((proxy) => proxy.quiet());
    const looks = new Map<Side, Look[]>(this.sides.map((side) => [side, []]));
    let waited = 0;
    for (const look of LOOKS) {
      await pause(look - waited);
      waited = look;
      for (const [side, taken] of looks) taken.push(this.#lookAt(side, rows));
    }
    return this.sides.map((side) => {
      const note = this.notes.get(side);
      const samples = side.tabs[0]?.samples ?? [];
      return {
        contestant: side.contestant.name,
        looks: looks.get(side) ?? [],
        reads: side.reads,
        silent: rows ? 0 : this.#longestSilence(samples),
        ...(note !== undefined && { note }),
      };
    });
  }

  #lookAt(side: Side, rows: { id: number }[] | undefined): Look {
    const last = side.tabs[0]?.last;
    const shown = last?.rows ?? [];
    const isRight = rows ? isSame(rows, shown) : this.backEnd.truth.different(new Map(shown)).length === 0;
    return { isRight, saysFine: last?.isFresh ?? false, says: last?.says ?? 'nothing' };
  }

  async close(): Promise<void> {
    await this.each((side) => side.close());
    await this.backEnd.end();
  }

  #longestSilence(samples: readonly Sample[]): number {
    let since: number | undefined;
    let longest = 0;
    for (const { at, isFresh, rows } of samples) {
      const isSilent = isFresh && this.backEnd.truth.wrong(new Map(rows), { before: at - SLOW }).length > 0;
      since = isSilent ? (since ?? at) : undefined;
      if (since !== undefined) longest = Math.max(longest, at - since + SLOW);
    }
    return longest;
  }
}

function isSame(rows: { id: number }[], shown: Sample['rows']): boolean {
  const right = new Set(rows.map(canonical));
  return right.size === shown.length && shown.every(([, row]) => right.has(row));
}
