import { byId, make } from './dom.js';
import { type Entry, type EventEntry, formatBytes, Ledger } from './ledger.js';
import { formatClock, formatCount } from './product.js';

const KEPT = 120;

/** The log: what the cache did for each event, and what it cost. */
export class Panel {
  readonly ledger = new Ledger();
  readonly #log = byId('log');
  readonly #items = new Map<Entry, HTMLLIElement>();

  constructor() {
    this.ledger.onEntry = (entry) => {
      this.#show(entry);
      this.#showTotals();
    };
    this.#showTotals();
  }

  /** A line that the cache did not write. */
  say(title: string, detail: string): void {
    this.#show({ kind: 'status', time: Date.now(), title, detail });
  }

  #show(entry: Entry): void {
    const known = this.#items.get(entry);
    const item = known ?? make('li');
    item.className = `entry entry-${entry.kind}`;
    item.replaceChildren(...(entry.kind === 'event' ? event(entry) : note(entry.title, entry)));
    if (entry.kind === 'event') {
      Object.assign(item.dataset, { reaction: entry.reaction, outcome: entry.outcome });
      item.dataset.requests = String(entry.requests);
      item.dataset.paint = entry.paint?.toFixed(1) ?? '';
    }
    if (known) return;
    this.#items.set(entry, item);
    this.#log.prepend(item);
    const [oldest] = this.#items;
    if (!oldest || this.#items.size <= KEPT) return;
    oldest[1].remove();
    this.#items.delete(oldest[0]);
  }

  #showTotals(): void {
    const { events, sent, saved, restored, lastPaint, medianPaint } = this.ledger.totals;
    const figure = (id: string, value: number | undefined, text: string): void => {
      byId(id).textContent = text;
      byId(id).dataset.value = value === undefined ? '' : String(value);
    };
    const milliseconds = (value: number | undefined): string => value?.toFixed(1) ?? '–';
    figure('total-events', events, formatCount(events));
    figure('total-sent', sent, formatCount(sent));
    figure('total-saved', saved, formatCount(saved));
    figure('total-restored', restored, restored === undefined ? '–' : formatCount(restored));
    figure('total-paint', lastPaint, milliseconds(lastPaint));
    figure('total-median', medianPaint, milliseconds(medianPaint));
  }
}

function head(time: number, title: string): HTMLElement {
  const line = make('p', 'entry-head');
  line.append(make('time', 'entry-time', formatClock(time)), make('span', 'entry-title', title));
  return line;
}

function event(entry: EventEntry): HTMLElement[] {
  const line = head(entry.time, entry.event);
  line.append(make('span', 'chip', entry.reaction), make('span', 'entry-outcome', entry.outcome));
  const parts = [cost(entry)];
  if (entry.paint !== undefined) parts.push(`on screen after ${entry.paint.toFixed(1)} ms`);
  if (entry.detail) parts.push(entry.detail);
  return [line, make('p', 'entry-detail', parts.join(' · '))];
}

function cost({ requests, sharedBy, bytes, isOpen, outcome }: EventEntry): string {
  if (isOpen) return 'waiting for a read';
  if (requests === 0) return outcome === 'queued' ? "answered by another event's read" : 'no request';
  const size = bytes === undefined ? '' : `, ${formatBytes(bytes)}`;
  const shared = sharedBy > 1 ? ` for ${sharedBy} events` : '';
  return `${requests} request${requests === 1 ? '' : 's'}${shared}${size}`;
}

function note(title: string, { time, detail }: { time: number; detail: string }): HTMLElement[] {
  return [head(time, title), make('p', 'entry-detail', detail)];
}
