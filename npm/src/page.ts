/** Tells an engine what happens to the page around it. */
import type { PageSignal, Port } from './port.js';

/** Posts the page's signals to `port` until the function returned is called; nothing on a server. */
export function watchPage(port: Port): () => void {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => {};
  const watch = new AbortController();
  const on = (target: EventTarget, event: string, signal: (event: Event) => PageSignal | undefined) =>
    target.addEventListener(
      event,
      (happened) => {
        const said = signal(happened);
        if (said !== undefined) port.post('page', said);
      },
      { signal: watch.signal },
    );
  on(window, 'online', () => 'online');
  on(window, 'offline', () => 'offline');
  on(document, 'visibilitychange', visibility);
  on(window, 'pageshow', (event) => ((event as PageTransitionEvent).persisted ? 'resumed' : undefined));
  on(document, 'freeze', () => 'hidden');
  on(document, 'resume', () => 'resumed');
  if (navigator.onLine === false) port.post('page', 'offline');
  if (visibility() === 'hidden') port.post('page', 'hidden');
  return () => watch.abort();
}

function visibility(): PageSignal {
  return document.visibilityState === 'hidden' ? 'hidden' : 'visible';
}
