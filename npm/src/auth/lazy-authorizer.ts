/** Loads what gets signatures beside the engine, which needs none before it is connected. */
import { notLoaded } from '../common/errors.js';
import { remembered } from '../common/remembered.js';
import type { AuthOptions } from '../options/echo-options.js';
import type { Authorizer } from './authorizer.js';

/** Gets signatures. Never rejects: its answers say what went wrong. */
export type LazyAuthorizer = Pick<Authorizer, 'authorize' | 'authenticate'>;

/** Starts loading the authorizer; after a failure each call tries again. */
export function lazyAuthorizer(
  options: AuthOptions,
  channelOf?: (name: string) => { name: string } | undefined,
): LazyAuthorizer {
  const load = remembered(async () => {
    const { Authorizer } = await import('./authorizer.js');
    return new Authorizer(options, channelOf);
  });
  load().catch(() => {}); // the first call tries again
  const refusal = (error: unknown) => ({ ok: false, message: notLoaded(error) }) as const;
  return {
    authorize: (channel, socketId) =>
      load().then((authorizer) => authorizer.authorize(channel, socketId), refusal),
    authenticate: (socketId) => load().then((authorizer) => authorizer.authenticate(socketId), refusal),
  };
}
