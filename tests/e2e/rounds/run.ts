/**
 * Seeded rounds in Chromium: random edits by somebody else while the network, the server and tabs fail; then quiet.
 *
 * `--rounds 200` plays so many; `--seed 7`, or `ECHOLITE_SEED=7`, plays that one alone, and prints its trace.
 */
import { parseArgs } from 'node:util';
import { bundle, inLanes, packedClient, repository, scheduleOf, startBrowser } from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import { print } from './summary.js';
import { type FaultProxyFiles, type RoundResult, World, type WorldKind } from './world.js';

const KINDS: readonly WorldKind[] = [
  { name: 'heads, events with the row', facts: 'heads', carries: ['row'], lossy: false, tabs: 2 },
  { name: 'heads, events with a URL', facts: 'heads', carries: ['url'], lossy: false, tabs: 2 },
  { name: 'heads, events with an id', facts: 'heads', carries: ['id'], lossy: false, tabs: 2 },
  { name: 'heads, some events lost', facts: 'heads', carries: ['row', 'url', 'id'], lossy: true, tabs: 2 },
  {
    name: 'versions, some events lost',
    facts: 'versions',
    carries: ['row', 'url', 'id'],
    lossy: true,
    tabs: 2,
  },
  { name: 'no facts, some events lost', facts: 'none', carries: ['row', 'url', 'id'], lossy: true, tabs: 2 },
];

/** So many worlds at a time: two cores. */
const LANES = 2;

const PAGE =
  '<!doctype html><link rel="icon" href="data:,"><script type="importmap">{"imports":{"echolite":"/echolite/index.js"}}</script>' +
  '<script type="module" src="/page.js"></script>';

/** A seed says which kind of back end it is for, and whether the load is light: one round in four of each kind. */
function planOf(seed: number): { kind: WorldKind; light: boolean } {
  const kind = KINDS[seed % KINDS.length];
  if (!kind) throw new Error(`--seed ${seed} is no whole number from 0`);
  return { kind, light: Math.floor(seed / KINDS.length) % 4 === 0 };
}

/** The rounds of one kind, one after the other in one world. */
async function play(browser: Browser, files: FaultProxyFiles, seeds: number[]): Promise<Played> {
  const [first = 0] = seeds;
  const world = await World.start(browser, planOf(first).kind, files);
  const results: RoundResult[] = [];
  try {
    for (const seed of seeds) {
      const { kind, light } = planOf(seed);
      try {
        results.push(await world.round(scheduleOf(seed, kind, light)));
      } catch (error) {
        const again = `ECHOLITE_SEED=${seed} cargo xtask test --only "browser rounds"`;
        throw new Error(`${(error as Error).message}\nseed ${seed} fails; to play it alone: ${again}`);
      }
    }
  } finally {
    await world.end();
  }
  return { kind: world.kind, results, injected: world.injected };
}

export interface Played {
  kind: WorldKind;
  results: RoundResult[];
  injected: Map<string, number>;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' } } });
  const only = values.seed ?? process.env.ECHOLITE_SEED;
  const seeds = only
    ? [Number(only)]
    : Array.from({ length: Number(values.rounds ?? 20) }, (_, seed) => seed);
  const client = await packedClient();
  const browser = await startBrowser();
  try {
    const files = {
      made: {
        '/': PAGE,
        '/page.js': await bundle(repository('tests/e2e/rounds/page.ts'), ['echolite']),
      },
      folders: { '/echolite/': client.folder },
    };
    const shares = KINDS.map((kind) => seeds.filter((seed) => planOf(seed).kind === kind));
    const taken = shares.filter((share) => share.length > 0);
    const played = await inLanes(LANES, taken, (share) => play(browser, files, share));
    print(played);
  } finally {
    await browser.close();
    await client.remove();
  }
}

await main();
