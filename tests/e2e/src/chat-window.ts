/** A window of the chat, with somebody signed in; what they see in it. */
import { type Page, type Sighting, until, watchFor } from '@echolite/test-support';
import type { Stage } from './stage.js';

/** As the demo seeds them. */
export const USERS = { ada: 1, bram: 2, cleo: 3, dov: 4, eir: 5 } as const;
export const FRONT_COUNTER = 1;
export const ROPE_LOFT = 2;
export const NEW_ARRIVALS = 4;
/** Eir's alone. */
export const BOOKS = 5;

export class ChatWindow {
  readonly page: Page;
  /** Errors that nobody caught. */
  readonly errors: string[] = [];
  /** Reads of messages so far, with their query. */
  readonly reads: string[] = [];
  /** Messages that were shown as on their way. */
  readonly pending: () => Promise<Sighting[]>;
  /** What was said of who types. */
  readonly typing: () => Promise<Sighting[]>;

  private constructor(page: Page, pending: () => Promise<Sighting[]>, typing: () => Promise<Sighting[]>) {
    this.page = page;
    this.pending = pending;
    this.typing = typing;
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('response', (response) => {
      const { pathname, search } = new URL(response.url());
      if (response.request().method() === 'GET' && pathname.endsWith('/messages'))
        this.reads.push(pathname + search);
    });
  }

  /** Signs somebody in, in a browser of their own as far as cookies go. */
  static async as({ browser, demo }: Stage, user: keyof typeof USERS): Promise<ChatWindow> {
    const context = await browser.newContext();
    const page = await context.newPage();
    const [pending, typing] = [await watchFor(page, '.is-pending'), await watchFor(page, '#typing')];
    const window = new ChatWindow(page, pending, typing);
    await window.page.goto(`${demo.url}/chat`);
    await window.signIn(user);
    return window;
  }

  async signIn(user: keyof typeof USERS): Promise<void> {
    await this.page.locator(`#sign-in-users [data-user="${USERS[user]}"]`).click();
    await this.page.locator('#chat').waitFor();
    await this.hasStatus('fresh');
  }

  async open(conversation: number): Promise<void> {
    await this.page.locator(`#conversations li[data-id="${conversation}"] button`).click();
    await this.page.locator(`#conversation[data-id="${conversation}"]`).waitFor();
  }

  /** Opens it, and waits until its messages are fresh and it is known who is there. */
  async follow(conversation: number): Promise<void> {
    await this.open(conversation);
    await this.hasStatus('fresh');
    await this.sees('who is there', async () => (await this.here()).length > 0);
  }

  async say(text: string): Promise<void> {
    await this.page.locator('#text').fill(text);
    await this.page.locator('#text').press('Enter');
  }

  /** The messages of the list, from top to bottom; those on their way are not among them. */
  messages(): Promise<{ id: number; text: string }[]> {
    return this.page.locator('.message[data-id]').evaluateAll((elements) =>
      elements.map((element) => ({
        id: Number((element as HTMLElement).dataset.id),
        text: element.querySelector('.message-text')?.textContent ?? '',
      })),
    );
  }

  async hasMessage(text: string, deadline?: number): Promise<void> {
    const shown = async () => (await this.messages()).some((message) => message.text === text);
    await this.sees(`the message “${text}”`, shown, deadline);
  }

  /** Who has read up to a message, by name. */
  async readersOf(text: string): Promise<string> {
    const message = this.page.locator('.message', { hasText: text });
    return (await message.locator('.message-readers').getAttribute('data-readers')) ?? '';
  }

  async unread(conversation: number): Promise<number> {
    const item = this.page.locator(`#conversations li[data-id="${conversation}"]`);
    return Number(await item.getAttribute('data-unread'));
  }

  /** The ids of who has the open conversation open. */
  async here(): Promise<number[]> {
    const here = await this.page.locator('#deck-members').getAttribute('data-here');
    return here ? here.split(' ').map(Number) : [];
  }

  async text(selector: string): Promise<string> {
    return (await this.page.locator(selector).textContent()) ?? '';
  }

  async hasStatus(word: string, deadline?: number): Promise<void> {
    const reached = async () => Object.values(await this.#status()).includes(word);
    await this.sees(`the status to say ${word}`, reached, deadline);
  }

  /** Makes the window one that nobody sees, or sees again. */
  async show(visibility: 'visible' | 'hidden'): Promise<void> {
    await this.page.evaluate((state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      document.dispatchEvent(new Event('visibilitychange'));
    }, visibility);
  }

  /** Says what was seen instead when it does not come true. */
  async sees(what: string, condition: () => Promise<boolean>, deadline?: number): Promise<void> {
    try {
      await until(what, condition, deadline);
    } catch (error) {
      const texts = (await this.messages()).map(({ text }) => text).slice(-4);
      const seen = JSON.stringify({ ...(await this.#status()), texts, errors: this.errors });
      throw new Error(`${(error as Error).message}; the window shows ${seen}`);
    }
  }

  #status(): Promise<Record<string, string | undefined>> {
    return this.page.locator('#status').evaluate((badge) => {
      const { status, reason, connection } = (badge as HTMLElement).dataset;
      return { status, reason, connection };
    });
  }
}
