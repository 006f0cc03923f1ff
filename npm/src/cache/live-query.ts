import { reportFailure } from '../common/environment.js';
import type { LiveUpdate, Splice, Status } from '../engine/port.js';
import type { LiveOptions, LiveQuery, Snapshot } from './types.js';

/** More rows than this are not handed over as arguments: engines of JavaScript limit their number. */
const MOST_ARGUMENTS = 10_000;

/** The page's copy of what an engine's live query shows. */
export class Live<Row> implements LiveQuery<Row> {
  #snapshot: Snapshot<Row> = { rows: [], total: 0, status: { state: 'empty', reason: 'idle' }, changes: [] };
  #subscribers = new Set<{ call: (snapshot: Snapshot<Row>) => void }>();

  constructor(
    private change: (options: LiveOptions) => void,
    private end: () => void,
  ) {}

  get snapshot(): Snapshot<Row> {
    return this.#snapshot;
  }

  get rows(): readonly Row[] {
    return this.#snapshot.rows;
  }

  get total(): number {
    return this.#snapshot.total;
  }

  get status(): Status {
    return this.#snapshot.status;
  }

  subscribe(callback: (snapshot: Snapshot<Row>) => void): () => void {
    const subscriber = { call: callback };
    this.#subscribers.add(subscriber);
    callback({ ...this.#snapshot, changes: [] });
    return () => this.#subscribers.delete(subscriber);
  }

  update(options: LiveOptions): void {
    this.change(options);
  }

  close(): void {
    this.#subscribers.clear();
    this.end();
  }

  /** Takes in what the engine says. */
  apply({ splices, changes, total, status }: LiveUpdate): void {
    const rows =
      splices.length === 0 ? this.rows : spliced(this.rows, splices as Splice[] as RowSplice<Row>[]);
    this.#tell({ rows, total, status, changes });
  }

  /** Nothing follows any more: what is shown is not fresh from now on. */
  abandon(reason: string, detail: string): void {
    const { state, asOf } = this.status;
    const status: Status = { state: state === 'empty' ? 'empty' : 'stale', reason, detail, asOf };
    this.#tell({ ...this.#snapshot, status, changes: [] });
  }

  #tell(snapshot: Snapshot<Row>): void {
    this.#snapshot = snapshot;
    for (const subscriber of this.#subscribers) {
      try {
        subscriber.call(snapshot);
      } catch (error) {
        reportFailure(error);
      }
    }
  }
}

type RowSplice<Row> = Splice & { insert: Row[] };

/** A new array with the splices applied in order; the rows themselves stay the same objects. */
function spliced<Row>(shown: readonly Row[], splices: RowSplice<Row>[]): Row[] {
  let rows = shown.slice();
  for (const { at, remove, insert } of splices) {
    if (insert.length <= MOST_ARGUMENTS) rows.splice(at, remove, ...insert);
    else rows = rows.slice(0, at).concat(insert, rows.slice(at + remove));
  }
  return rows;
}
