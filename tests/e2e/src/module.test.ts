/** A WebAssembly module, or a part of the package, that is not there: at first, or at all. */
import { until } from '@echolite/test-support';
import { describe, expect, it } from 'vitest';
import { type Answer, bordersForFile, html, json, NEW, OLD, type ShopPage } from './borders-stage.js';

const stage = bordersForFile();

const ECHO = '/echolite/wasm/echo_bg.wasm';
const CACHE = '/echolite/wasm/cache_bg.wasm';
const unavailable = html('<h1>Unavailable</h1>', 503);

/** Lets the shop answer so for these paths, from now on. */
function answering(answer: Answer, ...paths: string[]): void {
  for (const path of paths) stage.shop.answers.set(path, answer);
}

/** A page whose list says that it has no engine. */
async function withoutEngine(words: string, before?: () => void): Promise<ShopPage> {
  stage.shop.answer = json(OLD);
  const page = await stage.open(before);
  await page.start();
  await page.sees('why there is no engine', ({ detail }) => detail.includes(words));
  return page;
}

/** The list and Echo follow events. */
async function isAlive(page: ShopPage): Promise<void> {
  await page.isFreshWith(OLD);
  stage.shop.answer = json(NEW);
  await until('Echo to hear an event', async () => {
    await stage.shop.event({});
    return (await page.do('heard')).length > 0;
  });
  await page.isFreshWith(NEW);
}

describe('a part that is not there at first', () => {
  it.each<[string, Answer, string, string[]]>([
    ['the modules answer 503', unavailable, 'answered 503', [ECHO, CACHE]],
    ['the modules answer HTML', html('<!doctype html>Sign in'), 'answered text/html', [ECHO, CACHE]],
    ['the modules answer 404', html('', 404), 'was not found', [ECHO, CACHE]],
    [
      'the connection breaks',
      (request) => request.socket.destroy(),
      'could not be fetched (Failed to fetch)',
      [ECHO, CACHE],
    ],
    [
      'the modules are cut off',
      (_request, response) => {
        response
          .writeHead(200, { 'content-type': 'application/wasm' })
          .end(Buffer.from('\0asm\x01\0\0\0\x01'));
      },
      'did not start',
      [ECHO, CACHE],
    ],
    [
      'the scripts of the modules answer 503',
      unavailable,
      'could not be loaded',
      ['/echolite/wasm/echo.js', '/echolite/wasm/cache.js'],
    ],
  ])('%s: lists and channels come alive afterwards', async (_what, answer, words, paths) => {
    answering(answer, ...paths);
    const page = await withoutEngine(words);
    await page.do('listen', stage.shop.options);
    await expect(page.do('get', 'main/products', 1)).rejects.toThrow(words);
    expect(await page.do('inspect', 'main')).toContain(words);
    for (const path of paths) stage.shop.answers.delete(path);
    await isAlive(page);
    expect(page.said.filter((text) => text.includes('of the cache')).length).toBeLessThanOrEqual(1);
  });

  it('the modules stall: they are given up after a while, and come alive afterwards', async () => {
    const stalls: Answer = (_request, response) => {
      response
        .writeHead(200, { 'content-type': 'application/wasm' })
        .write(Buffer.from('\0asm\x01\0\0\0\x01'));
    };
    answering(stalls, ECHO, CACHE);
    const page = await withoutEngine('could not be fetched (it was not there after 30 s)', () => {
      const { setTimeout } = globalThis;
      const sooner = (run: () => void, ms?: number) => setTimeout(run, ms === 30_000 ? 300 : ms);
      Object.assign(globalThis, { setTimeout: sooner });
    });
    await page.do('listen', stage.shop.options);
    for (const path of [ECHO, CACHE]) stage.shop.answers.delete(path);
    await isAlive(page);
  });

  it('the network: at once when it is back', async () => {
    stage.shop.answer = json(OLD);
    const page = await stage.open();
    await stage.context.setOffline(true);
    await page.start();
    await page.do('listen', stage.shop.options);
    await page.sees('why there is no engine', ({ reason }) => reason === 'engine-failed');
    await stage.context.setOffline(false);
    await isAlive(page);
  });

  it('what reads and what authorises is asked for again', async () => {
    const paths = ['/echolite/cache/http-reader.js', '/echolite/auth/authorizer.js'];
    answering(unavailable, ...paths);
    stage.shop.answer = json(OLD);
    const page = await stage.open();
    await page.start();
    await page.sees('a read that failed', ({ detail }) => detail.includes('could not be loaded'));
    for (const path of paths) stage.shop.answers.delete(path);
    await page.isFreshWith(OLD, undefined, 60_000);
  });

  it('clear() clears without an engine', async () => {
    const before = await stage.showsOld();
    await until('the rows to be stored', async () => (await databases(before)).length > 0);
    answering(unavailable, CACHE);
    await before.load();
    await before.start();
    await before.sees('why there is no engine', ({ reason }) => reason === 'engine-failed');
    await before.do('clear', 'main');
    expect(await databases(before)).toEqual([]);
    expect((await before.look()).reason).toBe('cleared');
    stage.shop.answers.delete(CACHE);
    stage.shop.answer = html('', 500);
    await before.load();
    await before.start();
    const said = await before.sees('a read that failed', ({ detail }) => detail.includes('500'));
    expect(said.rows).toEqual([]);
  });
});

async function databases(page: ShopPage): Promise<string[]> {
  const all = await page.page.evaluate(() => indexedDB.databases());
  return all.map(({ name }) => name ?? '').filter((name) => name.startsWith('echolite'));
}

describe('a module that may not start', () => {
  const csp = (policy: string): Answer => {
    return (_request, response) => {
      const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy };
      response.writeHead(200, headers).end(stage.shop.files['/']);
    };
  };

  it("names 'wasm-unsafe-eval' where the policy lacks it, and works where it is there", async () => {
    answering(csp("script-src 'self' 'unsafe-inline'"), '/');
    const page = await withoutEngine("add 'wasm-unsafe-eval' to its script-src");
    expect(page.said.filter((text) => text.includes("'wasm-unsafe-eval' to its")).length).toBe(1);
    await expect(page.do('get', 'main/products', 1)).rejects.toThrow('wasm-unsafe-eval');
    const policy =
      "default-src 'none'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; connect-src 'self'";
    answering(csp(`${policy} ws://127.0.0.1:${stage.shop.options.port}`), '/');
    await page.load();
    await page.start();
    await page.do('listen', stage.shop.options);
    await isAlive(page);
  });

  it('says that the browser has no WebAssembly', async () => {
    const page = await withoutEngine('This browser has no WebAssembly', () => {
      Reflect.deleteProperty(globalThis, 'WebAssembly');
    });
    await expect(page.do('inspect', 'main')).resolves.toContain('no WebAssembly');
    expect(page.said.filter((text) => text.includes('no WebAssembly')).length).toBe(1);
  });
});
