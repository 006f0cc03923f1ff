import { reportFailure } from './errors.js';

/** Base of what can be subscribed to. `subscribe` is bound: it may be passed on without its object. */
export class Subscribable<Value> {
  #subscribers = new Set<{ callback: (value: Value) => void }>();

  constructor() {
    this.subscribe = this.subscribe.bind(this);
  }

  /** Calls back with each value; a callback given twice is called twice. Returns the way to stop. */
  subscribe(callback: (value: Value) => void): () => void {
    const subscriber = { callback };
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /** Calls everyone who subscribed. An error thrown by a callback is reported, and the next one is called. */
  notify(value: Value): void {
    for (const { callback } of this.#subscribers) {
      try {
        callback(value);
      } catch (error) {
        reportFailure(error);
      }
    }
  }

  unsubscribeAll(): void {
    this.#subscribers.clear();
  }
}
