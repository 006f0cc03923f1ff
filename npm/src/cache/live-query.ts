import { type DeepReadonly, freezeDeeply } from '../common/freeze.js';
import { Subscribable } from '../common/subscribable.js';
import type { LiveUpdate, Splice, Status } from '../engine/port.js';
import type { LiveOptions, LiveQuery, Snapshot } from './types.js';

/** More rows than this are not handed over as arguments: engines of JavaScript limit their number. */
const MOST_ARGUMENTS = 10_000;

/** The page's copy of the rows of an engine's live query. */
export class EngineLiveQuery<Row> extends Subscribable<Snapshot<Row>> implements LiveQuery<Row> {
  private current = Object.freeze<Snapshot<Row>>({
    rows: [],
    total: 0,
    status: { state: 'empty', reason: 'idle' },
    changes: [],
  });

  constructor(
    private change: (options: LiveOptions) => void,
    private end: () => void,
  ) {
    super();
  }

  get snapshot(): Snapshot<Row> {
    return this.current;
  }

  get rows(): readonly DeepReadonly<Row>[] {
    return this.current.rows;
  }

  get total(): number {
    return this.current.total;
  }

  get status(): Status {
    return this.current.status;
  }

  /** Calls back at once with what is there, then with each change. */
  override subscribe(callback: (snapshot: Snapshot<Row>) => void): () => void {
    return super.subscribe(callback, { ...this.current, changes: [] });
  }

  update(options: LiveOptions): void {
    this.change(options);
  }

  close(): void {
    this.unsubscribeAll();
    this.end();
  }

  /** Applies an update of the engine. */
  apply({ splices, changes, total, status }: LiveUpdate): void {
    for (const { insert } of splices) insert.forEach(freezeDeeply);
    const rows =
      splices.length === 0
        ? this.rows
        : spliced(this.rows, splices as Splice[] as RowSplice<DeepReadonly<Row>>[]);
    this.show({ rows, total, status, changes });
  }

  /** Nothing follows any more: what is shown is not fresh from now on. */
  abandon(reason: string, detail: string): void {
    const { state, asOf } = this.status;
    const status: Status = { state: state === 'empty' ? 'empty' : 'stale', reason, detail, asOf };
    this.show({ ...this.current, status, changes: [] });
  }

  /** Nothing is shown any more, and nothing follows. */
  forget(reason: string, detail: string): void {
    this.show({ rows: [], total: 0, status: { state: 'empty', reason, detail }, changes: [] });
  }

  private show(snapshot: Snapshot<Row>): void {
    // what comes next is spliced into these very rows
    Object.freeze(snapshot.rows);
    this.current = Object.freeze(snapshot);
    this.notify(snapshot);
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
