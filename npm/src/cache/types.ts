/** The public types of the cache. */

import type { Activity, ConnectionState, ReactionName, RowChange, Status } from '../engine/port.js';
import type { EchoOptions, FilledOptions, HeaderMap } from '../options/echo-options.js';

export type { Activity, RowChange, Status } from '../engine/port.js';

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
  | { reaction: ReactionName; row?: undefined };

/** Decides what an event does. Written as a method so that it may name the type of the data it expects. */
export type ReactionFunction<Row> = {
  method(event: BroadcastEvent): Reaction<Row>;
}['method'];

/** Takes something out of parsed JSON; it may name the type it expects: `(json: { data: Product[] }) => json.data`. */
export type Extract<Result> = { method(json: unknown): Result }['method'];

export interface ResourceOptions<Row extends object> {
  /** Where the list is read; relative to the page. */
  url: string | URL;
  /** Where the rows are in the answer: a path, or a function. Default: the answer itself, or its `data`, if a list. */
  rows?: string | Extract<Row[]>;
  /** Takes the one row out of the answer to a URL reaction. Default: its `data` if there is one, else itself. */
  row?: Extract<Row>;
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
  on: Record<string, ReactionName | ReactionFunction<Row>>;
  /** Fields that `where` and `orderBy` may name. */
  indexes?: string[];
  /**
   * `append`: rows are added at the end, as messages are. Without a socket only what is new is read: the list's URL
   * with `?after=` and the greatest `after` of the rows that are there.
   */
  mode?: 'append';
  /** Path of what grows with each new row of an append list. Default: the key. */
  after?: string;
  /**
   * How the list is divided into pages, which are all read: `number` (`?page=2`, Laravel's `paginate` and
   * `simplePaginate`), or `cursor` (`?cursor=…`, `cursorPaginate`). `cursor` promises that the order of rows never
   * changes: order by the key, or by when a row was made. Default: the list's URL answers all rows.
   */
  page?: 'number' | 'cursor';
  /** How many rows a page has: sent as `per_page`. Default: as many as the back end likes. */
  pageSize?: number;
  /** Where an answer names the next page, if not as Laravel's paginators do: a path, or a function; `null` ends. */
  next?: string | Extract<string | URL | null | undefined>;
  /**
   * Tags by which events may name this list (`catalogue`) or, with `{id}` in them, one of its rows (`product:{id}`).
   */
  tags?: string[];
  /** Whether a row belongs to this list; required for patches to add rows to a filtered list. */
  belongs?: (row: Row) => boolean;
  /** Where an event carries the row. Default: `client_refresh`. */
  rowField?: string;
  /** Where an event says that a row is deleted: `true`, or the id. Default: `deleted`. */
  deletedField?: string;
  /** Where an event names outdated URLs. Default: `url`. */
  urlField?: string;
  /** Where an event names tags of what is outdated. Default: `tags`. */
  tagField?: string;
  /** Where an event carries the head, `{epoch, seq, prev}`; `heads.{name}` is read as well. Default: `head`. */
  headField?: string;
  /** The list's URL takes `?since=epoch;seq` and answers `{changed, deleted, head}`. Default: false. */
  since?: boolean;
  /**
   * Prefixes under which single rows are read: `/api/products/`, or `/api/product?id=`. With `[]` no row has a URL of
   * its own. Default: the list's own URL.
   */
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
  /** What the subscribers were told last: the same object until something changes. */
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
   * The row as the list has it; of another, what its own URL answers to a request made now. `undefined` where there is
   * no such row; rejects where its URL could not be read.
   */
  get(id: string | number): Promise<Row | undefined>;
  /** Reads the list again, now. */
  refresh(): void;
  /**
   * Ends its live queries and leaves its channels: a conversation that is no longer looked at. What is stored stays,
   * and is there when the resource is declared again.
   */
  close(): void;
}

/** What is the cache's own among the options of `createCache`. */
export interface CacheSettings {
  /**
   * Whose data this is: the user's id, or `null` where nobody is signed in. Nothing is shared between scopes.
   * With `null`, only resources whose channels are all public are stored.
   */
  scope: string | number | null;
  /** Where rows are kept. Default: `indexeddb`. */
  store?: 'indexeddb' | 'memory';
  /**
   * Which build of the application this is, a number that grows with each release. Tabs of older builds that are
   * still open then leave the store to this one, and go on in memory.
   */
  build?: number;
  /** Between two polls, in milliseconds, while there is no connection. Default: 5 000. */
  pollInterval?: number;
  /** Between two verifications, in milliseconds, of a list that is watched. Default: 300 000. */
  verifyInterval?: number;
  /**
   * Ask an Echolite server for the events missed while there was no connection, or no page: where it has them all, a
   * reconnect and a reload cost no read. Of any other server nothing is asked. Default: true.
   */
  recover?: boolean;
  /** Reads the back end; to send cookies to another origin, say. Default: the browser's `fetch`. */
  fetch?: typeof globalThis.fetch;
  /** Sent with each read. */
  headers?: HeaderMap | (() => HeaderMap);
}

/** An Echo, whose key, host and ways to authorise the cache uses too; its socket is its own. */
export interface EchoSource {
  echo: { readonly options: EchoOptions; readonly connector?: { readonly options?: FilledOptions } };
}

/** Either an Echo or its options. */
export type CacheOptions = CacheSettings & (EchoSource | (Partial<EchoOptions> & { echo?: undefined }));

export interface Cache {
  resource<Row extends object>(name: string, options: ResourceOptions<Row>): Resource<Row>;
  /** Tells each thing that the cache does; returns the way to stop. */
  onActivity(callback: (activity: Activity) => void): () => void;
  /** The state of the cache's own connection. */
  readonly connectionState: ConnectionState;
  /** Calls back with each change of that state, and why; returns the way to stop. */
  onConnectionChange(callback: (state: ConnectionState, reason: string) => void): () => void;
  /** What the cache knows and concluded, for people. */
  inspect(): Promise<unknown>;
  /** Forgets everything stored in this scope. */
  clear(): Promise<void>;
  /** Closes the connection; stored rows stay. */
  close(): void;
}
