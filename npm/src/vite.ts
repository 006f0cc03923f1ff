/** The plugin's shape, written out so that Vite itself is not needed. */
export interface EcholitePlugin {
  name: string;
  config(): { optimizeDeps: { exclude: string[] } };
}

/**
 * Keeps Vite 5 to 7 from pre-bundling Echolite in development, which would lose the WebAssembly module.
 *
 * @example
 * // vite.config.js
 * import { echolite } from 'echolite/vite';
 * export default { plugins: [echolite()] };
 */
export function echolite(): EcholitePlugin {
  return {
    name: 'echolite',
    config: () => ({ optimizeDeps: { exclude: ['echolite'] } }),
  };
}
