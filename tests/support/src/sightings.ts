import type { Page } from 'playwright-core';

/** An element that a page showed. */
export interface Sighting {
  /** Its `data-id`. */
  id?: string;
  text: string;
}

/**
 * Everything that a page shows where `selector` points, for however short a time: what only passes by, a test that
 * looks now and then may miss. To be called before the page is loaded; what was seen is gone with a reload.
 */
export async function watchFor(page: Page, selector: string): Promise<() => Promise<Sighting[]>> {
  await page.addInitScript(observe, selector);
  return () => page.evaluate((selector) => globalThis.sightings?.[selector] ?? [], selector);
}

declare global {
  var sightings: Record<string, Sighting[]> | undefined;
}

/** Runs in the page. An observer hears of every change before the next task, painted or not. */
function observe(selector: string): void {
  globalThis.sightings ??= {};
  const seen: Sighting[] = [];
  globalThis.sightings[selector] = seen;
  const known = new Set<string>();
  const look = () => {
    for (const element of document.querySelectorAll<HTMLElement>(selector)) {
      const { id } = element.dataset;
      const sighting = { ...(id !== undefined && { id }), text: element.textContent ?? '' };
      const key = JSON.stringify(sighting);
      if (!known.has(key)) seen.push(sighting);
      known.add(key);
    }
  };
  const all = { subtree: true, childList: true, characterData: true, attributes: true };
  new MutationObserver(look).observe(document, all);
}
