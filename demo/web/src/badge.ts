import type { Status } from 'echolite';
import { byId } from './dom.js';
import { formatClock } from './product.js';
import { explain } from './reasons.js';

/** Screen readers hear of a state that lasts, not of each step to it. */
const ANNOUNCE_AFTER = 700;

/** The flag in the header: is what we see what the server has, and if not, why. */
export class Badge {
  readonly #root = byId('status');
  readonly #state = byId('status-state');
  readonly #detail = byId('status-detail');
  readonly #reason = byId('status-reason');
  readonly #asOf = byId('status-as-of');
  readonly #socket = byId('status-socket');
  readonly #spoken = byId('status-spoken');
  #status: Status = { state: 'empty' };
  #timer = 0;

  constructor() {
    setInterval(() => this.#showAge(), 1000);
  }

  show(status: Status): void {
    this.#status = status;
    this.#root.dataset.status = status.state;
    this.#root.dataset.reason = status.reason ?? '';
    this.#state.textContent = status.state;
    this.#detail.textContent = explain(status);
    this.#reason.textContent = status.reason ?? '';
    this.#showAge();
    this.#announce();
  }

  connection(state: string, reason: string): void {
    this.#root.dataset.connection = state;
    this.#socket.textContent = `socket ${state}`;
    this.#socket.title = reason;
  }

  #showAge(): void {
    const { asOf } = this.#status;
    this.#root.dataset.asOf = asOf === undefined ? '' : String(asOf);
    this.#asOf.textContent =
      asOf === undefined ? 'never read' : `as of ${formatClock(asOf)}, ${age(Date.now() - asOf)}`;
  }

  #announce(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      const text = `${this.#state.textContent}: ${this.#detail.textContent}`;
      if (this.#spoken.textContent !== text) this.#spoken.textContent = text;
    }, ANNOUNCE_AFTER);
  }
}

function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 2) return 'just now';
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3600)} h ago`;
}
