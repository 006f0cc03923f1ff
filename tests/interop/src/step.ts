/** What a step of the script is made of. */
import type Echo from 'laravel-echo';
import type Pusher from 'pusher';

export type EchoLike = Echo<'reverb'>;
export type Role = 'first' | 'second';

export interface PageContext {
  echo: EchoLike;
  log(what: string, ...details: unknown[]): void;
  /** Another Echo in the page, of another application or user; asked for again, it is the same one. */
  another(changes: { key?: string; user?: string }): EchoLike;
}

interface BackContext {
  sdk: Pusher;
  /** Sends an event by our `Broadcaster`. */
  broadcast(channel: string, event: string, data: unknown): Promise<void>;
  /** Gives the application another master key, and the SDK that has it. */
  rotate(): Pusher;
  socketIds: Record<Role, string>;
  restart(): Promise<void>;
}

export interface Step {
  name: string;
  first?: (context: PageContext) => void;
  second?: (context: PageContext) => void;
  back?: (context: BackContext) => Promise<unknown>;
  /** How many lines each page logs. */
  logs: [first: number, second: number];
  /** The lines come from requests that overlap: their order is not compared. */
  overlaps?: boolean;
  /** Why only the stock client plays it: what ours does not offer yet. */
  notYet?: string;
  /** How long the step may take, in milliseconds. */
  deadline?: number;
  /** The first page has no connection afterwards. */
  ends?: boolean;
}

/**
 * Only states in which something is settled: stock tells `connecting` before one can listen, `unavailable` is
 * a matter of time, and a refusal for ever is `disconnected` there and `failed` here.
 */
const SETTLED: Record<string, string> = { connected: 'connected', disconnected: 'ended', failed: 'ended' };

export function states(who: string, echo: EchoLike, log: PageContext['log']): void {
  echo.connector.pusher.connection.bind('state_change', ({ current }: { current: string }) => {
    if (SETTLED[current]) log(who, SETTLED[current]);
  });
}
