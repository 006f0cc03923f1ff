/** The tables of docs/comparison.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { repository } from '@echolite/test-support';
import { CONTESTANTS } from './sides.js';
import type { Look, Outcome } from './stage.js';

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
    const reads = own.reduce((sum, outcome) => sum + outcome.reads, 0) / own.length;
    const longest = Math.max(...own.map(({ silent }) => silent)) / 1_000;
    const verdicts = (['right', 'told', 'silent'] as const).map((verdict) =>
      [0, 1].map(
        (look) => own.filter(({ looks }) => looks[look] && verdictOf(looks[look]) === verdict).length,
      ),
    );
    const cells = verdicts.map(([soon, later]) => `${soon} → ${later}`);
    lines.push(row([name, ...cells, `${longest.toFixed(1)} s`, reads.toFixed(1)]));
  }
  return lines.join('\n');
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
