/** Runs a script with the Python that has Pusher's SDK. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { repository } from '@echolite/test-support';

const PYTHON = repository('target/tools/py/bin/python');

/** Gives `input` to a script of this folder as JSON, and takes the JSON that it prints. */
export async function python(script: string, words: string[] = [], input: unknown = null): Promise<unknown> {
  if (!existsSync(PYTHON)) throw new Error(`${PYTHON} is missing; \`cargo xtask setup\` makes it`);
  const path = repository('tests/interop/src', script);
  const child = spawn(PYTHON, [path, ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => {}); // It may end without having read.
  child.stdin.end(JSON.stringify(input));
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
  return JSON.parse(said);
}
