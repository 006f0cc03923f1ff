/** Where the code runs. Nothing here is looked at before it is asked for, so importing does no harm. */

/** Whether there is a page (or a browser's worker) around: on a server everything is inert. */
export function inBrowser(): boolean {
  return typeof window !== 'undefined' || typeof DedicatedWorkerGlobalScope !== 'undefined';
}

/** What relative URLs are relative to; `undefined` on a server. */
export function baseUrl(): string | undefined {
  if (typeof document !== 'undefined') return document.baseURI;
  return typeof location === 'undefined' ? undefined : location.href;
}

/** Whether a request to `url` stays on the page's own origin. */
export function isSameOrigin(url: string | URL): boolean {
  if (typeof location === 'undefined') return false;
  try {
    return new URL(url, baseUrl()).origin === location.origin;
  } catch {
    return false;
  }
}

/** Tells an application's error to whoever watches for errors, without stopping what goes on here. */
export function reportFailure(error: unknown): void {
  if (typeof reportError === 'function') reportError(error);
  else console.error(error);
}

/** What a thrown value says. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}

declare const DedicatedWorkerGlobalScope: unknown;
