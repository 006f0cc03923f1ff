/** Laravel's token against forged requests, from the places where laravel-echo looks for it. */
import type { AuthOptions, HeaderMap } from '../options/echo-options.js';

const HEADER = 'X-CSRF-TOKEN';

/** `window.Laravel.csrfToken`, the option, or the page's meta tag as it is now. */
export function csrfToken(option: string | null | undefined): string | null {
  const laravel = (globalThis as { Laravel?: { csrfToken?: string } }).Laravel;
  if (laravel?.csrfToken) return laravel.csrfToken;
  if (option) return option;
  if (typeof document === 'undefined') return null;
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute('content') ?? null;
}

/** The token last written into each headers object: an Echo and a cache may share one. */
const written = /* @__PURE__ */ new WeakMap<HeaderMap, string>();

/**
 * Puts the token as it is now among the application's headers, where laravel-echo puts it once: pages that
 * live long see it change. A token that the application puts there later is its own, and stays.
 */
export function refreshCsrf(options: AuthOptions, first = false): void {
  // options of pusher-js alone name no token, and a request to another origin must not carry one
  const token = 'csrfToken' in options && csrfToken(options.csrfToken);
  if (!token) return;
  for (const headers of [options.auth?.headers, options.userAuthentication?.headers]) {
    if (headers === undefined) continue;
    if (!first && headers[HEADER] !== undefined && headers[HEADER] !== written.get(headers)) continue;
    written.set(headers, token);
    headers[HEADER] = token;
  }
}
