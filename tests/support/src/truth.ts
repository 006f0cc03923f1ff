/** What the back end had, and when: every value of every row, in the order of commits. */
import type { Told } from './broadcast-frame.js';
import type { Product } from './demo.js';
import { canonical } from './in-page/canonical.js';

/** One change of one row. */
export interface Write {
  /** Its place among all writes. */
  index: number;
  id: number;
  /** The row, canonically; `undefined` where it was deleted. */
  row: string | undefined;
  version: number | undefined;
  /** `Date.now()` before it was asked for, and after it was answered: it was committed between. */
  began: number;
  ended: number;
}

/** Which writes whoever says `fresh` must show, at least. */
export interface Owed {
  /** All that were committed before this. */
  before?: number | undefined;
  /** All below this index. */
  below?: number;
  /** And these. */
  writes?: Iterable<number>;
}

export interface Wrong {
  id: number;
  shown: string | undefined;
  /** What it may be: the value owed, or any later one. */
  allowed: (string | undefined)[];
}

/** A commit's end is measured here, a read's beginning in the browser: clocks of one machine, in whole milliseconds. */
const CLOCK_STEP = 2;

export class Truth {
  readonly writes: Write[] = [];
  /** Each row's values; the first is what there was in the beginning. */
  readonly #values = new Map<number, { index: number; row: string | undefined }[]>();

  /** `view`: what pages see of a row. */
  constructor(
    rows: Product[],
    private view: (row: Product) => object = (row) => row,
  ) {
    for (const row of rows) this.#values.set(row.id, [{ index: -1, row: this.#text(row) }]);
  }

  note(
    id: number,
    row: Product | undefined,
    version: number | undefined,
    times: { began: number; ended: number },
  ): void {
    const index = this.writes.length;
    const text = row && this.#text(row);
    this.writes.push({ index, id, row: text, version, ...times });
    const values = this.#values.get(id) ?? [{ index: -1, row: undefined }];
    values.push({ index, row: text });
    this.#values.set(id, values);
  }

  /** What somebody outside changed: everything in which `rows` differ from what is known. */
  noteAll(rows: Product[], times: { began: number; ended: number }): void {
    const now = new Map(rows.map((row) => [row.id, row]));
    for (const id of new Set([...this.#values.keys(), ...now.keys()])) {
      const row = now.get(id);
      if (this.row(id) !== (row && this.#text(row))) this.note(id, row, row?.version, times);
    }
  }

  /** The row as it is now. */
  row(id: number): string | undefined {
    return this.#values.get(id)?.at(-1)?.row;
  }

  /** The ids that are there now. */
  ids(): number[] {
    return [...this.#values.keys()].filter((id) => this.row(id) !== undefined);
  }

  /**
   * The write that an event tells of. Without a version in it: the earliest that it can be, after `last`, the one that
   * the event before it about this row told of.
   */
  match({ id, version }: Told, last = -1): number | undefined {
    const writes = this.writes.filter((write) => write.id === id);
    // the latest: a restored backup repeats versions
    const exact = version !== undefined && writes.reverse().find((write) => write.version === version);
    if (exact) return exact.index;
    // of a deletion whose answer was lost no version is known
    const may = (write: Write) =>
      write.index > last && (version === undefined || write.version === undefined);
    return this.writes.find((write) => write.id === id && may(write))?.index;
  }

  /** The rows shown that are neither what is owed nor anything later, and the rows missed. */
  wrong(shown: Map<number, string>, owed: Owed): Wrong[] {
    const least = this.#leastOf(owed);
    const wrong: Wrong[] = [];
    for (const id of new Set([...this.#values.keys(), ...shown.keys()])) {
      const values = this.#values.get(id) ?? [{ index: -1, row: undefined }];
      const first = values.filter(({ index }) => index <= (least.get(id) ?? -1)).length - 1;
      const allowed = values.slice(Math.max(0, first)).map(({ row }) => row);
      if (!allowed.includes(shown.get(id))) wrong.push({ id, shown: shown.get(id), allowed });
    }
    return wrong;
  }

  /** The rows shown that are not what the back end has now. */
  different(shown: Map<number, string>): Wrong[] {
    return this.wrong(shown, { below: this.writes.length });
  }

  #text(row: Product): string {
    return canonical(this.view(row));
  }

  /** Each row's latest write that is owed. */
  #leastOf({ before = 0, below = 0, writes = [] }: Owed): Map<number, number> {
    const least = new Map<number, number>();
    const named = new Set(writes);
    for (const { index, id, ended } of this.writes) {
      if (index < below || ended + CLOCK_STEP < before || named.has(index)) least.set(id, index);
    }
    return least;
  }
}
