/** The options of a resource. */
import type { EventFields, FieldType } from '../engine/port.js';
import type { ReactionName } from '../engine/reactions.js';

/** A broadcast event as a resource's `on` sees it. */
export interface BroadcastEvent<Data = unknown> {
  /** The event's name on the wire. */
  name: string;
  data: Data;
}

/** The effect of an event on a resource; `row` overrides the row that the event carries. */
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

export interface ResourceOptions<Row extends object> extends Partial<EventFields> {
  /** The URL of the list, relative to the page. */
  url: string | URL;
  /** The rows in the answer: a path, or a function. Default: the answer itself, or its `data`, if a list. */
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
   * The reaction to each event. Names as in Echo's `listen` (`ProductChanged`, `.product.changed`), or `model:Product`
   * for the events of Laravel's model broadcasting.
   */
  on: Record<string, ReactionName | ReactionFunction<Row>>;
  /**
   * Fields that `where` and `orderBy` may name: `['price']`, or with what they are, whatever the JSON has:
   * `{ price: 'number', created_at: 'date', name: 'text' }`. Without a type, texts that are numbers compare as numbers.
   */
  indexes?: string[] | Record<string, FieldType>;
  /**
   * `append`: rows are added at the end, as messages are. Without a socket only what is new is read: the list's URL
   * with `?after=` and the greatest `after` of the rows that are there.
   */
  mode?: 'append';
  /** Path of what grows with each new row of an append list. Default: the key. */
  after?: string;
  /**
   * Division of the list into pages, which are all read: `number` (`?page=2`, Laravel's `paginate` and
   * `simplePaginate`), or `cursor` (`?cursor=…`, `cursorPaginate`). `cursor` promises that the order of rows never
   * changes: order by the key, or by when a row was made. Default: the list's URL answers all rows, and an answer that
   * says that more follow is an error. `false`: the one page that the URL answers is all that is wanted.
   */
  page?: 'number' | 'cursor' | false;
  /** Number of rows in a page, sent as `per_page`. Default: the back end's. */
  pageSize?: number;
  /** The next page in an answer, if not as Laravel's paginators name it: a path, or a function; `null` ends. */
  next?: string | Extract<string | URL | null | undefined>;
  /**
   * Tags by which events may name this list (`catalogue`) or, with `{id}` in them, one of its rows (`product:{id}`).
   */
  tags?: string[];
  /**
   * The rows that this list holds: `'all'`, where its URL answers every row of the resource, or a function that says it of
   * a row, from the row alone. Without it each patch of a row is painted and confirmed by one read, because a changed
   * row may have left the list.
   */
  belongs?: 'all' | ((row: Row) => boolean);
  /**
   * The rows of events have fewer fields than the list's (no relations): what they lack stays as it is. Without it such
   * a row is shown with what was known, and confirmed by a read. Default: false.
   */
  merge?: boolean;
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
