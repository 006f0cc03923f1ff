/** One WebSocket through the fault proxy: what the server sends is delayed, swallowed, swapped, held or cut. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { type Frame, isBroadcast, parseFrame, swapped } from './broadcast-frame.js';

/** What befalls the frames of all connections that pass; the proxy owns and changes it. */
export interface SocketFaults {
  /** Milliseconds by which each frame to the client is late; order is kept, as in TCP. */
  delay: number;
  /** So many broadcasts to come get lost, as with a queued job that failed. */
  swallow: number;
  /** So many pairs of broadcasts to come change places. */
  swap: number;
}

/** Told of what passes. */
export interface SocketWatch {
  /** A frame came from the server; before any fault. What it returns is kept with the frame. */
  arrived(socket: ProxySocket, frame: Frame): unknown;
  injected(fault: string): void;
  closed(socket: ProxySocket): void;
}

/**
 * Changes frames as a back end of another kind would send them; `undefined` where it would send none. `isKept`: the
 * frame is the last event of a cache channel, which comes with the subscription.
 */
export type Rewrite = (frame: Frame, isKept: boolean) => Frame | undefined;

/** Both sides of a connection; `raw` carries the client's. */
export interface Ends {
  client: WebSocket;
  raw: Duplex;
  server: WebSocket;
}

interface Late {
  text: string;
  note: unknown;
  due: number;
}

/** A broadcast that waits this long for another to change places with goes on by itself. */
const SWAP_PATIENCE = 400;
/** A cache channel's last event comes right after the subscription: within so many milliseconds. */
const KEPT_WITHIN = 50;

export class ProxySocket {
  /** As the server named it; the client knows it by the same name. */
  socketId = '';
  #joinedAt: number | undefined;
  #broadcasts = 0;
  /** What `arrived` returned for each frame that was given to the client, in that order. */
  readonly delivered: unknown[] = [];
  readonly #queue: Late[] = [];
  #swapping: { text: string; note: unknown; timer: NodeJS.Timeout } | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** `held`: nothing passes for now. `dead`: nothing will, and nobody is told. */
  #state: 'open' | 'held' | 'dead' | 'closed' = 'open';
  #toServer: string[] = [];

  constructor(
    private ends: Ends,
    private faults: SocketFaults,
    private watch: SocketWatch,
    private rewrite: Rewrite | undefined,
  ) {
    const { client, server } = ends;
    client.on('message', (data) => this.#fromClient(String(data)));
    client.on('close', () => this.end());
    client.on('error', () => this.end());
    server.on('message', (data) => this.#fromServer(String(data)));
    server.on('close', (code, reason) => this.#serverClosed(code, String(reason)));
    server.on('error', () => this.end());
  }

  /** Whether it has a channel. */
  get isJoined(): boolean {
    return this.#joinedAt !== undefined;
  }

  /** Nothing passes in either direction, and nothing closes. */
  hold(): void {
    if (this.#state === 'open') this.#state = 'held';
  }

  /** What was held goes on: the network came back before anybody gave up. */
  release(): void {
    if (this.#state !== 'held') return;
    this.#state = 'open';
    for (const data of this.#toServer.splice(0)) this.ends.server.send(data);
    this.#pump();
  }

  /** For good: the network came back, but a device on the way forgot this connection. */
  die(): void {
    if (this.#state === 'open' || this.#state === 'held') this.#state = 'dead';
  }

  /** Ends as when a device on the way ends it, between two frames or within one. */
  cut(within: boolean): void {
    if (this.#state === 'closed') return;
    // a text frame that says 500 bytes, and 100 of them
    if (within)
      this.ends.raw.write(Buffer.concat([Buffer.from([0x81, 126, 1, 244]), Buffer.alloc(100, 0x7b)]));
    this.end();
  }

  end(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    clearTimeout(this.#swapping?.timer);
    this.ends.raw.destroy();
    this.ends.server.terminate();
    this.watch.closed(this);
  }

  #fromClient(data: string): void {
    if (this.#state === 'dead') return;
    if (this.#state === 'held') this.#toServer.push(data);
    else this.ends.server.send(data);
  }

  #fromServer(text: string): void {
    const frame = parseFrame(text);
    if (frame?.event === 'pusher:connection_established') {
      this.socketId = (JSON.parse(frame.data ?? '{}') as { socket_id?: string }).socket_id ?? '';
    }
    if (frame?.event === 'pusher_internal:subscription_succeeded') this.#joinedAt ??= performance.now();
    const note = frame && this.watch.arrived(this, frame);
    const shown = frame && this.rewrite ? this.#rewritten(frame, this.rewrite) : text;
    if (shown === undefined) return;
    if (frame && isBroadcast(frame)) this.#broadcast(shown, note);
    else this.#enqueue(shown, note);
  }

  #rewritten(frame: Frame, rewrite: Rewrite): string | undefined {
    const isFirst = isBroadcast(frame) && this.#broadcasts++ === 0;
    const since = performance.now() - (this.#joinedAt ?? Number.NEGATIVE_INFINITY);
    // what is numbered is no last event, but the first of a replay, which the server has promised
    const shown = rewrite(frame, isFirst && frame.offset === undefined && since < KEPT_WITHIN);
    return shown && JSON.stringify(shown);
  }

  #broadcast(text: string, note: unknown): void {
    const first = this.#swapping;
    if (first) {
      clearTimeout(first.timer);
      this.#swapping = undefined;
      const [one, other] = swapped(first.text, text);
      this.watch.injected('swapped');
      this.#enqueue(one, note);
      this.#enqueue(other, first.note);
    } else if (this.faults.swallow > 0) {
      this.faults.swallow--;
      this.watch.injected('swallowed');
    } else if (this.faults.swap > 0) {
      this.faults.swap--;
      const timer = setTimeout(() => this.#giveUpSwap(), SWAP_PATIENCE);
      this.#swapping = { text, note, timer };
    } else {
      this.#enqueue(text, note);
    }
  }

  #giveUpSwap(): void {
    const first = this.#swapping;
    this.#swapping = undefined;
    if (first) this.#enqueue(first.text, first.note);
  }

  #enqueue(text: string, note: unknown): void {
    const last = this.#queue.at(-1)?.due ?? 0;
    this.#queue.push({ text, note, due: Math.max(last, performance.now() + this.faults.delay) });
    this.#pump();
  }

  #pump(): void {
    if (this.#state !== 'open') return;
    clearTimeout(this.#timer);
    for (;;) {
      const [first] = this.#queue;
      if (first === undefined) return;
      const wait = first.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#pump(), wait);
        return;
      }
      this.#queue.shift();
      this.delivered.push(first.note);
      this.ends.client.send(first.text);
    }
  }

  /** The server's own farewell is passed on with its code, after what is on its way. */
  #serverClosed(code: number, reason: string): void {
    if (this.#state !== 'open') return;
    if (code < 1000 || code === 1005 || code === 1006 || code === 1015) this.end();
    else this.ends.client.close(code, reason);
  }
}
