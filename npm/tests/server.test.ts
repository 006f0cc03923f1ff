// @vitest-environment node
import { expect, it, vi } from 'vitest';
import Echo, { createCache, fromEnv } from '../src/index.js';
import { echolite } from '../src/vite.js';

it('does no harm on a server: everything is inert', async () => {
  vi.stubGlobal('WebSocket', () => {
    throw new Error('a server must not connect');
  });
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
  await expect(products.get(1)).rejects.toThrow('the cache does nothing on a server');
  await cache.clear();
  cache.close();
});

it('keeps Vite from pre-bundling', () => {
  expect(echolite().config()).toEqual({ optimizeDeps: { exclude: ['echolite'] } });
});
