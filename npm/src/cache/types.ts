/** The public types of the cache. */
import type { DeepReadonly } from '../common/freeze.js';
import type { Activity, ConnectionState, RowChange, Status } from '../engine/port.js';
import type { ResourceOptions } from './resource-options.js';

export type { DeepReadonly } from '../common/freeze.js';
export type { Activity, RowChange, Status } from '../engine/port.js';

export type Operand = string | number | boolean | null;

/** `{ category: 'shoes', price: { gte: 10, lt: 20 }, name: { contains: 'red' }, size: [40, 41] }` */
export type Where = Record<
  string,
  | Operand
  | Operand[]
  | {
      eq?: Operand;
      ne?: Operand;
      in?: Operand[];
      lt?: Operand;
      lte?: Operand;
      gt?: Operand;
      gte?: Operand;
      contains?: string;
    }
>;

export interface LiveOptions {
  where?: Where;
  /** `'price'`, `'-price'` for descending, or several. */
  orderBy?: string | string[];
  offset?: number;
  limit?: number;
}

export interface Snapshot<Row> {
  /**
   * A new array with each change; rows that did not change keep their identity. They are the cache's own, and frozen:
   * copy a row to edit it.
   */
  rows: readonly DeepReadonly<Row>[];
  /** Number of rows that match, whatever `offset` and `limit`. */
  total: number;
  status: Status;
  /** Rows that are new, different or gone since the snapshot before; empty for the first. */
  changes: readonly RowChange[];
}

/** A query whose rows follow the resource. */
export interface LiveQuery<Row> {
  readonly rows: readonly DeepReadonly<Row>[];
  readonly total: number;
  readonly status: Status;
  /** The snapshot that subscribers got last: the same object until something changes. */
  readonly snapshot: Snapshot<Row>;
  /** Calls back at once with what is there, then with each change. Returns the way to stop. */
  subscribe(callback: (snapshot: Snapshot<Row>) => void): () => void;
  /** Changes the query; the rows follow. */
  update(options: LiveOptions): void;
  close(): void;
}

export interface Resource<Row> {
  readonly name: string;
  live(options?: LiveOptions): LiveQuery<Row>;
  /**
   * The row as the list has it while that is `fresh`; else, and of another, what its own URL answers to a request made now. `undefined` where there is
   * no such row; rejects where its URL could not be read.
   */
  get(id: string | number): Promise<DeepReadonly<Row> | undefined>;
  /** Reads the list again, now, whether anybody looks at it or not. */
  refresh(): void;
  /**
   * Ends its live queries and leaves its channels: a conversation that is no longer looked at. What is stored stays,
   * and is there when the resource is declared again.
   */
  close(): void;
}

export interface Cache {
  resource<Row extends object>(name: string, options: ResourceOptions<Row>): Resource<Row>;
  /** Tells each thing that the cache does; returns the way to stop. */
  onActivity(callback: (activity: Activity) => void): () => void;
  /** The state of the cache's own connection. */
  readonly connectionState: ConnectionState;
  /** Calls back with each change of that state, and why; returns the way to stop. */
  onConnectionChange(callback: (state: ConnectionState, reason: string) => void): () => void;
  /** Returns what the cache knows and concluded, for people; of answers of another origin the `hiddenHeaders`, too. */
  inspect(): Promise<unknown>;
  /**
   * Forgets everything of this scope, in this tab and all others, and closes their caches; for signing out. What is
   * under way ends. Rejects where the store could not be cleared: call it again then.
   */
  clear(): Promise<void>;
  /** Closes the connection; stored rows stay. */
  close(): void;
}
