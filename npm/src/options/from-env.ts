/** Options from the variables that Laravel's `.env` hands to the front end. */

import type { EchoOptions } from './echo-options.js';
import { isTlsScheme } from './engine-config.js';

type Env = Record<string, unknown>;

/**
 * Reads `VITE_REVERB_*`, then `VITE_PUSHER_*`, then `MIX_PUSHER_*`: `APP_KEY`, `HOST`, `PORT`, `SCHEME`
 * (`https` and `wss` mean TLS, `http` and `ws` none) and, for Pusher, `APP_CLUSTER`.
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
  const port = text(env, `${prefix}_PORT`);
  const scheme = text(env, `${prefix}_SCHEME`) ?? 'https';
  return {
    broadcaster: prefix.endsWith('REVERB') ? 'reverb' : 'pusher',
    key,
    wsHost: text(env, `${prefix}_HOST`),
    wsPort: port,
    wssPort: port,
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
