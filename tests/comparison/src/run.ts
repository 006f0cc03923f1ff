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
  type Kind,
  packedClient,
  Random,
  repository,
  type Schedule,
  scheduleOf,
  startBrowser,
} from '@echolite/test-support';
import type { Browser } from 'playwright-core';
import { counted, insert, named, type Played } from './report.js';
import { type Named, SCHEDULES } from './schedules.js';
import type { Files } from './sides.js';
import { type Outcome, Stage } from './stage.js';
import { USERS } from './users.js';

const SMALL = ['two updates in one second', 'two events swapped', 'an event during a reconnect'];
const SEEDS = 20;
/** By chance everything may happen that happens in a browser: also a tab that is killed, and events that get lost. */
const KIND: Kind = { carries: ['row'], lossy: true, tabs: 1 };

async function playNamed(browser: Browser, files: Files, schedule: Named): Promise<Played> {
  const stage = await Stage.start(browser, files, schedule);
  try {
    await schedule.prepare?.(stage);
    if (!schedule.opens) await stage.open();
    await schedule.run(stage);
    const outcomes = await stage.judge(await schedule.truth?.(stage));
    return { name: schedule.name, story: schedule.story, outcomes };
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
    return { name: `seed ${seed}`, story: '', outcomes: await stage.judge() };
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
    if (step.do === 'edit') underWay.push(stage.backEnd.any(random, step.carries));
    else if (step.do === 'kill the server') underWay.push(stage.backEnd.crash());
    else if (step.do === 'kill a tab') underWay.push(stage.each((side) => side.reopen(step.crash)));
    else stage.faults((proxy) => inject(proxy, step));
  }
  await Promise.all(underWay);
}

function tell({ name, outcomes }: Played): void {
  console.log(`\n${name}`);
  for (const { contestant, isRight, saysFine, says, reads, silent, note } of outcomes) {
    const verdict = isRight ? 'right' : saysFine ? 'WRONG, SILENT' : 'wrong, says so';
    const silence = silent > 0 ? `, silent for ${silent} ms` : '';
    const words = [contestant.padEnd(24), verdict.padEnd(16), `${says}; ${reads} reads${silence}`];
    console.log(`  ${words.join(' ')}${note === undefined ? '' : `; ${note}`}`);
  }
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
    for (const schedule of chosen) {
      played.push(await playNamed(browser, files, schedule));
      tell(played.at(-1) as Played);
    }
    for (let seed = 0; seed < seeds; seed++) {
      byChance.push(await playSeed(browser, files, seed));
      tell(byChance.at(-1) as Played);
    }
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
  ].join('\n\n');
}

/** A lost event that nothing follows is the one thing that no client can see before it reads again. */
function mustHold(played: Played[]): void {
  const broken = played.filter(({ name, outcomes }) => outcomes.some((outcome) => isBroken(name, outcome)));
  if (broken.length > 0)
    throw new Error(`Echolite showed old rows as fresh: ${broken.map(({ name }) => name).join('; ')}`);
}

function isBroken(name: string, { contestant, isRight, saysFine }: Outcome): boolean {
  const isKnown = name.startsWith('an event that is lost') || name.startsWith('seed ');
  return contestant === 'Echolite' && !isRight && saysFine && !isKnown;
}

await main();
