/** The tables of docs/comparison.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { repository } from '@echolite/test-support';
import { BEFORE, BEFORE_BY_CHANCE, type Figure } from './before.js';
import { CONTESTANTS } from './sides.js';
import { LOOKS, type Look, type Outcome } from './stage.js';

export interface Played {
  name: string;
  story: string;
  outcomes: Outcome[];
}

const BEGIN = '<!-- written by `cargo xtask compare` from here -->';
const END = '<!-- to here -->';

export function named(played: Played[]): string {
  const heads = CONTESTANTS.map(({ name }) => name);
  const lines = [row(['schedule', ...heads]), row(['---', ...heads.map(() => '---')])];
  for (const { name, story, outcomes } of played) {
    lines.push(row([`**${name}**: ${story}`, ...heads.map((head) => cellOf(head, outcomes))]));
  }
  return lines.join('\n');
}

function cellOf(contestant: string, outcomes: Outcome[]): string {
  const outcome = outcomes.find((other) => other.contestant === contestant);
  return outcome ? cell(outcome) : '–';
}

/** Bold is what the comparison is about: old rows, and nothing says so. */
function cell({ looks, reads, note }: Outcome): string {
  const [soon, later] = looks.map((look) => `${look.isRight ? '' : WORDS[verdictOf(look)]}${look.says}`);
  const seen = soon === later || later === undefined ? [soon] : [soon, `after 20 s ${later}`];
  return [...seen, count(reads, 'read'), ...(note === undefined ? [] : [note])].join('; ');
}

export type Verdict = 'right' | 'told' | 'silent';

const WORDS: Record<Verdict, string> = {
  right: '',
  told: 'old rows, and says ',
  silent: '**old rows**, says ',
};

export function verdictOf({ isRight, saysFine }: Look): Verdict {
  if (isRight) return 'right';
  return saysFine ? 'silent' : 'told';
}

/** Of many seeded schedules, how often each ended how, and what it cost. */
export function counted(played: Played[]): string {
  const names = [...new Set(played.flatMap(({ outcomes }) => outcomes.map(({ contestant }) => contestant)))];
  const heads = ['', 'right', 'old rows, said so', 'old rows, silent', 'longest silence', 'reads a schedule'];
  const lines = [row(heads), row(heads.map(() => '---'))];
  for (const name of names) {
    const own = played.flatMap(({ outcomes }) => outcomes.filter(({ contestant }) => contestant === name));
    const longest = Math.max(...own.map(({ silent }) => silent)) / 1_000;
    const verdicts = (['right', 'told', 'silent'] as const).map((verdict) =>
      [0, 1].map(
        (look) => own.filter(({ looks }) => looks[look] && verdictOf(looks[look]) === verdict).length,
      ),
    );
    const cells = verdicts.map(([soon, later]) => `${soon} → ${later}`);
    lines.push(row([name, ...cells, `${longest.toFixed(1)} s`, meanReads(played, name)]));
  }
  return lines.join('\n');
}

/** Echolite's reads, and when its list was right, beside what they were before the contract was amended. */
export function beside(played: Played[], byChance: Played[]): string {
  const names = CONTESTANTS.filter(({ page }) => page === 'echolite').map(({ name }) => name);
  const heads = names.flatMap((name) => [`${name}, before`, 'now']);
  const lines = [row(['schedule', ...heads]), row(['---', ...heads.map(() => '---')])];
  for (const { name, outcomes } of played) {
    const cells = names.flatMap((contestant, at) => {
      const outcome = outcomes.find((other) => other.contestant === contestant);
      return [figure(BEFORE[name]?.[at]), figure(outcome && figureOf(outcome))];
    });
    lines.push(row([name, ...cells]));
  }
  const chances = names.flatMap((name, at) => [
    `${BEFORE_BY_CHANCE[at]} reads`,
    `${meanReads(byChance, name)} reads`,
  ]);
  lines.push(row([`by chance (8 before, ${byChance.length} now), on average`, ...chances]));
  return lines.join('\n');
}

function figureOf({ reads, looks }: Outcome): Figure {
  const first = looks.findIndex(({ isRight }) => isRight);
  const look = LOOKS[first];
  return [reads, look === undefined ? undefined : look / 1_000];
}

function figure(figure: Figure | undefined): string {
  if (figure === undefined) return '–';
  const [reads, right] = figure;
  return `${count(reads, 'read')}, ${right === undefined ? 'old rows' : `right after ${right} s`}`;
}

function meanReads(played: Played[], contestant: string): string {
  const own = played.flatMap(({ outcomes }) =>
    outcomes.filter((outcome) => outcome.contestant === contestant),
  );
  return (own.reduce((sum, { reads }) => sum + reads, 0) / own.length).toFixed(1);
}

/** Puts `text` between the marks of the document, and leaves the rest as it is. */
export async function insert(text: string): Promise<void> {
  const path = repository('docs/comparison.md');
  const document = await readFile(path, 'utf8');
  const [before, rest] = document.split(BEGIN);
  const [, after] = (rest ?? '').split(END);
  if (after === undefined) throw new Error(`${path} has lost its marks: ${BEGIN} … ${END}`);
  await writeFile(path, `${before}${BEGIN}\n\n${text}\n\n${END}${after}`);
}

function row(cells: (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
