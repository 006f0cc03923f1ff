/** Tells an engine what happens to the page around it. */
import type { PageSignal, Port } from './port.js';

/**
 * Posts the page's signals to `port` until the function returned is called; nothing on a server. `hasScope`: the engine
 * holds a scope, which a page in the back/forward cache must not keep.
 */
export function watchPage(port: Pick<Port, 'post'>, hasScope: boolean): () => void {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => {};
  const watch = new AbortController();
  const { signal } = watch;
  const on = (target: EventTarget, name: string, say: PageSignal) =>
    target.addEventListener(name, () => port.post('page', say), { signal });
  on(window, 'online', 'online');
  on(window, 'offline', 'offline');
  on(document, 'freeze', 'hidden');
  on(document, 'resume', 'resumed');
  document.addEventListener('visibilitychange', () => port.post('page', visibility()), { signal });
  window.addEventListener('pageshow', ({ persisted }) => persisted && port.post('page', 'resumed'), {
    signal,
  });
  const release = ({ persisted }: PageTransitionEvent) => persisted && port.post('release');
  if (hasScope) window.addEventListener('pagehide', release, { signal });
  if (navigator.onLine === false) port.post('page', 'offline');
  if (visibility() === 'hidden') port.post('page', 'hidden');
  return () => watch.abort();
}

function visibility(): PageSignal {
  return document.visibilityState === 'hidden' ? 'hidden' : 'visible';
}
