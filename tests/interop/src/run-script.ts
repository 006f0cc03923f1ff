/** Runs scripts in other languages: JSON goes in, JSON comes out. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { repository } from '@echolite/test-support';

/** With the Python that has Pusher's SDK. */
export function python(script: string, words: string[] = [], input: unknown = null): Promise<unknown> {
  return run(repository('target/tools/py/bin/python'), [`src/${script}`, ...words], input);
}

/** With Debian's PHP, which finds Laravel by itself. */
export function php(script: string, input: unknown): Promise<unknown> {
  return run('/usr/bin/php', [`php/${script}`], input);
}

async function run(program: string, words: string[], input: unknown): Promise<unknown> {
  if (!existsSync(program)) throw new Error(`${program} is missing; \`cargo xtask setup\` installs it`);
  const cwd = repository('tests/interop');
  const child = spawn(program, words, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => {}); // It may end without having read.
  child.stdin.end(JSON.stringify(input));
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`${words[0]} ended with ${code}`);
  return JSON.parse(said);
}
