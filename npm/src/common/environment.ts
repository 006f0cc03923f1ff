/** Facts about the place where the code runs. They are read when they are asked for: importing does no harm. */

/** Whether there is a page (or a browser's worker) around: on a server everything is inert. */
export function inBrowser(): boolean {
  return typeof window !== 'undefined' || typeof DedicatedWorkerGlobalScope !== 'undefined';
}

/** Base of relative URLs; `undefined` on a server. */
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

declare const DedicatedWorkerGlobalScope: unknown;
