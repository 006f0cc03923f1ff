/**
 * What only a page can do for its engine: authorise, and read. Loaded beside the engine, which needs neither
 * before it is connected.
 */
import type { Definition } from '../cache/definition.js';
import type { CacheSettings } from '../cache/types.js';
import type { AuthReply, ReadReply, UserReply, WireRead } from '../engine/port.js';
import type { FilledOptions } from '../options/echo-options.js';
import { messageOf } from './environment.js';

/** Gets signatures; its answers say what went wrong. */
export interface Authority {
  authorize(channel: string, socketId: string): Promise<AuthReply>;
  authenticate(socketId: string): Promise<UserReply>;
}

export type Read = (read: WireRead, definition: Definition | undefined) => Promise<ReadReply>;

/** Starts loading what gets signatures. */
export function loadAuthority(
  options: FilledOptions,
  channelOf?: (name: string) => { name: string } | undefined,
): Authority {
  const loading = import('../auth/authorizer.js').then(
    ({ Authorizer }) => new Authorizer(options, channelOf),
  );
  loading.catch(() => {}); // told to who needs it
  const refusal = (error: unknown) => ({ ok: false, message: notLoaded(error) }) as const;
  return {
    authorize: (channel, socketId) =>
      loading.then((authority) => authority.authorize(channel, socketId), refusal),
    authenticate: (socketId) => loading.then((authority) => authority.authenticate(socketId), refusal),
  };
}

/** Starts loading what reads. */
export function loadRead(options: FilledOptions, settings: CacheSettings): Read {
  const loading = import('../cache/http-reader.js').then(({ Reader }) => new Reader(options, settings));
  loading.catch(() => {}); // told to who needs it
  return async (read, definition) => {
    try {
      return await (await loading).read(read, definition);
    } catch (error) {
      return { kind: 'failed', message: notLoaded(error) };
    }
  };
}

function notLoaded(error: unknown): string {
  return `A part of echolite could not be loaded: ${messageOf(error)}`;
}
