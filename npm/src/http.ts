/** What requests to the back end have in common. */

/** `Retry-After` in milliseconds; it comes as seconds or as a date. */
export function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('Retry-After');
  if (value === null) return undefined;
  const seconds = Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** Whether the answer says that it is a page. */
export function isHtml(response: Response): boolean {
  return response.headers.get('Content-Type')?.includes('html') === true;
}

/** Where the request ended up, if it was sent elsewhere: to a login page, as a rule. */
export function redirectedTo(response: Response): string {
  return response.redirected ? ` after a redirect to ${new URL(response.url).pathname}` : '';
}

/** Gives a request up after `milliseconds`, where the browser can. */
export function deadline(milliseconds: number): AbortSignal | undefined {
  return typeof AbortSignal.timeout === 'function' ? AbortSignal.timeout(milliseconds) : undefined;
}
