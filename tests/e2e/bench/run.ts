/** The cache beside TanStack Query, in one run of one page; prints a table and writes target/bench/cache.json. */
import { mkdir, writeFile } from 'node:fs/promises';
import { bundle, repository, startBrowser, startSite } from '@echolite/test-support';
import Pusher from 'pusher';
import type { Figure, Product } from './page.js';

const EVENTS = 2_000;
const SIZES = (process.argv[2] ?? '10000').split(',').map(Number);
const PAGE =
  '<!doctype html><link rel="icon" href="data:,"><script type="importmap">{"imports":{"echolite":"/echolite/index.js"}}</script>' +
  '<script type="module" src="/page.js"></script>';
/** An isolated page has a clock of 5 µs instead of 100. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

declare const run: (count: number) => Promise<Figure[]>;

interface Result {
  name: string;
  rows: number;
  p50: number;
  p99: number;
}

function products(count: number): Product[] {
  const categories = ['shoes', 'shirts', 'hats', 'bags'];
  return Array.from({ length: count }, (_, n) => ({
    id: n + 1,
    name: `Product ${n} of the autumn collection`,
    category: categories[n % categories.length] ?? '',
    price: (n * 31) % 10_000,
    version: n + 1,
  }));
}

async function measure(rows: number): Promise<Result[]> {
  const site = await startSite({
    files: {
      '/': PAGE,
      '/page.js': await bundle(repository('tests/e2e/bench/page.ts'), ['echolite']),
      '/api/products': JSON.stringify({ data: products(rows) }),
    },
    folders: { '/echolite/': repository('npm/dist') },
    sdk: new Pusher({ appId: '1', key: 'bench', secret: 'bench', cluster: 'mt1' }),
    headers: ISOLATED,
  });
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(error.message));
    page.on('console', (message) => console.error(message.text()));
    await page.goto(site.url);
    await page.waitForFunction('globalThis.run');
    const figures = await page.evaluate((count) => run(count), EVENTS);
    return figures.map(({ name, samples }) => ({ name, rows, ...percentiles(samples) }));
  } finally {
    await browser.close();
    await site.close();
  }
}

function percentiles(samples: number[]): { p50: number; p99: number } {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

function print(results: Result[]): void {
  console.log(
    `\n| event → listener told, ${EVENTS} events | rows | p50 ms | p99 ms | p50 beside TanStack Query |`,
  );
  console.log('|---|---|---|---|---|');
  for (const { name, rows, p50, p99 } of results) {
    const peer = results.find((other) => other.rows === rows && other.name.startsWith('TanStack'));
    const ratio = (p50 / (peer?.p50 ?? Number.NaN)).toFixed(2);
    console.log(`| ${name} | ${rows} | ${p50.toFixed(3)} | ${p99.toFixed(3)} | ${ratio} |`);
  }
}

const results: Result[] = [];
for (const rows of SIZES) results.push(...(await measure(rows)));
print(results);
const folder = repository('target/bench');
await mkdir(folder, { recursive: true });
await writeFile(`${folder}/cache.json`, `${JSON.stringify(results, null, 2)}\n`);
console.log('\ntarget/bench/cache.json');
