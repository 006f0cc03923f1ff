/** Things that a browser does to a page: its word for the network, its clocks, its back button, its storage; and who uses it. */
import { freePort, startBrowser, until } from '@echolite/test-support';
import { describe, expect, it } from 'vitest';
import { bordersForFile, json, NEW, OLD, tagged } from './borders-stage.js';

// Playwright switches the back/forward cache off
const stage = bordersForFile(() => startBrowser([], ['--disable-back-forward-cache']));

const HOUR = 3_600_000;

describe('navigator.onLine that is false on a network that works', () => {
  const offline = () => Object.defineProperty(Navigator.prototype, 'onLine', { get: () => false });

  it('does not keep a list from being loaded and followed', async () => {
    stage.shop.answer = json(OLD);
    const page = await stage.open(offline);
    await page.start();
    await page.isFreshWith(OLD);
    stage.shop.answer = json(NEW);
    await stage.shop.event({});
    await page.isFreshWith(NEW);
  });

  it('does not hide that a list is polled', async () => {
    stage.shop.answer = json(OLD);
    const page = await stage.open(offline);
    // nothing listens there
    await page.start({}, { port: await freePort(), pollInterval: 500 });
    const polled = await page.sees(
      'the list to be polled',
      ({ rows, reason }) => rows.length > 0 && reason === 'polling',
    );
    expect(polled.state).toBe('stale');
    stage.shop.answer = json(NEW);
    await page.sees('the new row', ({ rows }) => rows[0]?.name === 'new');
  });

  it('does not keep a lost connection from being made again', async () => {
    stage.shop.answer = json(OLD);
    const page = await stage.open(offline);
    await page.start();
    await page.isFreshWith(OLD);
    await stage.shop.restart();
    stage.shop.answer = json(NEW);
    await page.isFreshWith(NEW);
    stage.shop.answer = json(OLD);
    await stage.shop.event({});
    await page.isFreshWith(OLD);
  });

  it('said in the middle is not taken at its word', async () => {
    stage.shop.answer = json(OLD);
    const page = await stage.open();
    await page.start();
    await page.isFreshWith(OLD);
    await page.page.evaluate(() => dispatchEvent(new Event('offline')));
    stage.shop.answer = json(NEW);
    await stage.shop.event({});
    await page.isFreshWith(NEW);
  });
});

describe('a clock that jumps', () => {
  /** `jump(milliseconds)` sets the wall clock; the monotonic one goes on, as it does. */
  const clock = () => {
    const now = Date.now;
    let ahead = Number(localStorage.getItem('ahead') ?? 0);
    Date.now = () => now() + ahead;
    Object.assign(globalThis, {
      jump: (milliseconds: number) => {
        ahead += milliseconds;
        localStorage.setItem('ahead', String(ahead));
      },
    });
  };

  it.each([
    ['an hour ahead', HOUR],
    ['an hour back', -HOUR],
    ['a year back', -8_760 * HOUR],
    ['ten years ahead', 87_600 * HOUR],
  ])('%s neither hides a change nor stops the list, nor what is loaded again', async (_where, by) => {
    const { shop } = stage;
    shop.answer = json(OLD);
    const page = await stage.open(clock);
    await page.start({}, { verifyInterval: 3_000 });
    await page.isFreshWith(OLD);
    await page.page.evaluate(`jump(${by})`);
    // by hand: no event tells of it
    shop.answer = json(NEW);
    const fresh = await page.isFreshWith(NEW);
    const now = (await page.page.evaluate('Date.now()')) as number;
    expect(Math.abs(now - (fresh.asOf ?? 0))).toBeLessThan(HOUR / 2);

    await page.page.evaluate(`jump(${-by})`);
    shop.answer = json(OLD);
    await page.isFreshWith(OLD);

    // what is stored was read an hour later, or earlier, than now
    await page.page.evaluate(`jump(${by})`);
    shop.answer = json(NEW);
    await page.page.reload();
    await page.ready();
    await page.start({}, { verifyInterval: 3_000 });
    await page.isFreshWith(NEW);
  });
});

describe('the back/forward cache', () => {
  it('in the middle of a read leaves nothing old that says it is fresh', async () => {
    const { shop } = stage;
    shop.answer = json(OLD);
    const page = await stage.open();
    await page.start();
    await page.isFreshWith(OLD);
    let held: (() => void) | undefined;
    shop.answer = (request, response) => {
      held = () => json(OLD)(request, response);
    };
    await page.do('refresh', 'main/products');
    await until('a read to be under way', () => held);
    await page.page.evaluate(() => {
      Object.assign(globalThis, { isSame: true });
    });
    await page.page.goto(`${shop.url}/other`);
    shop.answer = json(NEW);
    await shop.event({});
    held?.();
    await page.page.goBack({ waitUntil: 'commit' });
    await page.ready();
    const isRestored = await page.page.evaluate('globalThis.isSame === true');
    expect(isRestored).toBe(true);
    await page.isFreshWith(NEW);
    const fresh = await page.freshRows();
    expect(fresh.at(-1)).toEqual(NEW);
    stage.shop.answer = json(OLD);
    await shop.event({});
    await page.isFreshWith(OLD);
  });
});

describe('the back/forward cache, before the first answer came', () => {
  it('leaves nothing old that says it is fresh', async () => {
    const { shop } = stage;
    const held: (() => void)[] = [];
    shop.answer = (request, response) => {
      held.push(() => json(OLD)(request, response));
    };
    const page = await stage.open();
    await page.start();
    await until('a read to be under way', () => held.length > 0);
    await page.page.goto(`${shop.url}/other`);
    shop.answer = json(NEW);
    for (const answer of held) answer();
    await page.page.goBack({ waitUntil: 'commit' });
    await page.ready();
    await page.isFreshWith(NEW);
    expect(await page.freshRows()).toEqual([NEW]);
  });
});

describe('a session that became another user’s', () => {
  it('neither shows nor stores their rows, and says so once', async () => {
    const { shop } = stage;
    const anns = [{ id: 1, name: "Ann's" }];
    shop.answer = json(anns, { 'x-cache-scope': 'ann' });
    const page = await stage.open();
    await page.start({}, { scope: 'ann' });
    await page.isFreshWith(anns);
    shop.answer = json([{ id: 2, name: "Bob's" }], { 'x-cache-scope': 'bob' });
    await shop.event({});
    const failed = await page.sees('the read to fail', ({ reason }) => reason === 'read-failed');
    expect([failed.state, failed.rows]).toEqual(['stale', anns]);
    await page.page.reload();
    await page.ready();
    await page.start({}, { scope: 'ann' });
    const again = await page.sees('the read to fail', ({ reason }) => reason === 'read-failed');
    expect([again.state, again.rows]).toEqual(['stale', anns]);
    const shown = (await page.do('history', 'main/products')).flatMap(({ rows }) => rows);
    expect(shown.filter(({ id }) => id === 2)).toEqual([]);
    expect(page.said).toHaveLength(2);
  });
});

describe('another user in the same tab', () => {
  it('never sees rows of the one before', async () => {
    const { shop } = stage;
    const anns = [{ id: 1, name: "Ann's" }];
    const bobs = [{ id: 2, name: "Bob's" }];
    shop.answer = json(anns);
    const page = await stage.open();
    await page.start({}, { scope: 'ann' });
    await page.isFreshWith(anns);

    // Ann's read is under way when she signs out
    const held: (() => void)[] = [];
    shop.answer = (request, response) => {
      held.push(() => json(anns)(request, response));
    };
    await page.do('refresh', 'main/products');
    await until('a read to be under way', () => held.length > 0);
    await page.do('clear', 'main');
    await page.do('close', 'main');
    shop.answer = json(bobs);
    await page.do('cache', 'bob', { ...shop.options, scope: 'bob' });
    await page.do('list', 'bob', 'products');
    for (const answer of held) answer();
    await page.isFreshWith(bobs, 'bob/products');
    const shown = await page.do('history', 'bob/products');
    expect(shown.flatMap(({ rows }) => rows).filter(({ id }) => id === 1)).toEqual([]);
    await page.do('close', 'bob');

    // nothing of Ann's is left, whoever comes
    shop.answer = (_request, response) => response.writeHead(500).end();
    await page.page.reload();
    await page.ready();
    await page.start({}, { scope: 'ann' });
    const empty = await page.sees('the read to fail', ({ reason }) => reason === 'read-failed');
    expect([empty.state, empty.rows]).toEqual(['empty', []]);
  });
});

describe('storage that is cleared by hand', () => {
  const stored = (page: { evaluate(code: string): Promise<unknown> }) =>
    page.evaluate('indexedDB.databases().then((all) => all.map(({ name }) => name))') as Promise<string[]>;

  async function openStored(answer = json(OLD)) {
    stage.shop.answer = answer;
    const page = await stage.open();
    await page.start();
    await page.isFreshWith(OLD);
    await until('the store to be there', async () => (await stored(page.page)).length > 0);
    return page;
  }

  it('while the page runs costs nothing but time', async () => {
    const { shop } = stage;
    const page = await openStored();
    const session = await stage.context.newCDPSession(page.page);
    await session.send('Storage.clearDataForOrigin', { origin: shop.url, storageTypes: 'all' });
    expect((await page.look()).rows).toEqual(OLD);

    shop.answer = json(NEW);
    await shop.event({});
    await page.isFreshWith(NEW);

    shop.answer = (_request, response) => response.writeHead(500).end();
    await page.page.reload();
    await page.ready();
    await page.start();
    await page.sees('the read to fail', ({ reason }) => reason === 'read-failed');
    shop.answer = json(OLD);
    await page.isFreshWith(OLD);
    expect(page.said).toEqual([]);
  });

  it.each(['scope', 'meta', 'pages'])(
    'in its object store `%s` alone leaves nothing wrong that says it is fresh',
    async (name) => {
      let [rows, tag] = [OLD, '"1"'];
      const page = await openStored(
        tagged(
          () => rows,
          () => tag,
        ),
      );
      const clear = () => page.page.evaluate(clearObjectStore, name);
      await clear();
      await page.page.reload();
      await page.ready();
      await page.start();
      await page.isFreshWith(OLD);
      await clear();
      [rows, tag] = [NEW, '"2"'];
      await stage.shop.event({});
      await page.isFreshWith(NEW);
      await page.page.reload();
      await page.ready();
      await page.start();
      await page.isFreshWith(NEW);
      const fresh = (await page.freshRows()).filter((shown) => JSON.stringify(shown) !== JSON.stringify(NEW));
      expect(fresh).toEqual([]);
    },
  );

  it('by a script that deletes the database costs nothing but time', async () => {
    const { shop } = stage;
    const page = await openStored();
    await page.page.evaluate(async () => {
      for (const { name } of await indexedDB.databases()) {
        await new Promise((resolve) => {
          const request = indexedDB.deleteDatabase(name ?? '');
          request.onsuccess = request.onerror = request.onblocked = resolve;
        });
      }
    });
    shop.answer = json(NEW);
    await shop.event({});
    await page.isFreshWith(NEW);
    await page.page.reload();
    await page.ready();
    await page.start();
    await page.isFreshWith(NEW);
    expect(page.said).toEqual([]);
  });
});

/** Empties an object store of each database of the page; runs in it. */
async function clearObjectStore(name: string): Promise<void> {
  const done = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  for (const { name: database = '' } of await indexedDB.databases()) {
    const opened = await done(indexedDB.open(database));
    await done(opened.transaction(name, 'readwrite').objectStore(name).clear());
    opened.close();
  }
}
