/** The real Inertia, with an HTTP client that the test watches. */
import { http, router } from '@inertiajs/core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Echo, socketIdHeaders } from '../../src/index.js';
import { fakePorts } from '../support/fake-port.js';

/** The part of Inertia's event that the line reads. */
interface Before {
  detail: { visit: { url: URL; headers: Record<string, string> } };
}

const page = { component: 'Orders', props: {}, url: '/orders', version: '1' };
const request = vi.fn(async (_config: { url: string; headers?: Record<string, unknown> }) => ({
  status: 200,
  data: JSON.stringify(page),
  headers: { 'x-inertia': 'true' },
}));

beforeEach(() => {
  request.mockClear();
  vi.spyOn(window, 'scrollTo').mockImplementation(() => {});
  http.setClient({ request: request as never });
  router.init({
    initialPage: page as never,
    resolveComponent: (name: string) => name as never,
    swapComponent: async () => {},
  });
});

describe("Inertia's own HTTP client", () => {
  it('tells the socket id by the line of the guide', async () => {
    const { port, made } = fakePorts();
    const echo = new Echo({ broadcaster: 'reverb', key: 'k', port });
    const stop = router.on('before', ({ detail: { visit } }: Before) => {
      Object.assign(visit.headers, socketIdHeaders(echo, visit.url));
    });
    const told = async (visit: () => void) => {
      visit();
      await vi.waitFor(() => expect(request).toHaveBeenCalled());
      const headers = request.mock.lastCall?.[0].headers ?? {};
      request.mockClear();
      return [headers['X-Inertia'], headers.A, 'X-Socket-ID' in headers, headers['X-Socket-ID']];
    };
    expect(await told(() => router.get('/orders'))).toEqual([true, undefined, false, undefined]);
    made[0]?.onevent('connection', 'connected', '', '1.2');
    expect(await told(() => router.post('/orders', { id: 1 }))).toEqual([true, undefined, true, '1.2']);
    expect(await told(() => router.delete('/orders/1', { headers: { A: '1' } }))).toEqual([
      true,
      '1',
      true,
      '1.2',
    ]);
    expect(await told(() => router.get('https://elsewhere.example/x'))).toEqual([
      true,
      undefined,
      false,
      undefined,
    ]);
    stop();
    expect(await told(() => router.get('/orders'))).toEqual([true, undefined, false, undefined]);
  });
});
