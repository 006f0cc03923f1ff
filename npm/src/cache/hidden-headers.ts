/** Headers of another origin's answers, which a browser hides from the page unless the back end exposes them. */
import { sayOnce } from '../common/console.js';

/** Headers that the cache goes by. */
const WANTED = ['Age', 'ETag', 'Link', 'Retry-After', 'X-Cache-Head', 'X-Cache-Scope'];

/** Each answer has a `Date`, and what a cache kept has an `Age`: where the page reads neither, nothing is exposed that must be. */
const PROOFS = ['Age', 'Date'];

/**
 * The headers of an answer that the page may not read, as far as it can tell: it is of another origin, and shows neither
 * `Age` nor `Date`. Says so once an origin.
 */
export function hiddenHeaders(response: Response): string[] {
  const { type, headers, url } = response;
  if (type !== 'cors' || PROOFS.some((name) => headers.has(name))) return [];
  const hidden = WANTED.filter((name) => !headers.has(name));
  const { origin } = new URL(url);
  sayOnce(
    'warn',
    `${origin} hides headers of its answers from pages of ${location.origin} (${hidden.join(', ')}): the cache cannot tell ` +
      'an answer that a CDN kept from a new one, nor whether rows changed since. Send ' +
      `\`Access-Control-Expose-Headers: Date, ${WANTED.join(', ')}\`; \`Date\` shows the cache that it was done.`,
    `${origin} hides headers`,
  );
  return hidden;
}
