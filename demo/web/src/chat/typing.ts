import type { PrivateChannel } from 'echolite';
import { byId } from '../dom.js';

/** Who types says so this often, in milliseconds… */
const EVERY = 2_000;
/** …and counts as typing for so long. */
const LASTS = 3_500;

/** Who is writing just now: whispered from window to window, the server is not asked. */
export class Typing {
  readonly #line = byId('typing');
  readonly #timers = new Map<number, number>();
  /** Whether there is a connection to whisper over. */
  readonly #isConnected: () => boolean;
  #channel: PrivateChannel | undefined;
  #nameOf: (user: number) => string | undefined = () => undefined;
  #lastWhisper = Number.NEGATIVE_INFINITY;

  constructor(isConnected: () => boolean) {
    this.#isConnected = isConnected;
  }

  /** Goes over to another conversation's channel. A whisper tells an id alone: the name comes from the server. */
  begin(channel: PrivateChannel, nameOf: (user: number) => string | undefined): void {
    for (const user of [...this.#timers.keys()]) this.stopped(user);
    this.#channel = channel;
    this.#nameOf = nameOf;
    this.#lastWhisper = Number.NEGATIVE_INFINITY;
    channel.listenForWhisper('typing', ({ user }: { user: number }) => this.#started(user));
  }

  /** This user has typed something. */
  whisper(user: number): void {
    const now = performance.now();
    if (now - this.#lastWhisper < EVERY || !this.#isConnected()) return;
    this.#lastWhisper = now;
    this.#channel?.whisper('typing', { user });
  }

  /** This user has sent what was typed; the next letter is told at once. */
  sent(): void {
    this.#lastWhisper = Number.NEGATIVE_INFINITY;
  }

  /** Somebody has sent their message, or has not gone on. */
  stopped(user: number): void {
    clearTimeout(this.#timers.get(user));
    this.#timers.delete(user);
    this.#show();
  }

  #started(user: number): void {
    clearTimeout(this.#timers.get(user));
    this.#timers.set(
      user,
      window.setTimeout(() => this.stopped(user), LASTS),
    );
    this.#show();
  }

  #show(): void {
    const names = [...this.#timers.keys()].map((user) => this.#nameOf(user)).filter((name) => name);
    const verb = names.length === 1 ? 'is' : 'are';
    this.#line.textContent = names.length > 0 ? `${names.join(' and ')} ${verb} typing…` : '';
  }
}
