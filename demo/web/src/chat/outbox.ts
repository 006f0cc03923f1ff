import { Refusal } from '../api.js';
import { post } from './api.js';
import type { Message } from './rows.js';

/** A message on its way: it stays until the list shows it, under the same key. */
export interface Outgoing {
  key: string;
  text: string;
  state: 'sending' | 'sent' | 'failed';
  /** Why it failed, for people. */
  why?: string;
}

/** Messages that were written and are not in the list yet; they live as long as the window. */
export class Outbox {
  onChange: (conversation: number) => void = () => {};
  readonly #outgoing = new Map<number, Outgoing[]>();
  /** One at a time, so that messages arrive in the order in which they were written. */
  #queue: Promise<void> = Promise.resolve();

  of(conversation: number): readonly Outgoing[] {
    return this.#outgoing.get(conversation) ?? [];
  }

  send(conversation: number, text: string): void {
    const outgoing: Outgoing = { key: newKey(), text, state: 'sending' };
    this.#outgoing.set(conversation, [...this.of(conversation), outgoing]);
    this.#post(conversation, outgoing);
  }

  /** Sends again what failed: the server knows the key, so nothing is sent twice. */
  retry(): void {
    for (const [conversation, outgoing] of this.#outgoing) {
      for (const one of outgoing) if (one.state === 'failed') this.#post(conversation, one);
    }
  }

  /** What is in the list has arrived. */
  settle(conversation: number, rows: readonly Message[]): void {
    const outgoing = this.of(conversation);
    if (outgoing.length === 0) return;
    const keys = new Set(rows.map(({ key }) => key));
    this.#outgoing.set(
      conversation,
      outgoing.filter(({ key }) => !keys.has(key)),
    );
  }

  #post(conversation: number, outgoing: Outgoing): void {
    outgoing.state = 'sending';
    this.onChange(conversation);
    this.#queue = this.#queue.then(async () => {
      try {
        await post(conversation, outgoing.text, outgoing.key);
        outgoing.state = 'sent';
      } catch (error) {
        outgoing.state = 'failed';
        outgoing.why = error instanceof Refusal ? error.message : String(error);
      }
      this.onChange(conversation);
    });
  }
}

/** `randomUUID` is there on secure origins only; a demo in a local network is none. */
function newKey(): string {
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4))).join('-');
}
