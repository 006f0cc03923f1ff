import type { Activity, Status } from 'echolite';
import { formatClock } from './product.js';
import { explain } from './reasons.js';

type Of<Type extends Activity['type']> = Extract<Activity, { type: Type }>;

/** An event, what was done about it, and what that cost. */
export interface EventEntry {
  kind: 'event';
  time: number;
  at: number;
  event: string;
  reaction: string;
  outcome: string;
  detail: string;
  /** How many requests it led to, and how many events they were for together. */
  requests: number;
  /** Whether a read is still to settle it. */
  isOpen: boolean;
  sharedBy: number;
  bytes: number | undefined;
  /** Milliseconds from the frame's arrival to the repainted list. */
  paint: number | undefined;
}

/** Anything else that the cache did. */
export interface NoteEntry {
  kind: 'read' | 'restored' | 'status' | 'trouble';
  time: number;
  title: string;
  detail: string;
}

export type Entry = EventEntry | NoteEntry;

export interface Totals {
  events: number;
  sent: number;
  saved: number;
  restored: number | undefined;
  lastPaint: number | undefined;
  medianPaint: number | undefined;
}

/** Outcomes after which a read follows; of these, the row itself is there at once only where it is provisional. */
const READ_FOLLOWS = new Set(['queued', 'rejected', 'provisional']);
const PAINTED_AFTER_READ = new Set(['queued', 'rejected']);
/** A change that is not on the screen after so many milliseconds is not in the list that is shown. */
const PAINT_EXPECTED = 500;
const STEPS_WITHIN = 16;

/**
 * Keeps account: which requests were for which event, and which were not needed.
 *
 * The yardstick is an application without a cache, which reads the whole list once for each event.
 */
export class Ledger {
  /** Called with an entry that is new or changed. */
  onEntry: (entry: Entry) => void = () => {};

  #events = 0;
  #sent = 0;
  #saved = 0;
  #restored: number | undefined;
  readonly #paints: number[] = [];
  /** Events that some read will settle. */
  #unread: EventEntry[] = [];
  /** Events whose rows are not on the screen yet, and since when they could be. */
  readonly #unpainted = new Map<EventEntry, number>();
  #stepsFrom: Status | undefined;
  #stepsTo: Status | undefined;

  get totals(): Totals {
    const sorted = this.#paints.toSorted((a, b) => a - b);
    return {
      events: this.#events,
      sent: this.#sent,
      saved: Math.max(0, this.#saved),
      restored: this.#restored,
      lastPaint: this.#paints.at(-1),
      medianPaint: sorted[Math.floor(sorted.length / 2)],
    };
  }

  note(activity: Activity): void {
    if (activity.type === 'event') this.#event(activity);
    else if (activity.type === 'read') this.#read(activity);
    else if (activity.type === 'status') this.#status(activity);
    // a warning is for the console, where the cache has put it
    else if (activity.type !== 'warning') this.onEntry(this.#other(activity));
  }

  /** The list was repainted. */
  painted(now: number): void {
    for (const [entry, ready] of this.#unpainted) {
      if (ready === Number.POSITIVE_INFINITY) continue;
      this.#unpainted.delete(entry);
      if (now - ready > PAINT_EXPECTED) continue;
      entry.paint = now - entry.at;
      this.#paints.push(entry.paint);
      this.onEntry(entry);
    }
  }

  #event(activity: Of<'event'>): void {
    const { at, event, reaction, outcome, detail = '' } = activity;
    const entry: EventEntry = {
      kind: 'event',
      time: Date.now(),
      at,
      event,
      reaction,
      outcome,
      detail,
      requests: 0,
      isOpen: READ_FOLLOWS.has(outcome),
      sharedBy: 1,
      bytes: undefined,
      paint: undefined,
    };
    this.#events += 1;
    this.#saved += 1;
    if (entry.isOpen) this.#unread.push(entry);
    // A hidden window paints when it is looked at: that says nothing about the cache.
    if (outcome !== 'ignored' && !document.hidden) {
      const ready = PAINTED_AFTER_READ.has(outcome) ? Number.POSITIVE_INFINITY : performance.now();
      this.#unpainted.set(entry, ready);
    }
    this.onEntry(entry);
  }

  #read(activity: Of<'read'>): void {
    this.#sent += 1;
    const bytes = transferred(activity.url);
    const isRow = activity.outcome === 'row' || activity.outcome === 'gone';
    if (activity.outcome !== 'failed') {
      const settled = isRow
        ? this.#unread.filter(({ reaction }) => reaction === 'url').slice(0, 1)
        : this.#unread;
      if (!isRow && settled.length > 0) this.#saved -= 1;
      for (const entry of settled) {
        Object.assign(entry, { requests: 1, sharedBy: settled.length, bytes });
      }
      this.#settle(settled);
    }
    const path = new URL(activity.url, location.href).pathname;
    const rows = `${activity.changed} row${activity.changed === 1 ? '' : 's'} changed`;
    const parts = [activity.outcome.replace('-', ' '), rows, `${Math.round(activity.took)} ms`];
    if (bytes !== undefined) parts.push(formatBytes(bytes));
    this.onEntry({ kind: 'read', time: Date.now(), title: `GET ${path}`, detail: parts.join(', ') });
  }

  #settle(settled: EventEntry[]): void {
    this.#unread = this.#unread.filter((entry) => !settled.includes(entry));
    for (const entry of settled) {
      entry.isOpen = false;
      if (this.#unpainted.get(entry) === Number.POSITIVE_INFINITY) {
        this.#unpainted.set(entry, performance.now());
      }
      this.onEntry(entry);
    }
  }

  #other(activity: Of<'restored' | 'store-failed'>): NoteEntry {
    const time = Date.now();
    switch (activity.type) {
      case 'restored':
        this.#restored = activity.rows;
        return {
          kind: 'restored',
          time,
          title: `${activity.rows} rows from the store`,
          detail: `${Math.round(activity.at)} ms after the page was asked for`,
        };
      case 'store-failed':
        return { kind: 'trouble', time, title: 'The store failed', detail: activity.message };
    }
  }

  /** Steps within one frame are not seen; only where they lead is told. */
  #status({ from, to }: Of<'status'>): void {
    // What no read was counted for was answered by that of another event.
    if (to.state === 'fresh') this.#settle(this.#unread);
    if (!this.#stepsFrom) {
      this.#stepsFrom = from;
      setTimeout(() => this.#tellStatus(), STEPS_WITHIN);
    }
    this.#stepsTo = to;
  }

  #tellStatus(): void {
    const [from, to] = [this.#stepsFrom, this.#stepsTo];
    this.#stepsFrom = undefined;
    if (!from || !to || (from.state === to.state && from.reason === to.reason)) return;
    const title = to.reason ? `${to.state}: ${to.reason}` : to.state;
    this.onEntry({ kind: 'status', time: Date.now(), title, detail: told(to) });
  }
}

/** What a status means, and when the read began that its rows rest on. */
function told(status: Status): string {
  const { asOf } = status;
  return asOf === undefined ? explain(status) : `${explain(status)} As of ${formatClock(asOf)}.`;
}

/** When the last request of each URL began, of those whose bytes were told. */
const lastTold = new Map<string, number>();

/** What came over the network for this read, if this window made it and the browser has noted it already. */
function transferred(url: string): number | undefined {
  const entries = performance.getEntriesByName(new URL(url, location.href).href, 'resource');
  const last = entries.at(-1) as PerformanceResourceTiming | undefined;
  if (entries.length > 100) performance.clearResourceTimings();
  if (!last || last.startTime <= (lastTold.get(url) ?? 0)) return undefined;
  lastTold.set(url, last.startTime);
  return last.transferSize || undefined;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
