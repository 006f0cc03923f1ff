import { describe, expect, it, vi } from 'vitest';
import { cacheModule } from '../../src/engine/cache-module.js';
import { echoModule } from '../../src/engine/echo-module.js';
import { loadAdvice } from '../../src/engine/load-advice.js';
import { LoadFailure } from '../../src/engine/wasm-module.js';

const notFound = (url: string, isGiven = false) =>
  new LoadFailure({ kind: 'status', status: 404 }, url, isGiven);
const words = (url: string, isGiven?: boolean) => loadAdvice(echoModule, notFound(url, isGiven));

describe('a module that was not found', () => {
  it('pre-bundled by Vite: the plugin', () => {
    const fix =
      "Vite pre-bundled the package: add echolite() from 'echolite/vite' to the plugins of your vite.config, or pass `wasmUrl`";
    expect(words('http://localhost:5173/node_modules/.vite/wasm/echo_bg.wasm')).toContain(fix);
    expect(words('/@fs/app/node_modules/.vite/deps/wasm/echo_bg.wasm?v=1')).toContain(fix);
  });

  it('named by a bundler: deploy it', () => {
    expect(words('https://shop.example/build/assets/echo_bg-D3ad.wasm')).toContain(
      'the bundler put it there: deploy that file with the scripts',
    );
  });

  it('bundled by webpack: its public path', () => {
    vi.stubGlobal('__webpack_require__', () => {});
    expect(words('https://shop.example/c0ffee.wasm')).toContain('webpack put it there: deploy that file');
    expect(words('https://shop.example/c0ffee.wasm')).toContain('`output.publicPath`');
  });

  it('left where it was: serve it', () => {
    const said = words('https://shop.example/wasm/echo_bg.wasm');
    expect(said).toContain(
      'serve node_modules/echolite/dist/wasm/echo_bg.wasm at this address, or pass `wasmUrl`',
    );
    expect(loadAdvice(cacheModule, notFound('https://shop.example/wasm/cache_bg.wasm'))).toContain(
      'serve node_modules/echolite/dist/wasm/cache_bg.wasm at this address, or pass `wasmUrl` to createCache',
    );
  });

  it('at the address that the application gave: that address', () => {
    expect(words('/assets/other.wasm', true)).toContain(
      'serve node_modules/echolite/dist/wasm/echo_bg.wasm at the address that `wasmUrl` gives',
    );
  });
});

it('of another origin: CORS and connect-src', () => {
  const said = (url: string) =>
    loadAdvice(echoModule, new LoadFailure({ kind: 'network', cause: 'Failed to fetch' }, url, false));
  expect(said('https://cdn.example/echo_bg.wasm')).toContain('must name it in connect-src');
  expect(said('https://cdn.example/echo_bg.wasm')).toContain('Access-Control-Allow-Origin');
  expect(said('https://shop.example/echo_bg.wasm')).not.toContain('connect-src');
});
