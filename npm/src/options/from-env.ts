/** Options from the variables that Laravel's `.env` hands to the front end. */

import type { EchoOptions } from './echo-options.js';
import { checkScheme, isTlsScheme, parseHost, parsePath, parsePort } from './server-address.js';

type Env = Record<string, unknown>;

/**
 * Reads `VITE_REVERB_*`, then `VITE_PUSHER_*`, then `MIX_PUSHER_*`: `APP_KEY`, `HOST`, `PORT`, `SCHEME`
 * (`https` and `wss` mean TLS, `http` and `ws` none), `PATH` or `SERVER_PATH` (the server's `REVERB_SERVER_PATH`) and,
 * for Pusher, `APP_CLUSTER`. Throws where one of them is none that a server has, and names it.
 *
 * @example new Echo(fromEnv(import.meta.env))
 */
export function fromEnv(env: object): EchoOptions {
  const vars = env as Env;
  for (const prefix of ['VITE_REVERB', 'VITE_PUSHER', 'MIX_PUSHER']) {
    const key = text(vars, `${prefix}_APP_KEY`);
    if (key !== undefined) return optionsOf(vars, prefix, key);
  }
  throw new Error(
    'None of VITE_REVERB_APP_KEY, VITE_PUSHER_APP_KEY and MIX_PUSHER_APP_KEY is set. ' +
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what a line of .env looks like
      'Add VITE_REVERB_APP_KEY="${REVERB_APP_KEY}" to .env and restart Vite.',
  );
}

function optionsOf(env: Env, prefix: string, key: string): EchoOptions {
  const host = text(env, `${prefix}_HOST`);
  const port = text(env, `${prefix}_PORT`);
  const scheme = text(env, `${prefix}_SCHEME`) ?? 'https';
  const path = text(env, `${prefix}_PATH`) ?? text(env, `${prefix}_SERVER_PATH`);
  parseHost(host, `${prefix}_HOST`);
  parsePort(port, `${prefix}_PORT`);
  checkScheme(scheme, `${prefix}_SCHEME`);
  parsePath(path, `${prefix}_SERVER_PATH`);
  return {
    broadcaster: prefix.endsWith('REVERB') ? 'reverb' : 'pusher',
    key,
    wsHost: host,
    wsPort: port,
    wssPort: port,
    ...(path === undefined ? {} : { wsPath: path }),
    forceTLS: isTlsScheme(scheme),
    cluster: text(env, `${prefix}_APP_CLUSTER`),
    enabledTransports: ['ws', 'wss'],
  };
}

/** A variable's value; what Vite could not fill in (`${…}`) counts as missing. */
function text(env: Env, name: string): string | undefined {
  const value = env[name];
  if (value === undefined || value === null || value === '') return undefined;
  const string = String(value);
  return string.startsWith('${') ? undefined : string;
}
