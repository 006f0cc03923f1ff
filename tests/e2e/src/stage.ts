/** What the tests of a file stand on: a browser, a demo of their own, often one window. Hooks make and end them. */
import { Demo, startBrowser } from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { Window } from './window.js';

export interface Stage {
  readonly browser: Browser;
  readonly demo: Demo;
}

export interface WindowStage extends Stage {
  /** Shows the catalogue; fresh when the first test begins. */
  readonly window: Window;
}

/** One browser and one demo for all tests of the file. */
export function stageForFile(): Stage {
  const stage = {} as { browser: Browser; demo: Demo };
  beforeAll(async () => {
    stage.browser = await startBrowser();
    stage.demo = await Demo.start();
  });
  afterAll(async () => {
    await stage.browser?.close();
    await stage.demo?.end();
  });
  return stage;
}

/** One browser for the file, and for each test a demo of its own. */
export function stageForEach(): Stage {
  const stage = {} as { browser: Browser; demo: Demo };
  beforeAll(async () => {
    stage.browser = await startBrowser();
  });
  afterAll(() => stage.browser?.close());
  beforeEach(async () => {
    stage.demo = await Demo.start();
  });
  afterEach(async () => {
    for (const context of stage.browser.contexts()) await context.close();
    await stage.demo?.end();
  });
  return stage;
}

/** A browser, a demo and a window for all tests of the file. */
export function windowForFile(): WindowStage {
  const stage = stageForFile() as Stage & { window: Window };
  beforeAll(async () => {
    stage.window = await Window.fresh(await stage.browser.newContext(), stage.demo);
  });
  return stage;
}
