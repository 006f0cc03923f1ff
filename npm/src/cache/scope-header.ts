/** Checks whose data an answer is, where the back end says so by `X-Cache-Scope`. */

import type { CacheSettings } from '../options/cache-options.js';

/**
 * The fault of an answer that was made for another than `scope`, with the fix; `undefined` where it was made for
 * it, or does not say. The header holds the user's id as `scope` has it; it is empty, or `null`, where nobody is signed in.
 */
export function otherScope(response: Response, scope: CacheSettings['scope']): string | undefined {
  const said = response.headers.get('X-Cache-Scope');
  if (said === null) return undefined;
  const own = scope === null ? '' : String(scope);
  if (said === own || decoded(said) === own || (scope === null && said === 'null')) return undefined;
  const whose = said === '' ? 'nobody (`X-Cache-Scope` is empty)' : `\`X-Cache-Scope: ${said}\``;
  return (
    `answered for ${whose}, and the cache is for scope ${JSON.stringify(scope)}: the session is another user's by now. ` +
    'Its rows are not taken. Sign-in and sign-out must end this cache (`cache.clear()`, or `cache.close()`) and make a new one with ' +
    'the `scope` of the new user'
  );
}

/** Decodes a header: characters beyond Latin letters come percent-encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
