// @vitest-environment node
import { expect, it, vi } from 'vitest';
import Echo, { createCache, fromEnv } from '../src/index.js';
import { echolite } from '../src/vite.js';

it('does no harm on a server: everything is inert', async () => {
  vi.stubGlobal('WebSocket', () => {
    throw new Error('a server must not connect');
  });
  const info = vi.spyOn(console, 'info').mockImplementation(() => {});
  const echo = new Echo(fromEnv({ VITE_REVERB_APP_KEY: 'k' }));
  const heard = vi.fn();
  const channel = echo.private('a').listen('E', heard).subscribed(heard).error(heard).whisper('x', {});
  expect(channel.name).toBe('private-a');
  expect(echo.connectionStatus()).toBe('disconnected');
  expect(echo.connector.pusher.connection.state).toBe('disconnected');
  expect(echo.socketId()).toBeUndefined();

  const cache = createCache({ echo, scope: null });
  const products = cache.resource<{ id: number }>('products', {
    url: '/api/products',
    channel: 'products',
    on: { ProductChanged: 'auto' },
  });
  const live = products.live();
  live.subscribe(heard);
  expect(heard).toHaveBeenCalledExactlyOnceWith({
    rows: [],
    total: 0,
    status: { state: 'empty', reason: 'idle' },
    changes: [],
  });
  expect(cache.connectionState).toBe('disconnected');
  await expect(products.get(1)).rejects.toThrow('nothing is connected on a server');
  await cache.clear();
  cache.close();
  // a server is told once, however many users it renders pages for
  new Echo({ broadcaster: 'reverb', key: 'k' });
  createCache({ echo, scope: null }).close();
  const why = 'nothing is connected on a server, only in a page or a dedicated worker';
  expect(info.mock.calls).toEqual([
    [`Echo does nothing here: ${why}.`],
    [`A cache does nothing here: ${why}.`],
  ]);
});

it.each([
  ['SharedWorkerGlobalScope', 'shared'],
  ['ServiceWorkerGlobalScope', 'service'],
])('says in a %s that it does nothing there', async (scope, kind) => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  vi.stubGlobal(scope, class {});
  const echo = new Echo({ broadcaster: 'reverb', key: 'k' });
  new Echo({ broadcaster: 'reverb', key: 'k' });
  const cache = createCache({ echo, scope: 7 });
  const why = `nothing is connected in a ${kind} worker; make it in the page, or in a dedicated worker`;
  expect(echo.connector.pusher.connection.reason).toBe(why);
  expect(await cache.inspect()).toEqual({ inert: why });
  expect(warn.mock.calls).toEqual([
    [`Echo does nothing here: ${why}.`],
    [`A cache does nothing here: ${why}.`],
  ]);
});

it('keeps Vite from pre-bundling', () => {
  expect(echolite().config().optimizeDeps).toEqual({ exclude: ['echolite'] });
});
