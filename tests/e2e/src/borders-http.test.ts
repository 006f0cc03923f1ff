/** Things between a page and its back end that answer for it: caches, proxies, login pages. */
import { until } from '@echolite/test-support';
import { describe, expect, it } from 'vitest';
import { type Answer, bordersForFile, html, json, NEW, OLD, type ShopPage, tagged } from './borders-stage.js';

const stage = bordersForFile();

describe('an old answer', () => {
  it("of the browser's own cache is not asked for", async () => {
    const { shop } = stage;
    const page = await stage.showsOld(json(OLD, { 'cache-control': 'max-age=3600' }));
    shop.answer = json(NEW, { 'cache-control': 'max-age=3600' });
    await page.tell();
    await page.isFreshWith(NEW);
    expect(shop.asked).toHaveLength(1);
  });

  it('of a CDN that says its age is not fresh', async () => {
    const { shop } = stage;
    const page = await stage.showsOld();
    shop.answer = json(OLD, { age: '20' });
    await page.tell();
    await until('two old answers', () => shop.asked.length >= 2);
    shop.answer = json(NEW);
    await page.isFreshWith(NEW);
    expect(await page.freshRows()).toEqual([NEW]);
  });

  it.each([
    ['one age', '20'],
    ['several ages', '0, 20'],
  ])('of a CDN that says nothing changed, with %s, is not fresh', async (_which, age) => {
    const { shop } = stage;
    const page = await stage.showsOld(
      tagged(
        () => OLD,
        () => '"1"',
      ),
    );
    shop.answer = (_request, response) => response.writeHead(304, { etag: '"1"', age }).end();
    await page.tell();
    await until('two old answers', () => shop.asked.length >= 2);
    shop.answer = json(NEW, { etag: '"2"' });
    await page.isFreshWith(NEW);
    expect(await page.freshRows()).toEqual([NEW]);
  });

  it('of a service worker is noticed by heads, and one that lets `no-store` pass does no harm', async () => {
    const { shop } = stage;
    const head = (seq: number) => ({ 'x-cache-head': `e;${seq}` });
    shop.answer = json(OLD, head(1));
    shop.files['/worker.js'] = `
      addEventListener('install', () => skipWaiting());
      addEventListener('activate', (event) => event.waitUntil(clients.claim()));
      let polite = false;
      addEventListener('message', ({ data }) => { polite = data === 'polite'; });
      let kept;
      addEventListener('fetch', (event) => {
        if (!event.request.url.includes('/api/') || (polite && event.request.cache === 'no-store')) return;
        kept ??= fetch(event.request);
        event.respondWith(kept.then((response) => response.clone()));
      });`;
    const page = await stage.open();
    await page.page.evaluate(async () => {
      await navigator.serviceWorker.register('/worker.js');
      await navigator.serviceWorker.ready;
    });
    await page.page.waitForFunction('navigator.serviceWorker.controller !== null');
    await page.start();
    await page.isFreshWith(OLD);

    shop.answer = json(NEW, head(2));
    await page.tell({ head: { epoch: 'e', seq: 2, prev: 1 } });
    await page.sees('the list to be lagging', ({ reason }) => reason === 'lagging-read');
    expect(await page.freshRows()).toEqual([]);

    await page.page.evaluate(() => navigator.serviceWorker.controller?.postMessage('polite'));
    await page.isFreshWith(NEW);
    expect(await page.freshRows()).toEqual([NEW]);
  });
});

describe('an answer of another origin', () => {
  /** Starts the list there. */
  async function open(headers: Record<string, string>, answer = OLD) {
    const { shop } = stage;
    const elsewhere = shop.url.replace('127.0.0.1', 'localhost');
    shop.answer = json(answer, { 'access-control-allow-origin': '*', ...headers });
    const page = await stage.open();
    await page.start({ url: `${elsewhere}/api/products` });
    return page;
  }
  const inspected = async (page: ShopPage) => JSON.parse(await page.do('inspect', 'main')).resources.products;

  it.each([
    ['all', {}],
    ['all but one', { 'access-control-expose-headers': 'ETag' }],
  ])('that hides headers, %s of them, is named by inspect(), and said once', async (_which, exposed) => {
    const page = await open({ age: '0', etag: '"1"', 'access-control-allow-headers': '*', ...exposed });
    await page.isFreshWith(OLD);
    await page.do('refresh', 'main/products');
    await until('a second read', () => stage.shop.asked.length > 1);
    const hidden = ['Age', 'ETag', 'Link', 'Retry-After', 'X-Cache-Head', 'X-Cache-Scope'];
    const expected = hidden.filter(
      (name) => !('access-control-expose-headers' in exposed) || name !== 'ETag',
    );
    expect((await inspected(page)).hiddenHeaders).toEqual(expected);
    expect(page.said).toEqual([expect.stringContaining('`Access-Control-Expose-Headers: Date, Age, ETag,')]);
  });

  it('that has an ETag, and may not be asked for by it, is asked for without, and it is said once', async () => {
    const { shop } = stage;
    const shown = { 'access-control-expose-headers': 'Date, ETag', etag: '"1"' };
    const page = await open(shown);
    await page.isFreshWith(OLD);
    shop.answer = json(NEW, { 'access-control-allow-origin': '*', ...shown, etag: '"2"' });
    await page.tell();
    await page.isFreshWith(NEW);
    await page.do('refresh', 'main/products');
    await until('another read', () => shop.asked.length > 2);
    await page.isFreshWith(NEW);
    expect(shop.asked.filter(({ validator }) => validator !== undefined)).toEqual([]);
    expect(page.said).toEqual([expect.stringContaining('`Access-Control-Allow-Headers: If-None-Match`')]);
  });

  it('that shows them is as old as it says', async () => {
    const shown = { 'access-control-expose-headers': 'Date, Age' };
    const page = await open(shown);
    await page.isFreshWith(OLD);
    stage.shop.answer = json(OLD, { 'access-control-allow-origin': '*', ...shown, age: '20' });
    await page.tell();
    await until('two old answers', () => stage.shop.asked.length >= 3);
    stage.shop.answer = json(NEW, { 'access-control-allow-origin': '*', ...shown });
    await page.isFreshWith(NEW);
    expect(await page.freshRows()).toEqual([NEW]);
    expect(await inspected(page)).not.toHaveProperty('hiddenHeaders');
    expect(page.said).toEqual([]);
  });
});

describe('a login page', () => {
  const LOGIN = html('<form action="/login">…</form>');

  it.each<[how: string, Answer, said: string]>([
    ['in the place of the list', LOGIN, '/api/products answered HTML (status 200); expected JSON'],
    [
      'to which it is redirected',
      (_request, response) => response.writeHead(302, { location: '/login' }).end(),
      '/api/products answered HTML (status 200 after a redirect to /login); expected JSON: nobody is signed in, perhaps',
    ],
    [
      'that is said to be the list',
      html('<form>', 203),
      '/api/products answered HTML (status 203); expected JSON',
    ],
    [
      'that is JSON',
      json({ message: 'Unauthenticated.' }),
      "Resource 'products': the answer has an object (message); expected a list of objects; say with `rows` where it is",
    ],
  ])('%s does not take the rows away, and is said', async (_how, answer, said) => {
    const { shop } = stage;
    shop.answers.set('/login', LOGIN);
    const page = await stage.showsOld();
    shop.answer = answer;
    await page.tell();
    const failed = await page.sees('the read to fail', ({ reason }) => reason === 'read-failed');
    expect([failed.state, failed.detail, failed.rows]).toEqual(['stale', expect.stringContaining(said), OLD]);
    const before = shop.asked.length;
    await until('further tries', () => shop.asked.length > before + 1);
    shop.answer = json(NEW);
    await page.isFreshWith(NEW);
    expect(page.said).toEqual([expect.stringContaining(said)]);
    expect(await page.freshRows()).toEqual([NEW]);
  });

  it('of another site is said, too', async () => {
    const { shop } = stage;
    const page = await stage.showsOld();
    const elsewhere = shop.url.replace('127.0.0.1', 'localhost');
    shop.answer = (_request, response) => response.writeHead(302, { location: `${elsewhere}/login` }).end();
    shop.answers.set('/login', LOGIN);
    await page.tell();
    const failed = await page.sees('the read to fail', ({ reason }) => reason === 'read-failed');
    expect(failed.detail).toContain('/api/products could not be reached');
    shop.answer = json(NEW);
    await page.isFreshWith(NEW);
  });
});

describe('a redirect', () => {
  it.each([301, 307, 308])('by %i to where the list is now is followed', async (status) => {
    const { shop } = stage;
    const page = await stage.showsOld();
    shop.answers.set('/api/moved', json(NEW));
    shop.answer = (_request, response) => response.writeHead(status, { location: '/api/moved' }).end();
    await page.tell();
    await page.isFreshWith(NEW);
    expect(page.said).toEqual([]);
  });

  it('to itself is given up, and asked for again', async () => {
    const { shop } = stage;
    const page = await stage.showsOld();
    shop.answer = (_request, response) => response.writeHead(302, { location: '/api/products' }).end();
    await page.tell();
    const failed = await page.sees('the read to fail', ({ reason }) => reason === 'read-failed');
    expect([failed.rows, failed.detail]).toEqual([OLD, expect.stringContaining('could not be reached')]);
    shop.answer = json(NEW);
    await page.isFreshWith(NEW);
    expect(await page.freshRows()).toEqual([NEW]);
  });
});

describe('an ETag', () => {
  it.each([
    ['strong', '"1"', '"2"'],
    ['weak', 'W/"1"', 'W/"2"'],
    ['as Apache makes it', '"1-gzip"', '"2-gzip"'],
    ['without quotes', '1', '2'],
    ['with spaces and commas', '"a, b"', '"c, d"'],
  ])('that is %s spares the rows while they are the same', async (_kind, one, two) => {
    const { shop } = stage;
    let [rows, tag] = [OLD, one];
    const answer = tagged(
      () => rows,
      () => tag,
    );
    const page = await stage.showsOld(answer);
    await page.do('refresh', 'main/products');
    await until('a read that knows the tag', () => shop.asked.at(-1)?.validator === one);
    await page.isFreshWith(OLD);
    [rows, tag] = [NEW, two];
    await page.tell();
    await page.isFreshWith(NEW);
    expect(await page.freshRows()).toEqual([NEW]);
  });

  it('that stays the same though the rows did not does not hide what an event brought', async () => {
    const { shop } = stage;
    let rows: { id: number; name: string; v: number }[] = [{ id: 1, name: 'old', v: 1 }];
    shop.answer = tagged(
      () => rows,
      () => '"always"',
    );
    const page = await stage.open();
    await page.start({ version: 'v', strict: true, belongs: 'all' as never });
    await page.isFreshWith(rows);
    shop.asked.length = 0;
    rows = [{ id: 1, name: 'new', v: 2 }];
    await page.tell({ client_refresh: rows[0] });
    await page.isFreshWith(rows);
    await page.do('refresh', 'main/products');
    await until('a read', () => shop.asked.length > 0);
    expect(shop.asked[0]?.validator).toBeUndefined();
    await page.isFreshWith(rows);
  });

  it('that stays the same though the rows did not is found out by the second look', async () => {
    let rows: { id: number; name: string }[] = OLD;
    const answer = tagged(
      () => rows,
      () => '"always"',
    );
    const page = await stage.showsOld(answer);
    rows = NEW;
    await page.tell();
    await page.isFreshWith(NEW);
    expect(await page.freshRows()).toEqual([NEW]);
  });
});
