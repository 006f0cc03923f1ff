/** A bare WebSocket client that speaks the protocol by hand, to see frames as they are. */
import { until } from '@echolite/test-support';
import WebSocket from 'ws';

export interface Frame {
  event: string;
  channel?: string;
  data?: string;
}

export class Subscriber {
  socketId = '';
  /** The close code, once the server closes. */
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  readonly #frames: Frame[] = [];

  private constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.on('message', (text) => this.#frames.push(JSON.parse(String(text))));
    this.closed = new Promise((resolve) => this.#socket.on('close', resolve));
  }

  static async connect(port: number, key: string): Promise<Subscriber> {
    const subscriber = new Subscriber(`ws://127.0.0.1:${port}/app/${key}?protocol=7&client=js&version=8.6.0`);
    const { data } = await subscriber.next('pusher:connection_established');
    subscriber.socketId = JSON.parse(data ?? '{}').socket_id;
    return subscriber;
  }

  /** Gives the data of the success frame. */
  async subscribe(request: { channel: string; auth?: string; channel_data?: string }): Promise<string> {
    this.send('pusher:subscribe', request);
    const { data } = await this.next('pusher_internal:subscription_succeeded');
    return data ?? '';
  }

  send(event: string, data: unknown): void {
    this.#socket.send(JSON.stringify({ event, data }));
  }

  /** Sends a client event. */
  whisper(channel: string, event: string, data: unknown): void {
    this.#socket.send(JSON.stringify({ event, channel, data }));
  }

  /** Takes the oldest frame of that name; others stay. */
  async next(event: string): Promise<Frame> {
    const find = () => this.#frames.findIndex((frame) => frame.event === event) + 1;
    const at = await until(`a frame ${event}`, () => find() || undefined);
    return this.#frames.splice(at - 1, 1)[0] as Frame;
  }

  close(): void {
    this.#socket.close();
  }
}
