import type { ModuleSource } from './wasm-module.js';

/** The cache's WebAssembly module: it has what Echo's has, and the lists. */
export const cacheModule: ModuleSource = {
  owner: 'the cache',
  script: () => import('../wasm/cache.js'),
  url: () => new URL('../wasm/cache_bg.wasm', import.meta.url),
  mark: 'engine_resource',
  fix: 'pass `wasmUrl` to createCache',
};
