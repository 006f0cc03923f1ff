/** Plays the script with one client in two pages, and gives what each step logged. */
import {
  APP,
  bundle,
  type Page,
  repository,
  type Server,
  type Site,
  startSite,
  until,
} from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import Pusher from 'pusher';
import { broadcast } from './broadcast.js';
import type { Harness } from './page.js';
import { SCRIPT } from './script.js';
import type { Role, Step } from './step.js';
import { startUserAuth } from './user-auth.js';

/** `stock-on-echolite`: laravel-echo itself, with the class of `echolite/pusher` in the place of pusher-js's. */
export type Client = 'stock' | 'echolite' | 'stock-on-echolite';
export type Played = { first: unknown[]; second: unknown[]; trouble?: string };
type Pages = Record<Role, Page>;
type World = { pages: Pages; server: Server; userAuth: string; rotate(): Pusher };

const NOT_PLAYED: Played = { first: [], second: [], trouble: 'not played' };
/** After so many steps that failed the others say nothing. */
const HOPELESS = 3;
const ROLES: Role[] = ['first', 'second'];
const USERS: Record<Role, string> = { first: 'ann', second: 'bob' };
const HARNESS = '<!doctype html><meta charset="utf-8"><title>interop</title>';
const IMPORTS = { echolite: '/echolite/index.js', 'echolite/pusher': '/echolite/pusher.js' };
const IMPORT_MAP = `<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>`;

declare const harness: Harness;

export async function play(client: Client, browser: Browser, server: Server): Promise<Played[]> {
  let { sdk } = server;
  const rotate = () => {
    sdk = rotated(server.port);
    return sdk;
  };
  const site = await startSite({
    files: {
      '/': `${HARNESS}${IMPORT_MAP}<script type="module" src="/page.js"></script>`,
      '/page.js': await bundle(repository(`tests/interop/src/page-${client}.ts`), ['echolite']),
    },
    folders: { '/echolite/': repository('npm/dist') },
    get sdk() {
      return sdk;
    },
  });
  const userAuth = await startUserAuth(server.sdk);
  try {
    const pages = { first: await open(browser, site), second: await open(browser, site) };
    const world = { pages, server, userAuth: userAuth.url, rotate };
    const played: Played[] = [];
    for (const [index, step] of SCRIPT.entries()) {
      const isHopeless = played.filter((step) => step.trouble && step !== NOT_PLAYED).length >= HOPELESS;
      const isSkipped = client !== 'stock' && step.notYet;
      played.push(isHopeless || isSkipped ? NOT_PLAYED : await playStep(index, world));
    }
    await Promise.all(ROLES.map((role) => pages[role].close()));
    return played;
  } finally {
    await userAuth.close();
    await site.close();
  }
}

/** The SDK as it is after the application's master key was changed. */
function rotated(port: number): Pusher {
  const { id: appId, key, secret } = APP;
  const encryptionMasterKeyBase64 = Buffer.alloc(32, 8).toString('base64');
  const host = '127.0.0.1';
  return new Pusher({
    appId,
    key,
    secret,
    host,
    port: String(port),
    useTLS: false,
    encryptionMasterKeyBase64,
  });
}

async function open(browser: Browser, site: Site): Promise<Page> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(`page: ${error.message}`));
  await page.goto(site.url);
  await page.waitForFunction('globalThis.harness');
  return page;
}

async function playStep(index: number, world: World): Promise<Played> {
  const { pages, server } = world;
  const step = SCRIPT[index] as Step;
  const before = await lengths(pages);
  const played: Played = { first: [], second: [] };
  try {
    await act(index, world);
    await logged(step, pages, before);
    await barrier(index + 1, step, pages, server);
  } catch (error) {
    played.trouble = (error as Error).message;
  }
  for (const [at, role] of ROLES.entries()) {
    const lines: unknown[] = await pages[role].evaluate((from) => harness.log.slice(from), before[at]);
    played[role] = step.overlaps ? sorted(lines) : lines;
  }
  return played;
}

async function act(index: number, { pages, server, userAuth, rotate }: World): Promise<void> {
  for (const role of ROLES) {
    if (index === 0) {
      const settings = { key: 'shop-key', port: server.port, user: USERS[role], userAuth };
      await pages[role].evaluate(([settings, role]) => harness.begin(settings, role), [
        settings,
        role,
      ] as const);
    } else {
      await pages[role].evaluate(([index, role]) => harness.play(index, role), [index, role] as const);
    }
  }
  const { back } = SCRIPT[index] as Step;
  if (!back) return;
  const socketIds = { first: await socketId(pages.first), second: await socketId(pages.second) };
  await back({
    sdk: server.sdk,
    broadcast: (...event) => broadcast({ port: server.port }, ...event),
    rotate,
    socketIds,
    restart: () => server.restart(),
  });
}

async function logged(step: Step, pages: Pages, before: number[]): Promise<void> {
  const expected = step.logs.map((count, at) => count + (before[at] ?? 0));
  const enough = async () => (await lengths(pages)).every((length, at) => length >= (expected[at] ?? 0));
  await until(`${step.logs.join(' and ')} lines of "${step.name}"`, enough, step.deadline);
}

/**
 * A server keeps the order of what it sends to one socket: what comes too much comes before the barrier. It is raised
 * again until it was seen: who is connected may not be subscribed yet.
 */
async function barrier(barrier: number, step: Step, pages: Pages, server: Server): Promise<void> {
  for (const role of step.ends ? (['second'] as const) : ROLES) {
    const reached = () => pages[role].evaluate((barrier) => harness.barrier === barrier, barrier);
    await until(`the ${role} page to reach the barrier after "${step.name}"`, async () => {
      await server.sdk.trigger('barrier', 'reached', { barrier });
      return reached();
    });
  }
}

function lengths(pages: Pages): Promise<number[]> {
  return Promise.all(ROLES.map((role) => pages[role].evaluate(() => harness.log.length)));
}

async function socketId(page: Page): Promise<string> {
  return (await page.evaluate(() => harness.socketId())) ?? '';
}

function sorted(lines: unknown[]): unknown[] {
  return lines.map((line) => JSON.stringify(line)).sort();
}
