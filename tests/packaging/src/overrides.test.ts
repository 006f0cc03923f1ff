/** `@echolite/pusher-js` as packed, put by npm's `overrides` where a package asks for pusher-js: as `docs/pusher.md` has it. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '@echolite/test-support';
import { afterAll, beforeAll, expect, it } from 'vitest';

const execute = promisify(execFile);
/** Outside of the repository, whose node_modules have the stock packages. */
let folder: string;

/** Writes a package's manifest, and its only module. */
async function write(at: string, manifest: object, module = ''): Promise<void> {
  await mkdir(at, { recursive: true });
  await writeFile(
    join(at, 'package.json'),
    JSON.stringify({ version: '1.0.0', type: 'module', exports: './index.js', ...manifest }),
  );
  await writeFile(join(at, 'index.js'), module);
}

async function npm(...args: string[]): Promise<string> {
  const { stdout } = await execute('npm', args, { cwd: folder, timeout: 100_000 });
  return stdout.trim();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'echolite-overrides-'));
  await cp(repository('target/npm/echolite.tgz'), join(folder, 'echolite.tgz'));
  const standIn = await npm('pack', '--silent', repository('npm/pusher-js'));
  // as @laravel/echo-react and -vue ask for it
  const hook = { name: 'hook', peerDependencies: { 'pusher-js': '*', 'laravel-echo': '^2.0.0' } };
  await write(join(folder, 'hook'), hook, "export { default as Pusher } from 'pusher-js';");
  const old = { name: 'old', dependencies: { 'pusher-js': '^7.0.0' } };
  await write(join(folder, 'old'), old, "export { default as Pusher } from 'pusher-js/with-encryption';");
  const dependencies = {
    echolite: 'file:echolite.tgz',
    'laravel-echo': 'file:echolite.tgz',
    'pusher-js': `file:${standIn}`,
    hook: 'file:hook',
    old: 'file:old',
  };
  const overrides = { 'laravel-echo': '$laravel-echo', 'pusher-js': '$pusher-js' };
  await write(folder, { name: 'shop', private: true, dependencies, overrides });
  await npm('install', '--offline', '--install-links', '--no-audit', '--no-fund', '--loglevel=error');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it('is the only pusher-js, whoever asks for it and of whatever version', async () => {
  const found = await npm('ls', 'pusher-js', '--all', '--parseable');
  expect(found.split('\n')).toEqual([join(folder, 'node_modules/pusher-js')]);
  const manifest = await readFile(join(folder, 'node_modules/pusher-js/package.json'), 'utf8');
  expect(JSON.parse(manifest).name).toBe('@echolite/pusher-js');
});

it('gives everybody the class of echolite/pusher', async () => {
  const script = `
    import Pusher from 'echolite/pusher';
    import Echo from 'laravel-echo';
    import standIn, { Members } from 'pusher-js';
    import encrypted from 'pusher-js/with-encryption';
    import worker from 'pusher-js/worker';
    import both from 'pusher-js/worker/with-encryption';
    import { Pusher as hook } from 'hook';
    import { Pusher as old } from 'old';
    const client = new hook('key', { cluster: 'eu' });
    const echo = new Echo({ broadcaster: 'pusher', client });
    console.log(JSON.stringify([
      [standIn, encrypted, worker, both, hook, old].every((each) => each === Pusher),
      typeof Members,
      echo.connector.pusher === client,
      echo.connectionStatus(),
    ]));`;
  const node = execute(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder,
    timeout: 30_000,
  });
  const { stdout } = await node;
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual([
    true,
    'function',
    true,
    'disconnected',
  ]);
});
