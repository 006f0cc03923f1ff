/** The tables of docs/comparison.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { repository } from '@echolite/test-support';
import type { Outcome } from './stage.js';

export interface Played {
  name: string;
  story: string;
  outcomes: Outcome[];
}

const BEGIN = '<!-- written by `cargo xtask compare` from here -->';
const END = '<!-- to here -->';

export function named(played: Played[]): string {
  const [first] = played;
  if (!first) return '';
  const heads = first.outcomes.map(({ contestant }) => contestant);
  const lines = [row(['schedule', ...heads]), row(['---', ...heads.map(() => '---')])];
  for (const { name, story, outcomes } of played) {
    lines.push(row([`**${name}**: ${story}`, ...outcomes.map(cell)]));
  }
  return lines.join('\n');
}

/** Bold is what the comparison is about: old rows, and nothing says so. */
function cell({ isRight, saysFine, says, reads, note }: Outcome): string {
  const verdict = isRight ? 'right' : saysFine ? '**wrong, silent**' : 'wrong, and says so';
  const words = [`${verdict}: ${says}`, count(reads, 'read'), ...(note === undefined ? [] : [note])];
  return words.join('; ');
}

/** Of many seeded schedules, how often each ended how, and what it cost. */
export function counted(played: Played[]): string {
  const names = [...new Set(played.flatMap(({ outcomes }) => outcomes.map(({ contestant }) => contestant)))];
  const heads = ['', 'right', 'wrong, and says so', 'wrong, silent', 'longest silence', 'reads a schedule'];
  const lines = [row(heads), row(heads.map(() => '---'))];
  for (const name of names) {
    const own = played.flatMap(({ outcomes }) => outcomes.filter(({ contestant }) => contestant === name));
    const reads = own.reduce((sum, outcome) => sum + outcome.reads, 0) / own.length;
    lines.push(
      row([
        name,
        own.filter(({ isRight }) => isRight).length,
        own.filter(({ isRight, saysFine }) => !isRight && !saysFine).length,
        own.filter(({ isRight, saysFine }) => !isRight && saysFine).length,
        `${(Math.max(...own.map(({ silent }) => silent)) / 1_000).toFixed(1)} s`,
        reads.toFixed(1),
      ]),
    );
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
