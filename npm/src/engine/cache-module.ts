import type { ModuleSource } from './wasm-module.js';

/** Location of the cache's WebAssembly module, for `loadWasm`. */
export const cacheModule: ModuleSource = {
  owner: 'the cache',
  script: () => import('../wasm/cache.js'),
  url: () => new URL('../wasm/cache_bg.wasm', import.meta.url),
  file: 'cache_bg.wasm',
  fix: 'pass `wasmUrl` to createCache',
};
