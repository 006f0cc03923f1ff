import { byId } from '../dom.js';
import { read } from './api.js';

/** Messages that come into view together are told in one request: so long it waits, in milliseconds. */
const PAUSE = 150;

/** Tells the server how far this user has read: what was in view, in a window that was itself in view. */
export class Reading {
  readonly #observer = new IntersectionObserver((entries) => this.#see(entries), { root: byId('messages') });
  readonly #ids = new Map<Element, number>();
  #conversation: number | undefined;
  #seen = 0;
  #told = 0;
  #timer = 0;

  constructor() {
    document.addEventListener('visibilitychange', () => this.tell());
  }

  begin(conversation: number | undefined, readUpTo: number): void {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    this.#ids.clear();
    this.#conversation = conversation;
    this.#seen = 0;
    this.#told = readUpTo;
  }

  watch(end: Element, id: number): void {
    this.#ids.set(end, id);
    this.#observer.observe(end);
  }

  /** Tells what was not told yet; called again when it could not be told. */
  tell(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#send(), PAUSE);
  }

  #see(entries: IntersectionObserverEntry[]): void {
    // What comes into view while nobody looks is looked at later.
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.#seen = Math.max(this.#seen, this.#ids.get(target) ?? 0);
    }
    this.tell();
  }

  async #send(): Promise<void> {
    const [conversation, seen, before] = [this.#conversation, this.#seen, this.#told];
    const isLooking = document.visibilityState === 'visible';
    if (conversation === undefined || seen <= before || !isLooking) return;
    this.#told = seen;
    try {
      await read(conversation, seen);
    } catch {
      // Without the server nothing can be told; it is when there is a connection again, or more to tell.
      if (this.#conversation === conversation) this.#told = before;
    }
  }
}
