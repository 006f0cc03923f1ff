/** Facts about the place where the code runs. They are read when they are asked for: importing does no harm. */
import { sayOnce } from './console.js';

/** Whether there is a page (or a browser's worker) around: on a server everything is inert. */
export function inBrowser(): boolean {
  return typeof window !== 'undefined' || typeof DedicatedWorkerGlobalScope !== 'undefined';
}

/** The cause of being inert, for people. */
export function whyInert(): string {
  const scope = (['SharedWorkerGlobalScope', 'ServiceWorkerGlobalScope'] as const).find(
    (name) => name in globalThis,
  );
  if (scope === undefined) return 'nothing is connected on a server, only in a page or a dedicated worker';
  const kind = scope === 'SharedWorkerGlobalScope' ? 'shared' : 'service';
  return `nothing is connected in a ${kind} worker; make it in the page, or in a dedicated worker`;
}

/** Says once that `who` does nothing here: a server is told as it is expected, a worker is warned. Returns the cause. */
export function sayInert(who: string): string {
  const why = whyInert();
  sayOnce(why.includes('server') ? 'info' : 'warn', `${who} does nothing here: ${why}.`);
  return why;
}

/** Base of relative URLs; `undefined` on a server. */
export function baseUrl(): string | undefined {
  if (typeof document !== 'undefined') return document.baseURI;
  return typeof location === 'undefined' ? undefined : location.href;
}

/** The origin of a request to `url`; `undefined` where it is no URL, or on a server. */
export function originOf(url: string | URL): string | undefined {
  try {
    return new URL(url, baseUrl()).origin;
  } catch {
    return undefined;
  }
}

/** Whether a request to `url` stays on the page's own origin. */
export function isSameOrigin(url: string | URL): boolean {
  return typeof location !== 'undefined' && originOf(url) === location.origin;
}

declare const DedicatedWorkerGlobalScope: unknown;
