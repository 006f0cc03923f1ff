import type { ModuleSource } from './wasm-module.js';

/** Location of Echo's WebAssembly module, for `loadWasm`. */
export const echoModule: ModuleSource = {
  owner: 'Echo',
  script: () => import('../wasm/echo.js'),
  url: () => new URL('../wasm/echo_bg.wasm', import.meta.url),
  file: 'echo_bg.wasm',
  fix: 'pass `wasmUrl`',
};
