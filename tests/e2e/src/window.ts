/** A window that shows the demo; what a person sees in it, and the requests it makes. */
import { type Demo, type Page, type Sighting, stored, until, watchFor } from '@echolite/test-support';
import type { BrowserContext, Response } from 'playwright-core';

export interface Status {
  state: string;
  reason: string;
  connection: string;
}

export class Window {
  readonly page: Page;
  /** Answers of the API so far. */
  readonly answers: { path: string; status: number }[] = [];
  /** Errors that nobody caught. */
  readonly errors: string[] = [];
  readonly #marked: () => Promise<Sighting[]>;

  private constructor(page: Page, marked: () => Promise<Sighting[]>) {
    this.page = page;
    this.#marked = marked;
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('response', (response) => this.#note(response));
  }

  static async open(context: BrowserContext, demo: Demo): Promise<Window> {
    const page = await context.newPage();
    const window = new Window(page, await watchFor(page, '.row.is-changed'));
    await window.page.goto(demo.url);
    return window;
  }

  /** Opens it and waits until the list is fresh. */
  static async fresh(context: BrowserContext, demo: Demo): Promise<Window> {
    const window = await Window.open(context, demo);
    await window.hasState('fresh');
    return window;
  }

  #note(response: Response): void {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith('/api/')) this.answers.push({ path: pathname, status: response.status() });
  }

  async status(): Promise<Status> {
    const data = await this.page
      .locator('#status')
      .evaluate((badge) => ({ ...(badge as HTMLElement).dataset }));
    return { state: data.status ?? '', reason: data.reason ?? '', connection: data.connection ?? '' };
  }

  async hasState(state: string, deadline?: number): Promise<void> {
    await this.#sees(`the list to be ${state}`, async () => (await this.status()).state === state, deadline);
  }

  async isConnected(): Promise<void> {
    await this.#sees('the socket to be there', async () => (await this.status()).connection === 'connected');
  }

  async isUnconnected(): Promise<void> {
    await this.#sees('the socket to be lost', async () => (await this.status()).connection !== 'connected');
  }

  async hasReason(reason: string, deadline?: number): Promise<void> {
    const reached = async () => (await this.status()).reason.includes(reason);
    await this.#sees(`the list to say ${reason}`, reached, deadline);
  }

  async hasName(id: number, name: string, deadline?: number): Promise<void> {
    const reached = async () => (await this.name(id)) === name;
    await this.#sees(`row ${id} to be called ${name}`, reached, deadline);
  }

  /** What the list goes by is stored, so that a reload goes by it, too. */
  async isStored(): Promise<void> {
    const reflected = this.page.locator('#facts [data-fact="reflected"]');
    await this.#sees('the rows to be stored', async () => {
      const there = await stored(this.page, 'echolite:demo-key:demo', 'products');
      return there?.head === (await reflected.textContent()) && Object.keys(there.positions).length > 0;
    });
  }

  async hasTotal(total: number): Promise<void> {
    const list = this.page.locator('#list');
    const reached = async () => (await list.getAttribute('data-total')) === String(total);
    await this.#sees(`the list to have ${total} rows`, reached);
  }

  /** Since the page was loaded: the mark stays for a moment only. */
  async wasMarked(id: number): Promise<void> {
    const marked = async () => (await this.#marked()).some((row) => row.id === String(id));
    await this.#sees(`row ${id} to be marked as changed`, marked);
  }

  async name(id: number): Promise<string | undefined> {
    const name = this.page.locator(`.row[data-id="${id}"] .row-name`);
    return (await name.count()) === 1 ? ((await name.textContent()) ?? undefined) : undefined;
  }

  /** The painted rows' ids, from top to bottom. */
  ids(): Promise<number[]> {
    return this.page
      .locator('.row')
      .evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset.id)));
  }

  async choose(name: string, value: string): Promise<void> {
    await this.page.locator(`input[name=${name}][value=${value}]`).check({ force: true });
  }

  /** Says what was seen instead when it does not come true. */
  async #sees(what: string, condition: () => Promise<boolean>, deadline?: number): Promise<void> {
    try {
      await until(what, condition, deadline);
    } catch (error) {
      const seen = JSON.stringify({
        ...(await this.status()),
        errors: this.errors,
        answers: this.answers.slice(-5),
      });
      throw new Error(`${(error as Error).message}; the window shows ${seen}`);
    }
  }
}
