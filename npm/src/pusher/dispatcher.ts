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
  callback: Callback;
  context: unknown;
}

/** `bind` and `unbind` as pusher-js has them. */
export class Dispatcher extends Unproxied {
  private bindings = new Map<string, Binding[]>();
  private globals: GlobalCallback[] = [];

  /** Calls `callback` with each such event; added twice, it is called twice. */
  bind(event: string, callback: Callback, context?: unknown): this {
    const bindings = this.bindings.get(event);
    if (bindings === undefined) this.bindings.set(event, [{ callback, context }]);
    else bindings.push({ callback, context });
    return this;
  }

  /** Removes what matches all that is given; everything, if nothing is given. */
  unbind(event?: string | null, callback?: Callback | null, context?: unknown): this {
    if (!event && !callback && !context) this.bindings.clear();
    for (const name of event ? [event] : [...this.bindings.keys()]) {
      const kept =
        callback || context
          ? this.bindings
              .get(name)
              ?.filter((b) => (callback && callback !== b.callback) || (context && context !== b.context))
          : [];
      if (kept?.length) this.bindings.set(name, kept);
      else this.bindings.delete(name);
    }
    return this;
  }

  /** Calls `callback` with the name and the data of every event, before the others. */
  bind_global(callback: GlobalCallback): this {
    this.globals.push(callback);
    return this;
  }

  unbind_global(callback?: GlobalCallback): this {
    this.globals = callback ? this.globals.filter((bound) => bound !== callback) : [];
    return this;
  }

  unbind_all(): this {
    return this.unbind().unbind_global();
  }

  /** Whether anybody waits for this event. */
  hears(event: string): boolean {
    return this.globals.length > 0 || this.bindings.has(event);
  }

  /**
   * Calls everyone who waits for `event`. Without metadata, callbacks get only the data, if there is some.
   * An error thrown by a callback is reported, and the next one is called.
   */
  emit(event: string, data?: unknown, metadata?: Metadata): void {
    // callbacks that are added meanwhile are called too, as pusher-js does; those that are removed stay in these lists,
    // so that nobody after them is passed over
    const globals = this.globals;
    for (let i = 0; i < globals.length; i++) {
      try {
        globals[i]?.(event, data);
      } catch (error) {
        reportFailure(error);
      }
    }
    const bindings = this.bindings.get(event);
    if (bindings === undefined) return;
    for (let i = 0; i < bindings.length; i++) {
      const binding = bindings[i] as Binding;
      try {
        call(binding, data, metadata);
      } catch (error) {
        reportFailure(error);
      }
    }
  }
}

function call({ callback, context }: Binding, data: unknown, metadata: Metadata | undefined): void {
  const that = context || globalThis;
  if (metadata !== undefined) callback.call(that, data, metadata);
  else if (data) (callback as (data: unknown) => unknown).call(that, data);
  else (callback as () => unknown).call(that);
}
