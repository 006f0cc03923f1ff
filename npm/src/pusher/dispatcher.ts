/** Callbacks by event name, called in the order in which they were added. */
import { reportFailure } from '../common/errors.js';
import { Unproxied } from '../common/unproxied.js';

/**
 * A callback for an event's data. Written as a method so that a callback may name the type it expects where
 * none is known: `(order: Order) => …`.
 */
export type Callback<Data = unknown> = {
  method(data: Data, metadata: Metadata): unknown;
}['method'];
export type GlobalCallback = (event: string, data: unknown) => unknown;

/** Facts that come with an event's data. */
export interface Metadata {
  /** The sender of a client event, where the server tells. */
  user_id?: string;
  /** The event was missed while there was no connection (option `recover`). */
  recovered?: true;
}

interface Binding {
  fn: Callback;
  context: unknown;
}

/** The callbacks of a dispatcher: `dispatcher.callbacks`. */
class CallbackRegistry {
  /** By event name with `_` in front, where pusher-js keeps them and tests of applications look. */
  _callbacks: Record<string, Binding[]> = Object.create(null);

  get(event: string): Binding[] | undefined {
    return this._callbacks[`_${event}`];
  }

  add(event: string, fn: Callback, context?: unknown): void {
    const bindings = this.get(event);
    if (bindings === undefined) this._callbacks[`_${event}`] = [{ fn, context }];
    else bindings.push({ fn, context });
  }

  /** Removes what matches all that is given; everything, if nothing is given. */
  remove(event?: string | null, callback?: Callback | null, context?: unknown): void {
    for (const name of event ? [`_${event}`] : Object.keys(this._callbacks)) {
      // a new list, for the old one may be under way
      const kept =
        callback || context
          ? this._callbacks[name]?.filter(
              (bound) => (callback && callback !== bound.fn) || (context && context !== bound.context),
            )
          : [];
      if (kept?.length) this._callbacks[name] = kept;
      else delete this._callbacks[name];
    }
  }
}

/** `bind` and `unbind` as pusher-js has them. */
export class Dispatcher extends Unproxied {
  callbacks = new CallbackRegistry();
  global_callbacks: GlobalCallback[] = [];

  /** `failThrough` is called with the events that nobody is bound to. */
  constructor(public failThrough?: GlobalCallback) {
    super();
  }

  /** Calls `callback` with each such event; added twice, it is called twice. */
  bind(event: string, callback: Callback, context?: unknown): this {
    this.callbacks.add(event, callback, context);
    return this;
  }

  /** Removes what matches all that is given; everything, if nothing is given. */
  unbind(event?: string | null, callback?: Callback | null, context?: unknown): this {
    this.callbacks.remove(event, callback, context);
    return this;
  }

  /** Calls `callback` with the name and the data of every event, before the others. */
  bind_global(callback: GlobalCallback): this {
    this.global_callbacks.push(callback);
    return this;
  }

  unbind_global(callback?: GlobalCallback): this {
    this.global_callbacks = callback ? this.global_callbacks.filter((bound) => bound !== callback) : [];
    return this;
  }

  unbind_all(): this {
    return this.unbind().unbind_global();
  }

  /** Whether anybody waits for this event. */
  hears(event: string): boolean {
    return this.global_callbacks.length > 0 || this.callbacks.get(event) !== undefined;
  }

  /**
   * Calls everyone who waits for `event`. Without metadata, callbacks get only the data, if there is some.
   * An error thrown by a callback is reported, and the next one is called.
   */
  emit(event: string, data?: unknown, metadata?: Metadata): this {
    // callbacks that are added meanwhile are called too, as pusher-js does; those that are removed stay in these lists,
    // so that nobody after them is passed over
    const globals = this.global_callbacks;
    for (let i = 0; i < globals.length; i++) {
      attempt(() => globals[i]?.(event, data));
    }
    const bindings = this.callbacks.get(event);
    if (bindings === undefined) this.failThrough?.(event, data);
    else for (let i = 0; i < bindings.length; i++) call(bindings[i] as Binding, data, metadata);
    return this;
  }
}

function call({ fn, context }: Binding, data: unknown, metadata: Metadata | undefined): void {
  const that = context || globalThis;
  attempt(() => {
    if (metadata !== undefined) fn.call(that, data, metadata);
    else if (data) (fn as (data: unknown) => unknown).call(that, data);
    else (fn as () => unknown).call(that);
  });
}

function attempt(callback: () => unknown): void {
  try {
    callback();
  } catch (error) {
    reportFailure(error);
  }
}
