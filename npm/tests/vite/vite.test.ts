import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { echolite } from '../../src/vite.js';

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** A project in whose node_modules these packages have these names of their own. */
async function projectWith(packages: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'echolite-vite-'));
  folders.push(root);
  for (const [name, own] of Object.entries(packages)) {
    const folder = join(root, 'node_modules', name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: own, version: '1.0.0' }));
  }
  return root;
}

const HOOKS = ['@laravel/echo-react', '@laravel/echo-vue'];

describe('the plugin of Vite', () => {
  it('keeps Echolite alone from being bundled, and sets no alias', async () => {
    const root = await projectWith({ 'laravel-echo': 'laravel-echo', 'pusher-js': 'pusher-js' });
    const plain = {
      resolve: { alias: [], dedupe: ['echolite'] },
      optimizeDeps: { exclude: ['echolite'] },
      ssr: { noExternal: [] },
    };
    expect(echolite().config({ root })).toEqual(plain);
    expect(echolite().config({ root, resolve: { alias: { '@': '/src', vue: 'vue/dist/vue.js' } } })).toEqual(
      plain,
    );
    expect(echolite().config({ root: '/nowhere' })).toEqual(plain);
  });

  it('puts it in the place of laravel-echo and pusher-js by one option', () => {
    const { resolve, optimizeDeps, ssr } = echolite({ alias: true }).config();
    expect(ssr.noExternal).toEqual(HOOKS);
    expect(optimizeDeps.exclude).toEqual(['echolite', 'laravel-echo', 'pusher-js', ...HOOKS]);
    const led = (name: string) => resolve.alias.find(({ find }) => (find as RegExp).test(name))?.replacement;
    expect(led('laravel-echo')).toBe('echolite');
    for (const name of [
      'pusher-js',
      'pusher-js/with-encryption',
      'pusher-js/worker',
      'pusher-js/worker/with-encryption',
    ]) {
      expect(led(name)).toBe('echolite/pusher');
    }
    for (const name of [
      'laravel-echo-server',
      'my-pusher-js',
      'pusher-js-mock',
      'pusher-js/react-native',
      'pusher',
    ]) {
      expect(led(name)).toBeUndefined();
    }
  });

  it.each([
    [{ 'laravel-echo': 'echolite' }, ['laravel-echo']],
    [{ 'pusher-js': 'echolite/pusher' }, ['pusher-js', ...HOOKS]],
    [[{ find: 'laravel-echo', replacement: '/app/node_modules/echolite/dist/index.js' }], ['laravel-echo']],
    [[{ find: /^pusher-js/, replacement: 'echolite/pusher' }], ['pusher-js', ...HOOKS]],
    [{ 'pusher-js': 'C:\\app\\node_modules\\echolite\\dist\\pusher.js' }, ['pusher-js', ...HOOKS]],
    [{ 'pusher-js/with-encryption': 'echolite/pusher' }, ['pusher-js', ...HOOKS]],
    [[{ find: /^pusher-js\/worker$/, replacement: 'echolite/pusher' }], ['pusher-js', ...HOOKS]],
    [{ 'pusher-js-mock': 'echolite/pusher' }, []],
    [{ 'laravel-echo': './my-echolite-like.js' }, []],
  ])('sees the alias %o of the configuration', (alias, more) => {
    const { optimizeDeps, ssr } = echolite().config({ resolve: { alias } });
    expect(optimizeDeps.exclude).toEqual(['echolite', ...more]);
    expect(ssr.noExternal).toEqual(more.filter((name) => HOOKS.includes(name)));
  });

  it("sees what npm's overrides did", async () => {
    const root = await projectWith({ 'laravel-echo': 'echolite', 'pusher-js': '@echolite/pusher-js' });
    expect(echolite().config({ root }).optimizeDeps.exclude).toEqual([
      'echolite',
      'laravel-echo',
      'pusher-js',
      ...HOOKS,
    ]);
    // `vite web` and `root: 'web'` name a folder of the one that Vite runs in
    expect(echolite().config({ root: relative(process.cwd(), root) }).optimizeDeps.exclude).toContain(
      'pusher-js',
    );
  });
});
