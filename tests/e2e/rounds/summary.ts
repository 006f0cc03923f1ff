/** The figures of all rounds, and the one claim that only all of them together can break. */
import type { Played } from './run.js';
import type { RoundResult } from './world.js';

/** Under light load, at least this part of the time is fresh. */
const FRESH_AT_LEAST = 0.5;

export function print(played: Played[]): void {
  const all = played.flatMap(({ results }) => results);
  console.log(
    '\n| back end | rounds | edits | fresh, light load | fresh, heavy load | to fresh p50 / p95 ms | reads a round |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const { kind, results } of played) console.log(line(kind.name, results));
  console.log(line('all', all));
  const faults = new Map<string, number>();
  for (const { injected } of played) {
    for (const [name, count] of injected) faults.set(name, (faults.get(name) ?? 0) + count);
  }
  const counts = [...faults]
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`);
  console.log(`\nfaults: ${counts.join(', ')}`);
  const share = freshShare(all.filter(({ light }) => light));
  if (share !== undefined && share < FRESH_AT_LEAST) {
    throw new Error(
      `Under light load the lists were fresh ${percent(share)} of the time; expected half of it.`,
    );
  }
}

function line(name: string, results: RoundResult[]): string {
  const settled = results.flatMap((result) => result.settled).sort((one, other) => one - other);
  const at = (part: number) => settled[Math.floor((settled.length - 1) * part)] ?? 0;
  const cells = [
    name,
    results.length,
    total(results, 'edits'),
    percent(freshShare(results.filter(({ light }) => light))),
    percent(freshShare(results.filter(({ light }) => !light))),
    `${at(0.5)} / ${at(0.95)}`,
    (total(results, 'reads') / results.length).toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** `undefined` where nothing was watched. */
function freshShare(results: RoundResult[]): number | undefined {
  const watched = total(results, 'watched');
  return watched === 0 ? undefined : total(results, 'fresh') / watched;
}

function percent(part: number | undefined): string {
  return part === undefined ? '–' : `${Math.round(part * 100)} %`;
}

function total(results: RoundResult[], figure: 'watched' | 'fresh' | 'edits' | 'reads'): number {
  return results.reduce((sum, result) => sum + result[figure], 0);
}
