/**
 * Plays the same schedules to Echolite and to TanStack Query with its persister and laravel-echo, in Chromium, and
 * writes down what each ends up showing.
 *
 * `--small` plays three schedules and writes nothing; `--only WORD` plays those whose name has the word, and writes
 * nothing either; `--seeds 20` says how many schedules by chance there are.
 */
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  bundle,
  inject,
  inLanes,
  type Kind,
  packedClient,
  Random,
  repository,
  type Schedule,
  type Step,
  scheduleOf,
  startBrowser,
} from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import { beside, counted, insert, named, type Played, verdictOf } from './report.js';
import { type Named, SCHEDULES } from './schedules.js';
import type { Files } from './sides.js';
import { type Outcome, Stage } from './stage.js';
import { USERS } from './users.js';

const SMALL = ['two updates in one second', 'two events swapped', 'an event during a reconnect'];
const SEEDS = 20;
/** So many at a time: most of a schedule is waiting. */
const LANES = 2;
/** By chance everything may happen that happens in a browser: also a tab that is killed, and events that get lost. */
const KIND: Kind = { carries: ['row'], lossy: true, tabs: 1 };

async function playNamed(browser: Browser, files: Files, schedule: Named): Promise<Played> {
  const stage = await Stage.start(browser, files, schedule);
  try {
    await schedule.prepare?.(stage);
    if (!schedule.opens) await stage.open();
    await schedule.run(stage);
    const outcomes = await stage.judge(await schedule.truth?.(stage));
    return tell({ name: schedule.name, story: schedule.story, outcomes });
  } finally {
    await stage.close();
  }
}

/** A schedule by chance, which befalls all clients in the same moments. */
async function playSeed(browser: Browser, files: Files, seed: number): Promise<Played> {
  const stage = await Stage.start(browser, files, {});
  try {
    await stage.open();
    await act(stage, scheduleOf(seed, KIND, false));
    return tell({ name: `seed ${seed}`, story: '', outcomes: await stage.judge() });
  } finally {
    await stage.close();
  }
}

async function act(stage: Stage, { seed, steps }: Schedule): Promise<void> {
  const random = new Random(seed ^ 0x5eed);
  const began = performance.now();
  const underWay: Promise<unknown>[] = [];
  for (const step of steps) {
    await pause(Math.max(0, began + step.at - performance.now()));
    const acted = actAlone(stage, step, random);
    // it is waited for below; until then a failure is nobody's
    acted?.catch(() => {});
    if (acted) underWay.push(acted);
    else stage.faults((proxy) => inject(proxy, step));
  }
  await Promise.all(underWay);
}

/** What befalls the back end or the tabs; `undefined` for what is the proxies'. */
function actAlone(stage: Stage, step: Step, random: Random): Promise<unknown> | undefined {
  switch (step.do) {
    case 'edit':
      return stage.backEnd.any(random, step.carries);
    case 'kill the server':
      return stage.backEnd.crash();
    case 'kill a tab':
      return stage.each((side) => side.reopen(step.crash));
    default:
      return undefined;
  }
}

function tell(played: Played): Played {
  const { name, outcomes } = played;
  console.log(`\n${name}`);
  for (const { contestant, looks, reads, silent, note } of outcomes) {
    const seen = looks.map((look) => `${verdictOf(look)} (${look.says})`).join(' → ');
    const silence = silent > 0 ? `, silent for ${silent} ms` : '';
    console.log(`  ${contestant.padEnd(24)} ${seen}; ${reads} reads${silence}${note ? `; ${note}` : ''}`);
  }
  return played;
}

function versions(): string {
  const require = createRequire(import.meta.url);
  const version = (name: string) => {
    const path = repository('node_modules', name, 'package.json');
    return `${name} ${(require(path) as { version: string }).version}`;
  };
  const names = [
    '@tanstack/query-core',
    '@tanstack/query-persist-client-core',
    'idb-keyval',
    'laravel-echo',
    'pusher-js',
  ];
  return names.map(version).join(', ');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { small: { type: 'boolean' }, only: { type: 'string' }, seeds: { type: 'string' } },
  });
  const all = [...SCHEDULES, USERS];
  const chosen = all.filter(({ name }) => {
    if (values.small) return SMALL.includes(name);
    return values.only === undefined || name.includes(values.only);
  });
  const isWhole = chosen.length === all.length;
  const seeds = isWhole ? Number(values.seeds ?? SEEDS) : 0;
  const client = await packedClient();
  const browser = await startBrowser();
  const played: Played[] = [];
  const byChance: Played[] = [];
  try {
    const files = await filesOf(client.folder);
    // nothing of the small ones is written down: they may disturb each other
    const lanes = values.small ? SMALL.length : LANES;
    played.push(...(await inLanes(lanes, chosen, (schedule) => playNamed(browser, files, schedule))));
    const numbers = Array.from({ length: seeds }, (_, seed) => seed);
    byChance.push(...(await inLanes(LANES, numbers, (seed) => playSeed(browser, files, seed))));
  } finally {
    await browser.close();
    await client.remove();
  }
  if (isWhole) await insert(text(played, byChance, browser.version()));
  mustHold([...played, ...byChance]);
}

async function filesOf(folder: string): Promise<Files> {
  const page = (name: string) =>
    '<!doctype html><link rel="icon" href="data:,">' +
    '<script type="importmap">{"imports":{"echolite":"/echolite/index.js"}}</script>' +
    `<script type="module" src="/${name}.js"></script>`;
  const script = (name: string) => bundle(repository(`tests/comparison/src/page-${name}.ts`), ['echolite']);
  return {
    made: {
      '/echolite': page('page-echolite'),
      '/tanstack': page('page-tanstack'),
      '/page-echolite.js': await script('echolite'),
      '/page-tanstack.js': await script('tanstack'),
    },
    folders: { '/echolite/': folder },
  };
}

function text(played: Played[], byChance: Played[], chromium: string): string {
  return [
    `Played in Chromium ${chromium}; ${versions()}; Echolite of this repository.`,
    '### The named schedules',
    named(played),
    `### ${byChance.length} schedules by chance`,
    counted(byChance),
    '### Echolite before and after the amendments',
    beside(played, byChance),
  ].join('\n\n');
}

/** A lost event that nothing follows is the one thing that no client can see before it reads again. */
function mustHold(played: Played[]): void {
  const broken = played.filter(({ name, outcomes }) => outcomes.some((outcome) => isBroken(name, outcome)));
  if (broken.length > 0)
    throw new Error(`Echolite showed old rows as fresh: ${broken.map(({ name }) => name).join('; ')}`);
}

function isBroken(name: string, { contestant, looks }: Outcome): boolean {
  const isKnown = name.startsWith('an event that is lost') || name.startsWith('seed ');
  return contestant.startsWith('Echolite') && !isKnown && looks.some((look) => verdictOf(look) === 'silent');
}

await main();
