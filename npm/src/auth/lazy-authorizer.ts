/** Loads what gets signatures beside the engine, which needs none before it is connected. */
import { notLoaded } from '../common/errors.js';
import type { AuthOptions } from '../options/echo-options.js';
import type { Authorizer } from './authorizer.js';

/** Gets signatures. Never rejects: its answers say what went wrong. */
export type LazyAuthorizer = Pick<Authorizer, 'authorize' | 'authenticate'>;

/** Starts loading the authorizer. */
export function lazyAuthorizer(
  options: AuthOptions,
  channelOf?: (name: string) => { name: string } | undefined,
): LazyAuthorizer {
  const loading = import('./authorizer.js').then(({ Authorizer }) => new Authorizer(options, channelOf));
  loading.catch(() => {}); // the first call answers with it
  const refusal = (error: unknown) => ({ ok: false, message: notLoaded(error) }) as const;
  return {
    authorize: (channel, socketId) =>
      loading.then((authorizer) => authorizer.authorize(channel, socketId), refusal),
    authenticate: (socketId) => loading.then((authorizer) => authorizer.authenticate(socketId), refusal),
  };
}
