/** Turns the names that applications use for events into those on the wire. */
export class EventFormatter {
  constructor(private namespace: string | boolean | undefined) {}

  /**
   * `OrderShipped` → `App\Events\OrderShipped`; what begins with a dot or a backslash is taken as it is.
   *
   * @example new EventFormatter('App.Events').format('.order.shipped') // 'order.shipped'
   */
  format(event: string): string {
    const first = event.charAt(0);
    if (first === '.' || first === '\\') return event.substring(1);
    return (this.namespace ? `${this.namespace}.${event}` : event).replaceAll('.', '\\');
  }

  /** The name that `format` would turn into `wire`; a dot leads where the namespace is another. */
  unformat(wire: string): string {
    const prefix = this.namespace ? `${String(this.namespace).replaceAll('.', '\\')}\\` : undefined;
    return prefix !== undefined && wire.startsWith(prefix) ? wire.substring(prefix.length) : `.${wire}`;
  }

  /** Sets the namespace; `false` for none. */
  setNamespace(value: string | boolean): void {
    this.namespace = value;
  }
}
