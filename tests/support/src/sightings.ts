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
  return () => page.evaluate((selector) => [...(globalThis.sightings?.[selector]?.values() ?? [])], selector);
}

declare global {
  /** Of each selector, by what tells one from another. */
  var sightings: Record<string, Map<string, Sighting>> | undefined;
}

/** Runs in the page. An observer hears of every change before the next task, painted or not. */
function observe(selector: string): void {
  globalThis.sightings ??= {};
  const seen = new Map<string, Sighting>();
  globalThis.sightings[selector] = seen;
  const look = () => {
    for (const element of document.querySelectorAll<HTMLElement>(selector)) {
      const { id } = element.dataset;
      const sighting = { ...(id !== undefined && { id }), text: element.textContent ?? '' };
      seen.set(JSON.stringify(sighting), sighting);
    }
  };
  const all = { subtree: true, childList: true, characterData: true, attributes: true };
  new MutationObserver(look).observe(document, all);
}
