/**
 * The port: messages between a page and an engine, wherever the engine lives.
 *
 * Everything is a tuple of structured-cloneable values, so the same messages cross a direct call and a
 * `MessagePort`. Functions stay in the page: where the engine needs one (authorise, read, consult) it asks.
 */

import type { ReactionName } from './reactions.js';

/** Commands that both engines know. */
type CommonCommand =
  | ['connect']
  | ['page', signal: PageSignal]
  | ['authorized', request: number, reply: AuthReply]
  | ['inspect', request: number];

/** Commands of Echo's engine. */
export type EchoCommand =
  | CommonCommand
  | ['disconnect']
  | ['subscribe', channel: string]
  | ['unsubscribe', channel: string]
  | ['trigger', channel: string, event: string, data: unknown]
  /** Sign in as a user, now and after every reconnect. */
  | ['signIn']
  /** Sign the user out: the engine takes another socket, which the server knows no user of. */
  | ['signOut']
  | ['authenticated', request: number, reply: UserReply];

/** Commands of a cache's engine. */
export type CacheCommand =
  | CommonCommand
  /** The page goes into the back/forward cache: give the scope up, until `page('resumed')`. */
  | ['release']
  /** A newer build of the application has the scope: give it up for good, and go on in memory. */
  | ['retire']
  /** Another tab is clearing the scope: forget everything of it, and end; answered by `cleared` of request 0. */
  | ['forget']
  /** Another tab has cleared the scope: see whether that was after the rows were loaded, and end then as well. */
  | ['look']
  | ['resource', definition: WireResource]
  /**
   * The page is done with a resource, and may declare the name again: leave the channels that no other needs, end its
   * reads and live queries. Stored rows stay. Nothing of it is told or asked any more, nor its open `get`s answered.
   */
  | ['closeResource', name: string]
  | ['live', live: number, resource: string, query: WireQuery]
  | ['closeLive', live: number]
  | ['get', request: number, resource: string, id: string]
  | ['refresh', resource: string]
  | ['readDone', request: number, reply: ReadReply]
  /** A part of the answer came: the time limit of the read counts silence. */
  | ['readProgress', request: number]
  | ['consulted', request: number, advice: WireAdvice]
  /** Forget everything of the scope, stored rows too, and end; answered by `cleared`. */
  | ['clear', request: number];

/** A command of the page to an engine: the name of one of the engine's methods, and its arguments. */
export type Command = EchoCommand | CacheCommand;

/** An engine that carries out these commands: a method for each. */
export type Engine<Known extends Command> = {
  [Each in Known as Each[0]]: Each extends [string, ...infer Arguments]
    ? (...args: Arguments) => void
    : never;
} & { free(): void };

export type PageSignal = 'online' | 'offline' | 'visible' | 'hidden' | 'resumed';

/** An event of an engine for the page. The first element names it; the others are its arguments. */
export type EngineEvent =
  /** The module is there; commands posted before were kept. */
  | ['ready']
  /** The module could not be loaded, and is tried again: commands are kept, and who waits for an answer gets one. */
  | ['delayed', message: string]
  /** The engine cannot be started (the port says so), or it broke by a bug (it says so); nothing follows. */
  | ['failed', message: string]
  | ['connection', state: ConnectionState, reason: string, socketId: string | undefined]
  /** `pusher:subscription_succeeded` comes this way too. */
  | [
      'event',
      channel: string,
      event: string,
      data: unknown,
      userId: string | undefined,
      /** It was missed while there was no connection, and is told now. */
      recovered?: true,
    ]
  /** A refused subscription comes this way alone, whoever refused it: never as an `event` as well. */
  | [
      'subscriptionError',
      channel: string,
      status: number | undefined,
      message: string,
      /** Pusher's word for it, where the server says one: `AuthError`, `LimitReached`. */
      type: string | undefined,
    ]
  | ['error', code: number | undefined, message: string]
  | ['authorize', request: number, channel: string, socketId: string]
  /** Asks who is signing in: after `signIn`, and again after every reconnect. */
  | ['authenticate', request: number, socketId: string]
  /** Signed in; `userData` is the JSON text that the back end signed. Channel `#server-to-user-{id}` follows. */
  | ['signedIn', userData: string]
  | ['signInFailed', status: number | undefined, message: string]
  /** `{events: [{name: 'online' | 'offline', user_ids}]}`, of users that the signed-in user watches. */
  | ['watchlist', data: unknown]
  | ['read', request: number, read: WireRead]
  | ['consult', request: number, resource: string, event: string, data: unknown]
  | ['live', live: number, update: LiveUpdate]
  | ['got', request: number, row: unknown]
  /** `id` is that of a live query or of a request: the page numbers both with one counter. */
  | ['rejected', id: number, message: string]
  | ['activity', activity: Activity]
  | ['inspected', request: number, facts: unknown]
  /** Answer to `clear`, once the store is empty; `error` says why it is not. Request 0: another tab has cleared. */
  | ['cleared', request: number, error: string | undefined];

/** One end of a port, as the page holds it. */
export interface Port {
  post(...command: Command): void;
  /** Set once, before the first `post`. */
  onevent: (...event: EngineEvent) => void;
  close(): void;
}

export type ConnectionState =
  | 'initialized'
  | 'connecting'
  | 'connected'
  | 'unavailable'
  | 'disconnected'
  | 'failed';

/** Options that the engine gets as they are: durations in milliseconds. Without one, the engine's default counts. */
export interface ConnectionTimes {
  /** Longest silence, in milliseconds, before the connection is probed. Default: 120 000. */
  activityTimeout?: number;
  /** Longest time, in milliseconds, that a probe may take. Default: 30 000. */
  pongTimeout?: number;
  /** Without a connection for so long, in milliseconds, the state is `unavailable`. Default: 10 000. */
  unavailableTimeout?: number;
}

/** The same, of a cache. */
export interface CacheTimes {
  /** Between two polls, in milliseconds, while there is no connection. Default: 5 000. */
  pollInterval?: number;
  /** Between two verifications, in milliseconds, of a list that is watched. Default: 300 000. */
  verifyInterval?: number;
  /**
   * Longest time, in milliseconds, in which nothing of the answer to a read comes, until the read is given up; a long
   * answer may take as long as it comes. Default: 30 000.
   */
  readTimeout?: number;
}

/** Settings of an engine. */
export interface EngineConfig extends ConnectionTimes, CacheTimes {
  key: string;
  host: string;
  wsPort: number;
  wssPort: number;
  path: string;
  tls: boolean;
  allowWs: boolean;
  allowWss: boolean;
  /** The page asks for many signatures in one request: the engine asks for all at once. */
  batchAuthorizations?: boolean;
  /** Ask the server for what was missed while there was no connection. */
  recover: boolean;
  /** The application's build, if it says one: an older one does not write where a newer one has. */
  build?: number;
  /** Name of the database the cache is kept in; none: nothing is kept (Echo, or a memory cache). */
  database?: string;
}

export type AuthReply =
  /** `sharedSecret`: base64, for encrypted channels; the engine decrypts, and asks again when a key was rotated. */
  | { ok: true; auth: string; channelData?: string; sharedSecret?: string }
  | { ok: false; status?: number; message: string; retryAfter?: number };

export type UserReply =
  | { ok: true; auth: string; userData: string }
  | { ok: false; status?: number; message: string; retryAfter?: number };

export interface WireRead {
  resource: string;
  /** `list`: the list, or a page of it; `since`: the URL asks for what changed; a whole list is an answer too. */
  target: 'list' | 'row' | 'since';
  url: string;
  /** To be sent as `If-None-Match`. */
  validator?: string;
}

/** `age`: what was answered may be so many milliseconds older than the answer, because a cache on the way kept it. */
export type ReadReply = ReadAnswer & { age?: number };

type ReadAnswer =
  | { kind: 'notModified'; head?: string }
  | { kind: 'list'; rows: unknown[]; validator?: string; head?: string }
  /** Changes since the head in the URL; `deleted` are ids. */
  | { kind: 'since'; changed: unknown[]; deleted: unknown[]; head: string }
  /** One page of a list in pages; without `next` the last one. */
  | { kind: 'page'; rows: unknown[]; validator?: string; head?: string; next?: string }
  | { kind: 'row'; row: unknown; validator?: string; head?: string }
  | { kind: 'gone' }
  | { kind: 'failed'; status?: number; message: string; retryAfter?: number };

/**
 * The page's answer to `consult`. `row` stands in for the row at `rowField`; with `deleted`, it is the row to be
 * removed, of which only the id (at the resource's `key`) counts.
 */
export interface WireAdvice {
  reaction: ReactionName;
  row?: unknown;
  deleted?: boolean;
  /** Whether each row of the event belongs to the list, in their order: `false` removes it. */
  belongs?: boolean[];
}

/** Paths in an event: options of a resource, which the engine gets as they are, or their defaults. */
export interface EventFields {
  /** Path of the row. Default: `client_refresh`. */
  rowField: string;
  /** Path of the mark that a row is deleted: `true`, or the id. Default: `deleted`. */
  deletedField: string;
  /** Path of outdated URLs. Default: `url`. */
  urlField: string;
  /** Path of tags of what is outdated. Default: `tags`. */
  tagField: string;
  /** Path of the head, `{epoch, seq, prev}`; `heads.{name}` is read as well. Default: `head`. */
  headField: string;
}

/** A resource as the engine knows it: no functions, full channel names, wire event names, absolute URLs. */
export interface WireResource extends EventFields {
  name: string;
  /** The parts of the declaration that decide its rows: rows of another fingerprint are another resource's. */
  fingerprint: string;
  url: string;
  rowPrefixes: string[];
  key: string;
  version?: string;
  strict: boolean;
  channels: string[];
  on: [event: string, reaction: ReactionName][];
  indexes: string[];
  /** Declared types of indexes, or of the key. */
  indexTypes: [path: string, type: FieldType][];
  /** Tags that mean the list; with `{id}` in them, a row. */
  tags: string[];
  /** Fields that an event's row lacks stay as they are. */
  merge: boolean;
  /** The rows that the list holds: all of the resource, or those that the page says (`WireAdvice`). */
  belongs?: 'all' | 'function';
  /** Division of the list into pages. */
  page?: 'number' | 'cursor';
  /** Whether the list's URL takes `?since=epoch;seq`. */
  since: boolean;
  /** Ask the page about each event of `on` before acting on it. */
  consult: boolean;
  /**
   * An append list (messages): the path of what grows with each new row, among `indexes` or the key. Without a socket
   * it is polled by `?after=<greatest>`, and the answer's rows are added.
   */
  append?: string;
  schema: number;
  /** Whether rows may be kept in the database; without a user (`scope: null`) only those of public channels. */
  persist: boolean;
}

/** The type of a field, by which `where` and `orderBy` compare its values, whatever form the JSON has. */
export type FieldType = 'number' | 'date' | 'text';

export type Leaf = string | number | boolean | null;

export type ConditionName =
  | 'equals'
  | 'differs'
  | 'oneOf'
  | 'less'
  | 'atMost'
  | 'greater'
  | 'atLeast'
  | 'contains';

export interface WireQuery {
  conditions: [path: string, condition: ConditionName, operand: Leaf | Leaf[]][];
  order: [path: string, descending: boolean][];
  offset: number;
  limit?: number;
}

/** The state of a list, and its cause: `reason` is a stable word, `detail` is for people. */
export interface Status {
  state: 'empty' | 'stale' | 'fresh' | 'offline';
  reason?: string;
  detail?: string;
  /** Beginning of the read that the rows rest on, in milliseconds since 1970. */
  asOf?: number;
}

export interface LiveUpdate {
  splices: Splice[];
  changes: RowChange[];
  /** Number of rows that match, whatever `offset` and `limit`. */
  total: number;
  status: Status;
}

/** Applied in order: removes `remove` rows at `at`, then inserts there. */
export interface Splice {
  at: number;
  remove: number;
  insert: unknown[];
}

/** A row that is new, different or gone since the update before. */
export interface RowChange {
  id: string;
  kind: 'insert' | 'update' | 'delete';
}

export type WarningCode =
  | 'belongs-undeclared'
  | 'consultation-unanswered'
  | 'event-unfit'
  | 'event-unnamed'
  | 'index-mixed'
  | 'operand-unlike'
  | 'key-twice'
  | 'row-poorer'
  | 'versions-incomparable';

/** One thing that the cache did. `at`: milliseconds of `performance.now()` when its cause arrived. */
export type Activity = { at: number } & (
  | {
      type: 'event';
      resource: string;
      event: string;
      reaction: ReactionName;
      outcome: 'applied' | 'provisional' | 'ignored' | 'queued' | 'rejected';
      detail?: string;
    }
  | {
      type: 'read';
      resource: string;
      url: string;
      /** `page`: others follow; `moved`: the pages are not of one moment, and are read again. */
      outcome: 'rows' | 'page' | 'moved' | 'not-modified' | 'row' | 'gone' | 'suspect' | 'failed';
      changed: number;
      took: number;
    }
  | { type: 'restored'; resource: string; rows: number }
  | { type: 'store-failed'; message: string }
  /** Something that only a developer can mend; `values` are what it is about. The console tells it with the fix. */
  | { type: 'warning'; resource: string; code: WarningCode; values: string[] }
  | { type: 'status'; resource: string; from: Status; to: Status }
);
