/// <reference types="node" />
import { createRequire } from 'node:module';
import { resolve as absolute, join } from 'node:path';

/** Options of `echolite()`. */
export interface EcholiteOptions {
  /**
   * Puts Echolite in the place of `laravel-echo` and `pusher-js`, wherever they are imported: in the application, and in
   * packages such as `@laravel/echo-react` and `@laravel/echo-vue`. Default: false.
   */
  alias?: boolean;
}

/** An alias as Vite takes it. */
interface Alias {
  find: string | RegExp;
  replacement: string;
}

/** The part of Vite's configuration that is read. */
interface UserConfig {
  root?: string;
  resolve?: { alias?: readonly Alias[] | Record<string, unknown> };
}

/** The plugin's shape, written out so that Vite itself is not needed. */
export interface EcholitePlugin {
  name: string;
  config(user?: UserConfig): {
    resolve: { alias: Alias[]; dedupe: string[] };
    optimizeDeps: { exclude: string[] };
    ssr: { noExternal: string[] };
  };
}

/** The names under which Echolite is imported, once it stands in for another package. */
const STOCK = ['laravel-echo', 'pusher-js'];
/** Packages that import them. */
const HOOKS = ['@laravel/echo-react', '@laravel/echo-vue'];

/** Modules of a package that may be imported, and aliased, alone. */
const MODULES = ['', '/with-encryption', '/worker', '/worker/with-encryption'];

const ALIASES: Alias[] = [
  { find: /^laravel-echo$/, replacement: 'echolite' },
  { find: /^pusher-js(\/(worker\/)?with-encryption|\/worker)?$/, replacement: 'echolite/pusher' },
];

/**
 * Keeps Vite 5 to 7 from pre-bundling Echolite in development, which would lose the WebAssembly module: by its own name,
 * and by those that an alias of the configuration or npm's `overrides` give it.
 *
 * @example
 * // vite.config.js
 * import { echolite } from 'echolite/vite';
 * export default { plugins: [echolite({ alias: true })] };
 */
export function echolite({ alias = false }: EcholiteOptions = {}): EcholitePlugin {
  return {
    name: 'echolite',
    config(user = {}) {
      const stands = STOCK.filter((name) => alias || isAliased(user, name) || isOverridden(user, name));
      // what imports them must not be bundled with them
      const hooks = stands.includes('pusher-js') ? HOOKS : [];
      const exclude = ['echolite', ...stands, ...hooks];
      // one copy in the page, whoever imports it
      const resolve = { alias: alias ? ALIASES : [], dedupe: ['echolite'] };
      // on a server Node would resolve what these packages import, and knows no aliases
      return { resolve, optimizeDeps: { exclude }, ssr: { noExternal: hooks } };
    },
  };
}

/** Whether the configuration has an alias of this package, or of a module of it, that leads to Echolite. */
function isAliased({ resolve }: UserConfig, name: string): boolean {
  const { alias = {} } = resolve ?? {};
  const all = Array.isArray(alias)
    ? (alias as readonly Alias[])
    : Object.entries(alias).map(([find, replacement]) => ({ find, replacement }));
  return all.some(
    ({ find, replacement }) =>
      MODULES.some((path) => (find instanceof RegExp ? find.test(name + path) : find === name + path)) &&
      /(^|[\\/])echolite([\\/]|$)/.test(String(replacement)),
  );
}

/** Whether npm has put Echolite where a package of this name would be. */
function isOverridden({ root = process.cwd() }: UserConfig, name: string): boolean {
  try {
    const { name: own } = createRequire(join(absolute(root), 'package.json'))(`${name}/package.json`);
    return /^(@echolite\/|echolite$)/.test(own);
  } catch {
    return false;
  }
}
