/** Fills in the defaults of options. */
import { refreshCsrf } from '../auth/csrf.js';
import type { Config } from '../pusher/config.js';
import type { CacheOptions } from './cache-options.js';
import type { EchoOptions, FilledOptions, HeaderMap } from './echo-options.js';
import { checkEchoOptions } from './option-kinds.js';

/** The defaults of an Echo, as `Connector._defaultOptions` shows them. */
export const DEFAULT_OPTIONS = {
  auth: { headers: {} as HeaderMap },
  authEndpoint: '/broadcasting/auth',
  userAuthentication: { endpoint: '/broadcasting/user-auth', headers: {} as HeaderMap },
  csrfToken: null,
  bearerToken: null,
  host: null,
  key: null,
  namespace: 'App.Events',
};

/**
 * The options with laravel-echo's defaults. The objects of `auth` stay the application's own, so that it can change
 * them, unless they are frozen. Throws where an option is none that it can have; `who` was given them, for people.
 */
export function fillOptions(options: EchoOptions, who?: string): FilledOptions {
  checkEchoOptions(options, who);
  const auth = withHeaders(options.auth);
  const user = withHeaders(options.userAuthentication);
  user.endpoint ??= DEFAULT_OPTIONS.userAuthentication.endpoint;
  const filled: FilledOptions = {
    ...DEFAULT_OPTIONS,
    ...options,
    authEndpoint: options.authEndpoint ?? DEFAULT_OPTIONS.authEndpoint,
    namespace: options.namespace === undefined ? DEFAULT_OPTIONS.namespace : options.namespace,
    auth: auth as FilledOptions['auth'],
    userAuthentication: user as FilledOptions['userAuthentication'],
  };
  if (filled.bearerToken) {
    const bearer = `Bearer ${filled.bearerToken}`;
    auth.headers.Authorization = bearer;
    user.headers.Authorization = bearer;
  }
  refreshCsrf(filled, true);
  return filled;
}

/** The object itself, or a copy of one that cannot be written to: frozen, or behind Vue's `readonly`. */
function writable<T extends object>(given: T): T {
  const { __v_isReadonly: isReadonly } = given as { __v_isReadonly?: boolean };
  const isOpen = Object.isExtensible(given) && !isReadonly;
  return isOpen ? given : { ...given };
}

function withHeaders<T extends { headers?: HeaderMap }>(given: T | undefined): T & { headers: HeaderMap } {
  const auth = writable(given ?? ({} as T));
  auth.headers = writable(auth.headers ?? {});
  return auth as T & { headers: HeaderMap };
}

/** The options of the Echo it goes with, or its own. */
export function fillCacheOptions(options: CacheOptions): FilledOptions {
  if (options.echo) return withClient(options.echo.connector?.options ?? fillOptions(options.echo.options));
  const own = options as Partial<EchoOptions>;
  const broadcaster = own.broadcaster ?? (own.cluster && !own.wsHost ? 'pusher' : 'reverb');
  return fillOptions({ ...own, broadcaster }, 'createCache');
}

/** The settings that a client of an application's own has, in pusher-js's form, stand over those of its Echo. */
function withClient(options: FilledOptions): FilledOptions {
  const { key, config } = Object(options.client) as { key?: string; config?: Config };
  if (config === undefined) return options;
  const { wsHost, wsPort, wssPort, wsPath, useTLS: forceTLS, channelAuthorizer: customHandler } = config;
  const channelAuthorization = { customHandler };
  return { ...options, key, wsHost, wsPort, wssPort, wsPath, forceTLS, channelAuthorization };
}
