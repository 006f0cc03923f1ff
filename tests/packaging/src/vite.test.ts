/** The packed package in fresh projects of every Vite that is in use: in development and built. */
import { type Page, type Server, startBrowser, startServer, until } from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Project } from './project.js';

/** The oldest and the newest in each run, all of them in the long one. */
const VERSIONS = process.env.ECHOLITE_ALL_BUNDLERS === undefined ? [5, 8] : [5, 6, 7, 8];
/** Those that pre-bundle a package in development and lose its wasm module by that. */
const NEED_PLUGIN = VERSIONS.filter((version) => version < 8);

let browser: Browser;
let server: Server;
const projects = new Map<number, Project>();

beforeAll(async () => {
  const made = await Promise.all(VERSIONS.map((version) => Project.make(version)));
  for (const project of made) projects.set(project.vite, project);
  browser = await startBrowser();
  server = await startServer();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

function project(version: number): Project {
  const found = projects.get(version);
  if (!found) throw new Error(`no project of Vite ${version}`);
  return found;
}

/** Serves the project, and gives its page and what its console said. */
async function opened(
  how: 'dev' | 'preview',
  version: number,
  look: (page: Page, said: string[]) => Promise<void>,
  path = '',
): Promise<void> {
  const serving = await project(version).serve(how);
  const page = await browser.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  try {
    await page.goto(`${serving.url}${path}?port=${server.port}`);
    await look(page, said);
  } catch (error) {
    throw new Error(
      `${(error as Error).message}\nThe console said:\n${said.join('\n')}\n${serving.output()}`,
    );
  } finally {
    await page.close();
    await serving.stop();
  }
}

async function receivesAnEvent(page: Page): Promise<void> {
  const told = page.locator('#told');
  const says = (text: string) => async () => (await told.textContent())?.includes(text);
  await until('the page to subscribe', says('subscribed'));
  await server.sdk.trigger('orders', 'App\\Events\\OrderShipped', { id: 7 });
  await until('the page to get the event', says('shipped 7'));
}

/** The WebAssembly modules that the page loaded, without the hashes of the build. */
async function loadedModules(page: Page): Promise<string[]> {
  const names = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name).pathname.split('/').at(-1) ?? ''),
  );
  return names.filter((name) => name.endsWith('.wasm')).map((name) => name.replace(/-[^.]+/, ''));
}

describe.each(VERSIONS)('Vite %i with the plugin', (version) => {
  it('receives an event in development', async () => {
    await project(version).configure(true);
    await opened('dev', version, receivesAnEvent);
  });

  it('receives an event when built', async () => {
    await project(version).configure(true);
    await project(version).build();
    await opened('preview', version, async (page) => {
      await receivesAnEvent(page);
      expect(await loadedModules(page), 'it uses Echo alone').toEqual(['echo_bg.wasm']);
    });
  });
});

describe.each(VERSIONS)('Vite %i with the aliases of the plugin', (version) => {
  /** laravel-echo and pusher-js are imported by their own names, and a hook package that carries laravel-echo inside. */
  const hears = async (page: Page, said: string[]) => {
    const told = page.locator('#told');
    for (const who of ['echo', 'stock echo', 'hook']) {
      await until(`${who} to subscribe`, async () =>
        (await told.textContent())?.includes(`${who} subscribed`),
      );
    }
    await server.sdk.trigger('orders', 'App\\Events\\OrderShipped', { id: 7 });
    for (const who of ['echo', 'stock echo', 'hook']) {
      await until(`${who} to hear`, async () => (await told.textContent())?.includes(`${who} shipped 7`));
    }
    expect(await told.textContent()).toContain('one Pusher: true');
    expect(said.filter((text) => text.includes('Pusher'))).toEqual([]);
  };

  it('works under the stock packages in development', async () => {
    await project(version).configure('aliases');
    await opened('dev', version, hears, 'stock.html');
  });

  it('stands under the stock packages on a server', async () => {
    await project(version).configure('aliases');
    expect(await project(version).render()).toContain('disconnected, one Pusher: true');
  });

  it('works under the stock packages when built', async () => {
    await project(version).configure('aliases');
    await project(version).build();
    await opened('preview', version, hears, 'stock.html');
  });
});

describe.each(NEED_PLUGIN)('Vite %i without the plugin', (version) => {
  it('says in development that the plugin is missing', async () => {
    await project(version).configure(false);
    await opened('dev', version, async (_page, said) => {
      await until('an error that names the fix', () => said.some((text) => text.includes('echolite/vite')));
    });
  });

  it('receives an event when built', async () => {
    await project(version).configure(false);
    await project(version).build();
    await opened('preview', version, receivesAnEvent);
  });
});

it('Vite 8 needs no plugin', async () => {
  await project(8).configure(false);
  await opened('dev', 8, receivesAnEvent);
  expect(NEED_PLUGIN).not.toContain(8);
});
