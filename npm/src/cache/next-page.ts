/** Finds the page after a page: in the answers of Laravel's paginators, or as the application says. */

import { at, isObject, made } from '../common/json.js';
import type { ResourceDefinition } from './definition.js';

/**
 * The URL of the page after the one that `url` answered with `json`; `undefined` after the last one.
 * Throws where the answer does not say, or names another site.
 */
export function nextPage(
  json: unknown,
  url: string,
  { wire, options }: ResourceDefinition,
): string | undefined {
  const { next } = options;
  if (next === undefined) return byPaginator(json, url, wire.page);
  const said = typeof next === 'string' ? at(json, next) : made('next', next, json);
  if (said === undefined || said === null || said === '') return undefined;
  if (typeof said !== 'string' && !(said instanceof URL)) {
    throw new Error(`\`next\` gives ${JSON.stringify(said)}; expected the URL of the page after, or null`);
  }
  const following = new URL(said, url);
  if (following.origin !== new URL(url).origin) {
    throw new Error(`the page after it is ${following.href}, another site's: it is not read`);
  }
  return following.href;
}

/** `paginate`, `simplePaginate`, `cursorPaginate`: as they are, or in an API resource (`links`, `meta`). */
function byPaginator(json: unknown, url: string, page: 'number' | 'cursor' | undefined): string | undefined {
  const answer = isObject(json) ? json : {};
  const meta = isObject(answer.meta) ? answer.meta : answer;
  const links = isObject(answer.links) ? answer.links : {};
  const link = links.next ?? answer.next_page_url;
  if (typeof link === 'string') return withParameters(url, new URL(link, url).searchParams);
  const { current_page: current, last_page: last, next_cursor: cursor } = meta;
  if (page === 'cursor' && typeof cursor === 'string') return withParameters(url, { cursor });
  if (page === 'number' && typeof current === 'number' && typeof last === 'number') {
    return current < last ? withParameters(url, { page: String(current + 1) }) : undefined;
  }
  if (link === null || cursor === null) return undefined;
  throw new Error(
    'the answer does not say whether a page follows (no `links.next`, `next_page_url`, `meta.last_page` or ' +
      '`next_cursor`); say with `next` where it does',
  );
}

/**
 * The list's own URL with these parameters: behind a proxy, a link of the back end may name a host that is not
 * to be reached, and links of Laravel leave the list's filter out unless told otherwise.
 */
function withParameters(url: string, parameters: URLSearchParams | Record<string, string>): string {
  const following = new URL(url);
  const given = new URLSearchParams(parameters);
  for (const name of new Set(given.keys())) following.searchParams.delete(name);
  for (const [name, value] of given) following.searchParams.append(name, value);
  return following.href;
}
