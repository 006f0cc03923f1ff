// @vitest-environment node
import { readFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';
import { cacheModule } from '../../src/engine/cache-module.js';
import { echoModule } from '../../src/engine/echo-module.js';
import { loadAdvice } from '../../src/engine/load-advice.js';
import {
  type LoadFailure,
  loadWasm,
  type ModuleScript,
  type ModuleSource,
} from '../../src/engine/wasm-module.js';

const BUILT = new URL('../../dist/wasm/', import.meta.url);

/** The module as it is built, its script included. */
function built(source: ModuleSource): ModuleSource {
  const script = new URL(source.file.replace('_bg.wasm', '.js'), BUILT);
  return { ...source, script: () => import(script.href) as Promise<ModuleScript> };
}

it.each([
  [echoModule, cacheModule],
  [cacheModule, echoModule],
])('asks for its file where the address is that of the other engine', async (asked, answered) => {
  const bytes = await readFile(new URL(answered.file, BUILT));
  vi.stubGlobal(
    'fetch',
    async () => new Response(bytes, { headers: { 'Content-Type': 'application/wasm' } }),
  );
  const url = `/${answered.file}`;
  const message = await loadWasm(built(asked), url).then(
    () => 'it started',
    (failure: LoadFailure) => loadAdvice(asked, failure),
  );
  expect(message).toContain(`The WebAssembly module of ${asked.owner} at ${url} did not start`);
  expect(message).toContain(`is this ${asked.file}, and all of it? If not, serve node_modules/echolite/`);
  expect(message).toContain('at the address that `wasmUrl` gives');
  vi.unstubAllGlobals();
});
