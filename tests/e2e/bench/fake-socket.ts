/** A WebSocket without a network: it connects, confirms subscriptions, and receives what the benchmark gives it. */
export class FakeSocket extends EventTarget {
  static last: FakeSocket | undefined;

  readyState = 0;
  binaryType = 'blob';
  bufferedAmount = 0;
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;

  constructor() {
    super();
    FakeSocket.last = this;
    queueMicrotask(() => {
      this.readyState = 1;
      this.#tell('onopen', new Event('open'));
      this.#frame('pusher:connection_established', { socket_id: '1.1', activity_timeout: 120 });
    });
  }

  send(text: string): void {
    const { event, data } = JSON.parse(text) as { event: string; data: { channel?: string } };
    if (event === 'pusher:ping') this.#frame('pusher:pong', {});
    if (event === 'pusher:subscribe') {
      this.#frame('pusher_internal:subscription_succeeded', {}, data.channel);
    }
  }

  close(): void {
    this.readyState = 3;
  }

  /** One frame from the server. */
  receive(text: string): void {
    this.#tell('onmessage', new MessageEvent('message', { data: text }));
  }

  #frame(event: string, data: object, channel?: string): void {
    const text = JSON.stringify({ event, channel, data: JSON.stringify(data) });
    queueMicrotask(() => this.receive(text));
  }

  #tell(handler: 'onopen' | 'onmessage', event: Event): void {
    this[handler]?.(event as MessageEvent);
    this.dispatchEvent(event);
  }
}
