// @vitest-environment node
import { expect, it } from 'vitest';
import { cacheModule } from '../../src/engine/cache-module.js';
import { echoModule } from '../../src/engine/echo-module.js';
import type { CacheCommand, EchoCommand } from '../../src/engine/port.js';
import type { ModuleScript } from '../../src/engine/wasm-module.js';

const BUILT = new URL('../../dist/wasm/', import.meta.url);

const COMMON = { connect: 0, page: 0, authorized: 0, inspect: 0 } as const;
/** Whether each of them is here is seen by the compiler. */
const ECHO: Record<EchoCommand[0], 0> = {
  ...COMMON,
  disconnect: 0,
  subscribe: 0,
  unsubscribe: 0,
  trigger: 0,
  signIn: 0,
  signOut: 0,
  authenticated: 0,
};
const CACHE: Record<CacheCommand[0], 0> = {
  ...COMMON,
  release: 0,
  retire: 0,
  forget: 0,
  look: 0,
  resource: 0,
  closeResource: 0,
  live: 0,
  closeLive: 0,
  get: 0,
  refresh: 0,
  readDone: 0,
  readProgress: 0,
  consulted: 0,
  clear: 0,
};

it.each([
  [echoModule, ECHO],
  [cacheModule, CACHE],
])('the commands of the port are the methods of the engine that is built', async ({ file }, commands) => {
  const url = new URL(file.replace('_bg.wasm', '.js'), BUILT);
  const { Engine } = (await import(url.href)) as ModuleScript;
  const generated = ['constructor', 'free', '__destroy_into_raw'];
  const methods = Object.getOwnPropertyNames(Engine.prototype).filter((name) => !generated.includes(name));
  expect(methods.sort()).toEqual(Object.keys(commands).sort());
});
