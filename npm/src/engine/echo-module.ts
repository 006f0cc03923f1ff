import type { ModuleSource } from './wasm-module.js';

/** Echo's WebAssembly module: connection, channels and user. */
export const echoModule: ModuleSource = {
  owner: 'Echo',
  script: () => import('../wasm/echo.js'),
  url: () => new URL('../wasm/echo_bg.wasm', import.meta.url),
  mark: 'engine_subscribe',
  fix: 'pass `wasmUrl`',
};
