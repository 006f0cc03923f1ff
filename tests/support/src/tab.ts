/** A tab that shows the list: what it says of itself and what it showed, moment by moment. */
import type { BrowserContext, Page } from 'playwright-core';
import type { Sample as PageSample } from './in-page/probe.js';

/** A moment of a tab, with the rows that it showed then. */
export interface Sample extends PageSample {
  rows: [id: number, row: string][];
}

export class Tab {
  readonly page: Page;
  readonly samples: Sample[] = [];
  /** What went wrong in it, in its own words. */
  readonly errors: string[] = [];
  readonly #trace: (line: string) => void;
  #said = '';

  private constructor(page: Page, trace: (line: string) => void) {
    this.page = page;
    this.#trace = trace;
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      // what the cache does, which the page logs for the trace
      if (message.type() === 'debug') trace(brief(message.text()));
      else if (message.type() === 'error') trace(message.text());
    });
  }

  static async open(context: BrowserContext, url: string, trace: (line: string) => void): Promise<Tab> {
    const tab = new Tab(await context.newPage(), trace);
    await tab.page.exposeFunction('takeSamples', (samples: PageSample[]) => tab.#take(samples));
    await tab.page.goto(url);
    return tab;
  }

  get last(): Sample | undefined {
    return this.samples.at(-1);
  }

  /** Closes it, or has its process crash, so that nothing in it hears of its end. */
  async kill(crash: boolean): Promise<void> {
    if (crash) {
      const session = await this.page.context().newCDPSession(this.page);
      const crashed = this.page.waitForEvent('crash');
      // the command has no answer: who would give it has crashed
      session.send('Page.crash').catch(() => {});
      await crashed;
    }
    await this.page.close();
  }

  #take(samples: PageSample[]): void {
    for (const { rows = this.last?.rows ?? [], ...said } of samples) {
      const sample = { ...said, rows };
      if (sample.says !== this.#said) this.#trace(`${sample.says}, ${sample.rows.length} rows`);
      this.#said = sample.says;
      this.samples.push(sample);
    }
  }
}

/** An activity of the cache as a line of a trace. */
function brief(text: string): string {
  try {
    const { type, outcome, event, reaction, url, detail } = JSON.parse(text) as Record<string, string>;
    const path = url && new URL(url).pathname;
    return [type, event ?? path, reaction, outcome, detail].filter(Boolean).join(' ');
  } catch {
    return text;
  }
}
