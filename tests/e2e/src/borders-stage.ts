/** A shop whose answers over HTTP a test makes up, beside a real server that carries its events; and a page of it. */
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  APP,
  bundle,
  fileOf,
  type Page,
  packedClient,
  type Server,
  sendFile,
  startBrowser,
  startServer,
  until,
} from '@echolite/test-support';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { page, Row, Said, ShopOptions } from './borders-page.js';

type InPage = typeof page;

/** Rows before a change, and after it. */
export const OLD = [{ id: 1, name: 'old' }];
export const NEW = [{ id: 1, name: 'new' }];

/** Answers one request of the API. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface Asked {
  path: string;
  validator: string | undefined;
}

/** Answers with this as JSON. */
export function json(value: unknown, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  };
}

/** Answers with the rows and this tag, and 304 where the page has it, as HTTP compares tags. */
export function tagged(
  rows: () => object[],
  tag: () => string,
  headers: Record<string, string> = {},
): Answer {
  const bare = (text: string | undefined) => text?.replace('W/', '');
  return (request, response) => {
    const isKnown = bare(request.headers['if-none-match']) === bare(tag());
    if (isKnown) response.writeHead(304, { etag: tag(), ...headers }).end();
    else json(rows(), { etag: tag(), ...headers })(request, response);
  };
}

/** Answers with this page. */
export function html(text: string, status = 200): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(text);
  };
}

const HTML = `<!doctype html><meta charset="utf-8"><title>Shop</title>
<script type="importmap">{"imports":{"echolite":"/echolite/index.js"}}</script>
<script type="module" src="/page.js"></script>`;

type Client = Awaited<ReturnType<typeof packedClient>>;

export class Shop {
  /** Requests of the API so far. */
  readonly asked: Asked[] = [];
  /** Answers of paths; `answer` answers the others. */
  readonly answers = new Map<string, Answer>();
  /** Files made by the test, by path. */
  readonly files: Record<string, string>;
  answer: Answer = json([]);
  readonly #server: Server;
  readonly #site: HttpServer;
  readonly #client: Client;

  private constructor(server: Server, site: HttpServer, client: Client, script: string) {
    this.#server = server;
    this.#site = site;
    this.#client = client;
    this.files = { '/': HTML, '/other': '<!doctype html><title>Elsewhere</title>', '/page.js': script };
    site.on('request', (request, response) => {
      this.#respond(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
    });
  }

  static async start(): Promise<Shop> {
    const file = fileURLToPath(new URL('./borders-page.ts', import.meta.url));
    const [server, client, script] = [
      await startServer(),
      await packedClient(),
      await bundle(file, ['echolite']),
    ];
    const site = createServer();
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    return new Shop(server, site, client, script);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#site.address() as AddressInfo).port}`;
  }

  /** The options of a cache for it. */
  get options(): ShopOptions {
    return { key: APP.key, port: this.#server.port, scope: 7 };
  }

  /** Forgets what the test before made up. */
  reset(): void {
    this.asked.length = 0;
    this.answers.clear();
    this.answer = json([]);
  }

  /** Tells everybody. */
  async event(data: unknown, name = 'ProductChanged'): Promise<void> {
    await this.#server.sdk.trigger('products', name, data);
  }

  /** Stops the server that carries events, and starts it again on its port: each connection is lost. */
  restart(): Promise<void> {
    return this.#server.restart();
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#site.close(() => resolve());
      this.#site.closeAllConnections();
    });
    await this.#server.stop();
    await this.#client.remove();
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    const { pathname } = new URL(path, 'http://shop');
    const answer = this.answers.get(pathname);
    if (answer === undefined && !pathname.startsWith('/api/')) {
      const folders = { '/echolite/': this.#client.folder };
      const file = await fileOf({ made: this.files, folders }, path);
      if (file === undefined) response.writeHead(404).end();
      else sendFile(response, file, { 'cache-control': 'no-cache' });
      return;
    }
    if (pathname.startsWith('/api/') && request.method === 'GET')
      this.asked.push({ path, validator: request.headers['if-none-match'] });
    (answer ?? this.answer)(request, response);
  }
}

/** A page of the shop. */
export class ShopPage {
  readonly page: Page;
  /** Warnings and errors on its console, but for those of the browser itself. */
  readonly said: string[] = [];
  readonly #shop: Shop;

  private constructor(page: Page, shop: Shop) {
    this.page = page;
    this.#shop = shop;
    page.on('console', (message) => {
      const isBrowsers = /^(Failed to load resource|Access to fetch)/.test(message.text());
      if (['warning', 'error'].includes(message.type()) && !isBrowsers) this.said.push(message.text());
    });
    page.on('pageerror', (error) => this.said.push(`uncaught: ${error.message}`));
  }

  /** `before` runs in the page before anything else. */
  static async open(context: BrowserContext, shop: Shop, before?: () => void): Promise<ShopPage> {
    const page = new ShopPage(await context.newPage(), shop);
    if (before) await page.page.addInitScript(before);
    await page.load();
    return page;
  }

  async load(): Promise<void> {
    await this.page.goto(this.#shop.url);
    await this.ready();
  }

  async ready(): Promise<void> {
    await this.page.waitForFunction('globalThis.shop !== undefined');
  }

  /** Makes the cache `main` and in it the list `products`. */
  async start(
    options: Parameters<InPage['list']>[2] = {},
    settings: Partial<ShopOptions> = {},
  ): Promise<void> {
    await this.do('cache', 'main', { ...this.#shop.options, ...settings });
    await this.do('list', 'main', 'products', options);
  }

  /** Calls a function of the page. */
  do<Name extends keyof InPage>(
    name: Name,
    ...args: Parameters<InPage[Name]>
  ): Promise<Awaited<ReturnType<InPage[Name]>>> {
    return this.page.evaluate(
      ([name, args]) => {
        const { shop } = globalThis as unknown as { shop: Record<string, (...args: unknown[]) => never> };
        return shop[name]?.(...args);
      },
      [name, args] as [string, unknown[]],
    ) as Promise<Awaited<ReturnType<InPage[Name]>>>;
  }

  look(list = 'main/products'): Promise<Said> {
    return this.do('look', list);
  }

  /** Waits until the list is as `isReached` wants it; says how it was when it is not. */
  async sees(
    what: string,
    isReached: (said: Said) => boolean,
    list?: string,
    deadline?: number,
  ): Promise<Said> {
    let last: Said | undefined;
    try {
      return await until(
        what,
        async () => {
          last = await this.look(list);
          return isReached(last) ? last : undefined;
        },
        deadline,
      );
    } catch (error) {
      const facts = JSON.stringify({ last, said: this.said, asked: this.#shop.asked.slice(-6) });
      throw new Error(`${(error as Error).message}; it shows ${facts}`);
    }
  }

  /** Waits until the list is fresh and has these rows. */
  async isFreshWith(rows: Row[], list?: string, deadline?: number): Promise<Said> {
    const wanted = JSON.stringify(rows);
    const isReached = ({ state, rows }: Said) => state === 'fresh' && JSON.stringify(rows) === wanted;
    return this.sees(`a fresh list of ${wanted}`, isReached, list, deadline);
  }

  /** Tells that the rows changed, and waits until the page has heard it. */
  async tell(data: object = {}): Promise<void> {
    await this.do('history', 'main/products');
    await this.#shop.event(data);
    await this.sees(
      'the list to have heard',
      ({ state, rows }) => state !== 'fresh' || rows[0]?.name === 'new',
    );
  }

  /** Takes the rows that the list showed as fresh since the last call. */
  async freshRows(list = 'main/products'): Promise<Row[][]> {
    const history = await this.do('history', list);
    return history.filter(({ state }) => state === 'fresh').map(({ rows }) => rows);
  }
}

export interface Borders {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly shop: Shop;
  /** A page of a context of its own, for each test. */
  open(before?: () => void): Promise<ShopPage>;
  /** A page whose list is fresh with the old rows; the requests that led to it are forgotten. */
  showsOld(answer?: Answer, settings?: Partial<ShopOptions>): Promise<ShopPage>;
}

/** One browser and one shop for the file; for each test a context of its own, in which nothing is stored. */
export function bordersForFile(start: () => Promise<Browser> = startBrowser): Borders {
  const stage = {
    open: (before) => ShopPage.open(stage.context, stage.shop, before),
    async showsOld(answer = json(OLD), settings = {}) {
      stage.shop.answer = answer;
      const page = await stage.open();
      await page.start({}, settings);
      await page.isFreshWith(OLD);
      stage.shop.asked.length = 0;
      return page;
    },
  } as { -readonly [Part in keyof Borders]: Borders[Part] };
  beforeAll(async () => {
    stage.browser = await start();
    stage.shop = await Shop.start();
  });
  afterAll(async () => {
    await stage.browser?.close();
    await stage.shop?.close();
  });
  beforeEach(async () => {
    stage.shop.reset();
    stage.context = await stage.browser.newContext();
  });
  afterEach(() => stage.context.close());
  return stage;
}
