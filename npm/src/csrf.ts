/** Laravel's token against forged requests, from the places where laravel-echo looks for it. */
import type { FilledOptions, HeaderMap } from './options.js';

const HEADER = 'X-CSRF-TOKEN';

/** `window.Laravel.csrfToken`, the option, or the page's meta tag as it is now. */
export function csrfToken(option: string | null | undefined): string | null {
  const laravel = (globalThis as { Laravel?: { csrfToken?: string } }).Laravel;
  if (laravel?.csrfToken) return laravel.csrfToken;
  if (option) return option;
  if (typeof document === 'undefined') return null;
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute('content') ?? null;
}

/**
 * Keeps the token among the application's headers, as laravel-echo does, but reads it anew for each request:
 * pages that live long see it change. A token that the application puts there later is its own, and stays.
 */
export class CsrfHeader {
  #ours: string | null = null;

  constructor(
    private options: FilledOptions,
    private headers: HeaderMap,
  ) {
    this.#put(csrfToken(options.csrfToken));
  }

  refresh(): void {
    if ((this.headers[HEADER] ?? null) === this.#ours) this.#put(csrfToken(this.options.csrfToken));
  }

  #put(token: string | null): void {
    if (!token) return;
    this.#ours = token;
    this.headers[HEADER] = token;
  }
}
