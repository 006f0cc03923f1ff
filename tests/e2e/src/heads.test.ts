/** What heads and positions save: a lost connection costs a request only if the server forgot what was missed. */
import { until } from '@echolite/test-support';
import { afterEach, expect, it } from 'vitest';
import { windowForFile } from './stage.js';

const stage = windowForFile();
/** Answered requests of the API, with their queries. */
const asked: string[] = [];

afterEach(() => {
  asked.length = 0;
});

/**
 * Loses the socket by `leave`, and waits for the list to be fresh after `comeBack`. On a slow machine polling may begin
 * in between, which asks, and rightly; then once more.
 */
async function away(leave: () => Promise<unknown>, comeBack: () => Promise<unknown>): Promise<void> {
  const { window } = stage;
  const polls = () => window.page.locator('#log > .entry-status', { hasText: 'polling' }).count();
  await until(
    'a connection that was there again before polling began',
    async () => {
      const before = await polls();
      await leave();
      await window.isUnconnected();
      asked.length = 0;
      await comeBack();
      await window.hasState('fresh', 60_000);
      await window.isConnected();
      return (await polls()) === before;
    },
    120_000,
  );
}

/** Without a socket for a moment, in which something may happen. */
function reconnect(meanwhile?: () => Promise<unknown>): Promise<void> {
  const { demo } = stage;
  return away(
    () => demo.network('blocked'),
    async () => {
      await meanwhile?.();
      await demo.network('open');
    },
  );
}

it('what the last event says is enough when nothing was missed', async () => {
  const { demo, window } = stage;
  window.page.on('response', (response) => {
    const { pathname, search } = new URL(response.url());
    if (pathname.startsWith('/api/')) asked.push(pathname + search);
  });
  await demo.change(3, { name: 'Heard before' });
  await window.hasName(3, 'Heard before');
  await window.hasState('fresh');
  await reconnect();
  expect(asked).toEqual([]);
});

it('a reload with nothing missed reads nothing either', async () => {
  const { window } = stage;
  await window.isStored();
  await window.page.reload();
  await window.hasName(3, 'Heard before');
  await window.hasState('fresh');
  expect(asked).toEqual([]);
});

it('what was missed is replayed', async () => {
  const { demo, window } = stage;
  await reconnect(async () => {
    await demo.change(4, { name: 'Missed' });
    await demo.change(5, { name: 'Missed, too' });
  });
  await window.hasName(4, 'Missed');
  await window.hasName(5, 'Missed, too');
  expect(asked).toEqual([]);
});

it('a server that was started anew, and cannot replay, is asked once', async () => {
  const { demo } = stage;
  await away(
    () => demo.stop(),
    () => demo.resume(2),
  );
  expect(asked.map((url) => url.replace(/\?.*/, ''))).toEqual(['/api/products']);
});

it('the page says what the cache goes by', async () => {
  const { window } = stage;
  const fact = (name: string) => window.page.locator(`#facts [data-fact="${name}"]`).textContent();
  // they are shown a moment after what they tell of
  await until('the facts to be those of now', async () => {
    const shown = [await fact('reading'), await fact('subscription')];
    return shown.join() === 'nothing,confirmed';
  });
  expect(await fact('facts')).toContain('heads');
  expect(await fact('reflected')).toMatch(/^[0-9a-f]{12};\d+$/);
  expect(await fact('required')).toBe(await fact('reflected'));
});

it('the log tells each status with its reason, and of when the rows are', async () => {
  const log = stage.window.page.locator('#log > .entry-status');
  const lines = await log.allTextContents();
  expect(lines.some((line) => line.includes('stale: ') && /As of \d\d:\d\d:\d\d\./.test(line))).toBe(true);
});
