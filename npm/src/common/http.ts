/** Helpers for requests to the back end. */

/** Fixes for the answers of any route, by status. */
export const COMMON_FIXES: Readonly<Record<number, string>> = {
  401: 'nobody is signed in',
  419: 'the CSRF token is missing or expired; add <meta name="csrf-token" content="{{ csrf_token() }}"> to the page',
  429: "too many requests; raise the route's limit",
};

/** `: ` and the fix for `status`, or nothing. */
export function fixFor(status: number, fixes: Readonly<Record<number, string>>): string {
  const fix = fixes[status] ?? (status >= 500 ? 'the back end failed; its log says why' : undefined);
  return fix === undefined ? '' : `: ${fix}`;
}

/** `Retry-After` in milliseconds; it comes as seconds or as a date. */
export function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('Retry-After');
  if (value === null) return undefined;
  const seconds = Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** The age that counts for an `Age` of 0, which is in whole seconds, and for the way to the page (milliseconds). */
const ROUNDING = 1_000;

/** What counts as the age of everything older (RFC 9111, 1.2.2), in seconds. */
const OLDEST = 2 ** 31;

/**
 * The greatest age of an answer that a cache on the way kept: `Age` and a second more, in milliseconds;
 * `undefined` where no `Age` was sent. Of several the greatest counts; what is not a number counts as none.
 */
export function ageOf(response: Response): number | undefined {
  const parts = response.headers.get('Age')?.split(',') ?? [];
  const ages = parts.map((part) => part.trim()).filter((part) => /^\d+(\.\d+)?$/.test(part));
  if (ages.length === 0) return undefined;
  return Math.ceil(Math.min(Math.max(...ages.map(Number)), OLDEST) * 1_000) + ROUNDING;
}

/** Whether the answer says that it is a page. */
export function isHtml(response: Response): boolean {
  return response.headers.get('Content-Type')?.includes('html') === true;
}

/** The path that the request was redirected to, if it was: a login page, as a rule. */
export function redirectedTo(response: Response): string {
  return response.redirected ? ` after a redirect to ${new URL(response.url).pathname}` : '';
}

/** Gives a request up after `milliseconds`, where the browser can. */
export function deadline(milliseconds: number): AbortSignal | undefined {
  return typeof AbortSignal.timeout === 'function' ? AbortSignal.timeout(milliseconds) : undefined;
}
