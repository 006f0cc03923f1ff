/**
 * What only a page can do for its engine: authorise, and read. Loaded beside the engine, which needs neither
 * before it is connected.
 */
import type { Definition } from './definition.js';
import { messageOf } from './environment.js';
import type { FilledOptions } from './options.js';
import type { AuthReply, ReadReply, WireRead } from './port.js';
import type { CacheSettings } from './types.js';

export type Authorize = (channel: string, socketId: string) => Promise<AuthReply>;
export type Read = (read: WireRead, definition: Definition | undefined) => Promise<ReadReply>;

/** Starts loading what authorises. */
export function loadAuthorize(
  options: FilledOptions,
  channelOf?: (name: string) => { name: string } | undefined,
): Authorize {
  const loading = import('./authorize.js').then(({ Authorizer }) => new Authorizer(options, channelOf));
  loading.catch(() => {}); // told to who needs it
  return async (channel, socketId) => {
    try {
      return await (await loading).authorize(channel, socketId);
    } catch (error) {
      return { ok: false, message: notLoaded(error) };
    }
  };
}

/** Starts loading what reads. */
export function loadRead(options: FilledOptions, settings: CacheSettings): Read {
  const loading = import('./read.js').then(({ Reader }) => new Reader(options, settings));
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
