/**
 * Many channels in one request (`auth.batch`): what is asked for within one microtask goes to the back end together,
 * and the answer is taken apart. An endpoint that knows one channel a request is asked so from then on.
 */
import type { AuthReply } from '../engine/port.js';
import type { Refusal } from './signature.js';

/** Echolite's own route takes so many in one request. */
const MAX_CHANNELS = 100;
/** Requests for one channel each that run at the same time, where batches are not supported. */
const MAX_REQUESTS = 6;
/**
 * Statuses of an endpoint that does not support batches. Laravel's own answers 403 if `channel_name` is missing; a 200
 * without `channels` counts as unsupported, too.
 */
const UNSUPPORTED = new Set([200, 400, 403, 404, 405, 415, 422]);

/** The answer for several channels: the authorisation of each, or why there is none. */
export type BatchReply = { ok: true; channels: Record<string, unknown> } | Refusal;

/** Requests to the back end, and the parser of its answers. */
interface AuthRequests {
  one(channel: string, socketId: string): Promise<AuthReply>;
  many(channels: string[], socketId: string): Promise<BatchReply>;
  /** Parses the entry of one channel; `undefined` if the answer has none. */
  parseEntry(channel: string, entry: unknown): AuthReply;
}

type Resolve = (reply: AuthReply) => void;

/** Gathers the channels that are asked for at the same time. */
export class AuthBatch {
  /** By socket, then by channel: the promises to resolve. */
  private waiting = new Map<string, Map<string, Resolve[]>>();
  private isSupported = true;
  private running = 0;
  private queue: (() => void)[] = [];

  constructor(private requests: AuthRequests) {}

  /** Never rejects, for the requests never do. */
  authorize(channel: string, socketId: string): Promise<AuthReply> {
    if (!this.isSupported) return this.alone(channel, socketId);
    return new Promise((resolve) => {
      if (this.waiting.size === 0) queueMicrotask(() => this.flush());
      const channels = this.waiting.get(socketId) ?? new Map<string, Resolve[]>();
      this.waiting.set(socketId, channels);
      channels.set(channel, [...(channels.get(channel) ?? []), resolve]);
    });
  }

  private flush(): void {
    for (const [socketId, channels] of this.waiting) {
      const all = [...channels];
      for (let at = 0; at < all.length; at += MAX_CHANNELS) {
        this.ask(new Map(all.slice(at, at + MAX_CHANNELS)), socketId);
      }
    }
    this.waiting = new Map();
  }

  private async ask(channels: Map<string, Resolve[]>, socketId: string): Promise<void> {
    const names = [...channels.keys()];
    const reply = names.length > 1 ? await this.requests.many(names, socketId) : undefined;
    if (reply !== undefined && !reply.ok && UNSUPPORTED.has(reply.status ?? 0)) this.stopBatching(reply);
    for (const [name, resolves] of channels) {
      if (reply === undefined || !(reply.ok || this.isSupported)) {
        this.alone(name, socketId).then((reply) => settle(resolves, reply));
      } else {
        settle(resolves, reply.ok ? this.requests.parseEntry(name, reply.channels[name]) : reply);
      }
    }
  }

  /** Warns once. */
  private stopBatching({ message }: Refusal): void {
    if (!this.isSupported) return;
    this.isSupported = false;
    const fix = 'the endpoint must take {"socket_id", "channels"}, or leave `auth.batch` out';
    console.warn(`auth.batch: ${message}; channels are authorised one by one from now on: ${fix}`);
  }

  /** One channel a request, as every endpoint knows it. */
  private async alone(channel: string, socketId: string): Promise<AuthReply> {
    if (this.running >= MAX_REQUESTS) await new Promise<void>((resolve) => this.queue.push(resolve));
    this.running += 1;
    const reply = await this.requests.one(channel, socketId);
    this.running -= 1;
    this.queue.shift()?.();
    return reply;
  }
}

function settle(resolves: Resolve[], reply: AuthReply): void {
  for (const resolve of resolves) resolve(reply);
}
