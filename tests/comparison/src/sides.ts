/** The two clients side by side, the peer in three configurations; each behind a proxy of its own. */
import { FaultProxy, Tab } from '@echolite/test-support';
import type { Browser, BrowserContext } from 'playwright-core';
import { addressOf, type List, type Settings } from './page-settings.js';

export interface Contestant {
  /** Short: heads a column. */
  name: string;
  page: 'echolite' | 'tanstack';
  use: Settings['use'];
  /** Its back end tells of heads besides versions: only where rows have versions at all. */
  heads?: true;
}

export const CONTESTANTS: readonly Contestant[] = [
  { name: 'Echolite', page: 'echolite', use: 'invalidate' },
  { name: 'Echolite, heads', page: 'echolite', use: 'invalidate', heads: true },
  { name: 'TanStack, invalidates', page: 'tanstack', use: 'invalidate' },
  { name: 'TanStack, patches', page: 'tanstack', use: 'patch' },
  { name: 'TanStack, careful', page: 'tanstack', use: 'careful' },
];

export type Files = Parameters<typeof FaultProxy.start>[0]['files'];
export type Rewrite = Parameters<typeof FaultProxy.start>[0]['rewrite'];

export class Side {
  readonly contestant: Contestant;
  readonly proxy: FaultProxy;
  readonly context: BrowserContext;
  #list: List;
  #user: string | undefined;
  readonly tabs: Tab[] = [];

  private constructor(contestant: Contestant, list: List, proxy: FaultProxy, context: BrowserContext) {
    this.contestant = contestant;
    this.proxy = proxy;
    this.context = context;
    this.#list = list;
  }

  static async start(
    browser: Browser,
    contestant: Contestant,
    list: List,
    options: { upstream: number; files: Files; rewrite: Rewrite },
  ): Promise<Side> {
    const { upstream, files, rewrite } = options;
    const proxy = await FaultProxy.start({ upstream, files, ...(rewrite && { rewrite }) });
    return new Side(contestant, list, proxy, await browser.newContext());
  }

  /** Opens another tab; the first is the one that is judged. */
  async open(): Promise<Tab> {
    const settings: Settings = { list: this.#list, user: this.#user, use: this.contestant.use };
    const address = this.proxy.url + addressOf(this.contestant.page, settings);
    const tab = await Tab.open(this.context, address, () => {});
    this.tabs.push(tab);
    return tab;
  }

  /** From now on tabs follow another list. */
  follow(list: List): void {
    this.#list = list;
  }

  /** Ends the first tab, and opens one in its place. */
  async reopen(crash: boolean): Promise<void> {
    const [first] = this.tabs.splice(0, 1);
    await first?.kill(crash);
    await this.open();
  }

  async closeTabs(): Promise<void> {
    for (const tab of this.tabs.splice(0)) await tab.kill(false);
  }

  /** Somebody signs in, in this browser. */
  async signIn(user: number): Promise<void> {
    const answer = await this.context.request.post(`${this.proxy.url}/api/session`, {
      data: { user_id: user },
    });
    if (!answer.ok()) throw new Error(`signing in as ${user} was answered ${answer.status()}`);
    this.#user = String(user);
  }

  /** How often the list or a row of it was read. */
  get reads(): number {
    return this.proxy.reads.filter(({ path }) => path.startsWith(this.#list.url)).length;
  }

  /** How many WebSockets stand, with their channel joined. */
  get joined(): number {
    return this.proxy.joined;
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.proxy.close();
  }
}
