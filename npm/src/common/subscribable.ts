import { reportFailure } from './errors.js';
import { Unproxied } from './unproxied.js';

interface Subscriber<Value> {
  callback: (value: Value) => void;
  /** The number of the last value that it has got, or that was there before it. */
  last: number;
}

/** Base of what can be subscribed to. `subscribe` is bound: it may be passed on without its object. */
export class Subscribable<Value> extends Unproxied {
  private subscribers = new Set<Subscriber<Value>>();
  /** Values that are being told, or wait for the one before. */
  private waiting: { value: Value; number: number }[] = [];
  private lastNumber = 0;

  constructor() {
    super();
    this.subscribe = this.subscribe.bind(this);
  }

  /**
   * Calls back with each value from now on; a callback given twice is called twice. Returns the way to stop. With
   * `first` the callback is called with that at once.
   */
  subscribe(callback: (value: Value) => void, ...first: Value[]): () => void {
    const subscriber = { callback, last: this.lastNumber };
    this.subscribers.add(subscriber);
    for (const value of first) tell(callback, value);
    return () => this.subscribers.delete(subscriber);
  }

  /**
   * Calls everyone who subscribed. An error thrown by a callback is reported, and the next one is called. A value that
   * comes while another is told follows it, so that all get all values in one order.
   */
  notify(value: Value): void {
    this.waiting.push({ value, number: ++this.lastNumber });
    if (this.waiting.length > 1) return;
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      for (const subscriber of this.subscribers) {
        if (subscriber.last >= next.number) continue;
        subscriber.last = next.number;
        tell(subscriber.callback, next.value);
      }
      this.waiting.shift();
    }
  }

  unsubscribeAll(): void {
    this.subscribers.clear();
  }
}

function tell<Value>(callback: (value: Value) => void, value: Value): void {
  try {
    callback(value);
  } catch (error) {
    reportFailure(error);
  }
}
