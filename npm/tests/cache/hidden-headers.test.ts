import { afterEach, beforeEach, expect, it, type MockInstance, vi } from 'vitest';
import { hiddenHeaders } from '../../src/cache/hidden-headers.js';
import { forgetSaid } from '../../src/common/console.js';
import { PRODUCTS, setUp } from '../support/cache.js';
import { only } from '../support/fake-port.js';

const ALL = ['Age', 'ETag', 'Link', 'Retry-After', 'X-Cache-Head', 'X-Cache-Scope'];

/** An answer with the headers that the page may read. */
function answer(headers: Record<string, string>, type: ResponseType = 'cors', path = '/products'): Response {
  const response = new Response('[]', { headers });
  const url = `https://api.example${path}`;
  return Object.defineProperties(response, { type: { value: type }, url: { value: url } });
}

let warn: MockInstance<typeof console.warn>;
beforeEach(() => {
  forgetSaid();
  warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => vi.unstubAllGlobals());

it.each<[what: string, headers: Record<string, string>, hidden: string[]]>([
  ['nothing but what any page may read', { 'Content-Type': 'application/json' }, ALL],
  ['an ETag alone', { ETag: '"1"' }, ALL.filter((name) => name !== 'ETag')],
  ['a head alone', { 'x-cache-head': 'e;1' }, ALL.filter((name) => name !== 'X-Cache-Head')],
  ['a Date', { Date: 'Sun, 29 Nov 2026 01:00:00 GMT' }, []],
  ['an Age', { age: '20' }, []],
])('an answer of another origin that shows %s', (_what, headers, hidden) => {
  expect(hiddenHeaders(answer(headers))).toEqual(hidden);
  expect(warn).toHaveBeenCalledTimes(hidden.length > 0 ? 1 : 0);
});

it('is said once an origin, with what was found and the fix', () => {
  hiddenHeaders(answer({}));
  hiddenHeaders(answer({ etag: '"1"' }, 'cors', '/orders'));
  expect(warn.mock.calls).toEqual([
    [
      'https://api.example hides headers of its answers from pages of https://shop.example ' +
        '(Age, ETag, Link, Retry-After, X-Cache-Head, X-Cache-Scope): the cache cannot tell an answer that a CDN kept from a ' +
        'new one, nor whether rows changed since. Send `Access-Control-Expose-Headers: Date, Age, ETag, Link, Retry-After, ' +
        'X-Cache-Head, X-Cache-Scope`; `Date` shows the cache that it was done.',
    ],
  ]);
});

it.each(['basic', 'default', 'error'] as const)('is not said of an answer that is %s', (type) => {
  expect(hiddenHeaders(answer({}, type))).toEqual([]);
  expect(warn).not.toHaveBeenCalled();
});

it('is named by inspect() as long as the answers are so', async () => {
  const fetched = vi.fn(async () => answer({}));
  vi.stubGlobal('fetch', fetched);
  const { cache, made } = setUp();
  cache.resource('products', { ...PRODUCTS, url: 'https://api.example/products' });
  cache.resource('orders', PRODUCTS);
  const port = only(made);
  const url = 'https://api.example/products';
  const inspected = async () => {
    const facts = cache.inspect();
    const [, request] = port.named('inspect').at(-1) ?? [];
    port.onevent('inspected', request as number, {
      resources: { products: { rows: 1 }, orders: { rows: 2 } },
    });
    return facts;
  };
  const read = async (request: number) => {
    port.onevent('read', request, { resource: 'products', target: 'list', url });
    await vi.waitFor(() => expect(port.named('readDone').at(-1)?.[1]).toBe(request));
  };

  await read(1);
  expect(await inspected()).toEqual({
    resources: { products: { rows: 1, hiddenHeaders: ALL }, orders: { rows: 2 } },
  });
  fetched.mockResolvedValue(answer({ Date: 'Sun, 29 Nov 2026 01:00:00 GMT' }));
  await read(2);
  expect(await inspected()).toEqual({ resources: { products: { rows: 1 }, orders: { rows: 2 } } });
  cache.close();
});
