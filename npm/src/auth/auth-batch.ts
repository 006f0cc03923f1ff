/**
 * Many channels in one request (`auth.batch`): what is asked for within one microtask goes to the back end together,
 * and the answer is taken apart. An endpoint that knows one channel a request is asked so from then on.
 */
import type { AuthReply } from '../engine/port.js';
import type { Refusal } from './signature.js';

/** As many as Echolite's own route takes in one request. */
const MOST_CHANNELS = 100;
/** Requests for one channel each that are under way at once, where there is no other way. */
const AT_ONCE = 6;
/**
 * What an endpoint answers that does not know the question. Laravel's own says 403 where `channel_name` is missing;
 * what says 200 and is no such answer as was asked for is not one either.
 */
const NO_SUCH_QUESTION = new Set([200, 400, 403, 404, 405, 415, 422]);

/** The answer for several channels: for each its authorisation, or why there is none. */
export type BatchReply = { ok: true; channels: Record<string, unknown> } | Refusal;

/** How the back end is asked, and how its answers are read. */
export interface Asking {
  one(channel: string, socketId: string): Promise<AuthReply>;
  many(channels: string[], socketId: string): Promise<BatchReply>;
  /** Reads what the answer says of one channel; `entry` is `undefined` where it says nothing. */
  read(channel: string, entry: unknown): AuthReply;
}

type Answer = (reply: AuthReply) => void;

/** Gathers what is asked for. */
export class AuthBatch {
  /** By socket, then by channel: who waits for the answer. */
  #waiting = new Map<string, Map<string, Answer[]>>();
  #isKnown = true;
  #underWay = 0;
  #queue: (() => void)[] = [];

  constructor(private asking: Asking) {}

  /** Never rejects, as what it asks by never does. */
  authorize(channel: string, socketId: string): Promise<AuthReply> {
    if (!this.#isKnown) return this.#alone(channel, socketId);
    return new Promise((resolve) => {
      if (this.#waiting.size === 0) queueMicrotask(() => this.#flush());
      const channels = this.#waiting.get(socketId) ?? new Map<string, Answer[]>();
      this.#waiting.set(socketId, channels);
      channels.set(channel, [...(channels.get(channel) ?? []), resolve]);
    });
  }

  #flush(): void {
    for (const [socketId, channels] of this.#waiting) {
      const all = [...channels];
      for (let at = 0; at < all.length; at += MOST_CHANNELS) {
        this.#ask(new Map(all.slice(at, at + MOST_CHANNELS)), socketId);
      }
    }
    this.#waiting = new Map();
  }

  async #ask(channels: Map<string, Answer[]>, socketId: string): Promise<void> {
    const names = [...channels.keys()];
    const reply = names.length > 1 ? await this.asking.many(names, socketId) : undefined;
    if (reply !== undefined && !reply.ok && NO_SUCH_QUESTION.has(reply.status ?? 0)) this.#giveUp(reply);
    for (const [name, answers] of channels) {
      if (reply === undefined || !(reply.ok || this.#isKnown)) {
        this.#alone(name, socketId).then((reply) => tell(answers, reply));
      } else {
        tell(answers, reply.ok ? this.asking.read(name, reply.channels[name]) : reply);
      }
    }
  }

  /** Says so once. */
  #giveUp({ message }: Refusal): void {
    if (!this.#isKnown) return;
    this.#isKnown = false;
    const fix = 'the endpoint must take {"socket_id", "channels"}, or leave `auth.batch` out';
    console.warn(`auth.batch: ${message}; channels are authorised one by one from now on: ${fix}`);
  }

  /** One channel a request, as every endpoint knows it. */
  async #alone(channel: string, socketId: string): Promise<AuthReply> {
    if (this.#underWay >= AT_ONCE) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#underWay += 1;
    const reply = await this.asking.one(channel, socketId);
    this.#underWay -= 1;
    this.#queue.shift()?.();
    return reply;
  }
}

function tell(answers: Answer[], reply: AuthReply): void {
  for (const answer of answers) answer(reply);
}
