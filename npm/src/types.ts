/** The public types of the cache. */
import type { Activity, ReactionName, RowChange, Status } from './port.js';

export type { Activity, RowChange, Status } from './port.js';

/** A broadcast event as a resource's `on` sees it. */
export interface BroadcastEvent<Data = unknown> {
  /** The event's name on the wire. */
  name: string;
  data: Data;
}

/** What an event does to a resource; `row` overrides the row that the event carries. */
export type Reaction<Row> =
  | ReactionName
  | { reaction: 'patch'; row: Row }
  | { reaction: Exclude<ReactionName, 'patch'> };

export interface ResourceOptions<Row extends object> {
  /** Where the list is read; relative to the page. */
  url: string | URL;
  /** Takes the rows out of the answer. Default: the answer itself, or its `data`, if that is a list. */
  rows?: (json: never) => Row[];
  /** Takes the one row out of the answer to a URL reaction. Default: its `data` if there is one, else itself. */
  row?: (json: never) => Row;
  /** Path of the id in a row. Default: `id`. */
  key?: string;
  /** Path of the version in a row (`updated_at`, `version`). */
  version?: string;
  /** The version is a counter that every change raises: equal versions are the same row. Default: false. */
  strict?: boolean;
  /** `products`, `private:products` or a full name (`private-products`); several are possible. */
  channel: string | string[];
  /**
   * What each event does. Names as in Echo's `listen` (`ProductChanged`, `.product.changed`), or `model:Product`
   * for the events of Laravel's model broadcasting.
   */
  on: Record<string, ReactionName | ((event: BroadcastEvent) => Reaction<Row>)>;
  /** Fields that `where` and `orderBy` may name. */
  indexes?: string[];
  /** Whether a row belongs to this list; required for patches to add rows to a filtered list. */
  belongs?: (row: Row) => boolean;
  /** Where an event carries the row. Default: `client_refresh`. */
  rowField?: string;
  /** Where an event says that a row is deleted: `true`, or the id. Default: `deleted`. */
  deletedField?: string;
  /** Where an event names outdated URLs. Default: `url`. */
  urlField?: string;
  /** Prefixes under which single rows are read. Default: the list's own URL. */
  rowUrls?: string[];
  /** Raise it when the shape of rows changes: stored rows of another schema are read anew. Default: 1. */
  schema?: number;
}

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
  /** A new array with each change; rows that did not change keep their identity. */
  rows: readonly Row[];
  /** How many rows match, whatever `offset` and `limit`. */
  total: number;
  status: Status;
  /** What is new, different or gone since the snapshot before; empty for the first. */
  changes: readonly RowChange[];
}

/** A query whose rows follow the resource. */
export interface LiveQuery<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly status: Status;
  /** Calls back at once with what is there, then with each change. Returns the way to stop. */
  subscribe(callback: (snapshot: Snapshot<Row>) => void): () => void;
  /** Changes the query; the rows follow. */
  update(options: LiveOptions): void;
  close(): void;
}

export interface Resource<Row> {
  readonly name: string;
  live(options?: LiveOptions): LiveQuery<Row>;
  /** The row, once the resource is there; `undefined` where the list has none of this id. */
  get(id: string | number): Promise<Row | undefined>;
  /** Reads the list again, now. */
  refresh(): void;
}

export interface Cache {
  resource<Row extends object>(name: string, options: ResourceOptions<Row>): Resource<Row>;
  /** Tells each thing that the cache does; returns the way to stop. */
  onActivity(callback: (activity: Activity) => void): () => void;
  /** The state of the cache's own connection. */
  readonly connectionState: string;
  onConnectionChange(callback: (state: string, reason: string) => void): () => void;
  /** What the cache knows and concluded, for people. */
  inspect(): Promise<unknown>;
  /** Forgets everything stored in this scope. */
  clear(): Promise<void>;
  /** Closes the connection; stored rows stay. */
  close(): void;
}
