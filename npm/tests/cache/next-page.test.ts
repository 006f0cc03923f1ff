/** Pages as back ends answer them: Laravel's paginators, and others by option. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { defineResource } from '../../src/cache/definition.js';
import { HttpReader } from '../../src/cache/http-reader.js';
import type { ResourceOptions } from '../../src/cache/resource-options.js';
import type { WireRead } from '../../src/engine/port.js';
import { fillOptions } from '../../src/options/fill-options.js';

interface Product {
  id: number;
}

const LIST = 'https://shop.example/api/products';
const ROWS = [{ id: 1 }];
const fetched = vi.fn<(url: URL, init: RequestInit) => Promise<Response>>();

async function read(
  body: unknown,
  options: Partial<ResourceOptions<Product>>,
  request: Partial<WireRead> = {},
  init: ResponseInit = {},
) {
  fetched.mockResolvedValue(new Response(JSON.stringify(body), init));
  const own = { url: LIST, channel: 'products', on: { Changed: 'auto' }, ...options };
  const definition = defineResource('products', own as ResourceOptions<object>, false, false);
  const reader = new HttpReader(fillOptions({ broadcaster: 'reverb', key: 'k' }), { scope: 1 });
  return reader.read({ resource: 'products', target: 'list', url: LIST, ...request }, definition);
}

beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal('fetch', fetched);
});

describe('the page after', () => {
  // the host is what an application behind a proxy believes to have
  const page2 = 'http://localhost/api/products?page=2';
  const after = 'http://localhost/api/products?cursor=eyJpZCI6MX0';
  it.each<[string, unknown, Partial<ResourceOptions<Product>>, string | undefined]>([
    [
      'paginate',
      { data: ROWS, current_page: 1, last_page: 3, next_page_url: page2 },
      { page: 'number' },
      '?page=2',
    ],
    [
      'the last of paginate',
      { data: ROWS, current_page: 3, last_page: 3, next_page_url: null },
      { page: 'number' },
      undefined,
    ],
    ['simplePaginate', { data: ROWS, current_page: 1, next_page_url: page2 }, { page: 'number' }, '?page=2'],
    [
      'the last of simplePaginate',
      { data: ROWS, current_page: 9, next_page_url: null },
      { page: 'number' },
      undefined,
    ],
    [
      'paginate in a resource',
      { data: ROWS, links: { next: page2 }, meta: { current_page: 1, last_page: 2 } },
      { page: 'number' },
      '?page=2',
    ],
    [
      'the last of a resource',
      { data: ROWS, links: { next: null }, meta: { current_page: 2, last_page: 2 } },
      { page: 'number' },
      undefined,
    ],
    ['numbers alone', { data: ROWS, meta: { current_page: 4, last_page: 5 } }, { page: 'number' }, '?page=5'],
    [
      'the last of numbers',
      { data: ROWS, meta: { current_page: 5, last_page: 5 } },
      { page: 'number' },
      undefined,
    ],
    [
      'cursorPaginate',
      { data: ROWS, next_cursor: 'eyJpZCI6MX0', next_page_url: after },
      { page: 'cursor' },
      '?cursor=eyJpZCI6MX0',
    ],
    [
      'the last of cursorPaginate',
      { data: ROWS, next_cursor: null, next_page_url: null },
      { page: 'cursor' },
      undefined,
    ],
    ['a cursor alone', { data: ROWS, meta: { next_cursor: 'a b' } }, { page: 'cursor' }, '?cursor=a+b'],
    ['the last cursor alone', { data: ROWS, meta: { next_cursor: null } }, { page: 'cursor' }, undefined],
    [
      'a path',
      { data: ROWS, paging: { next: '?after=7' } },
      { page: 'cursor', next: 'paging.next' },
      '?after=7',
    ],
    ['a path that ends', { data: ROWS, paging: {} }, { page: 'cursor', next: 'paging.next' }, undefined],
    [
      'a function',
      { data: ROWS, after: 7 },
      { page: 'cursor', next: (json: { after: number }) => `?after=${json.after}` },
      '?after=7',
    ],
    ['a function that ends', ROWS, { page: 'number', next: () => null }, undefined],
  ])('of %s', async (_, body, options, expected) => {
    const next = expected === undefined ? {} : { next: LIST + expected };
    expect(await read(body, options)).toEqual({ kind: 'page', rows: ROWS, ...next });
  });

  it('keeps the filter of the list, which links leave out, and replaces the page before', async () => {
    const url = `${LIST}?category=shoes&tag%5B%5D=a&tag%5B%5D=b&page=2`;
    const body = { data: ROWS, next_page_url: 'http://localhost/api/products?page=3' };
    const reply = await read(body, { url, page: 'number' }, { url });
    expect(reply).toMatchObject({ next: `${LIST}?category=shoes&tag%5B%5D=a&tag%5B%5D=b&page=3` });
  });

  it.each<[string, unknown, Partial<ResourceOptions<Product>>, string]>([
    ['that nothing tells', { data: ROWS }, { page: 'number' }, 'does not say whether a page follows'],
    ['of a bare list', ROWS, { page: 'cursor' }, 'say with `next` where it does'],
    [
      'of another kind',
      { data: ROWS, meta: { current_page: 1, last_page: 2 } },
      { page: 'cursor' },
      'does not say',
    ],
    [
      'on another site',
      ROWS,
      { page: 'cursor', next: () => 'https://evil.example/x' },
      "https://evil.example/x, another site's",
    ],
    [
      'that is no URL',
      { data: ROWS, next: 7 },
      { page: 'cursor', next: 'next' },
      '`next` gives 7; expected the URL',
    ],
  ])('%s fails with the fix', async (_, body, options, message) => {
    const reply = await read(body, options);
    expect(reply).toMatchObject({ kind: 'failed', message: expect.stringContaining(message) });
    expect(reply).toMatchObject({ message: expect.stringContaining('/api/products: ') });
  });
});

describe('a page', () => {
  const last = { data: ROWS, next_page_url: null };

  it('has validator and head', async () => {
    const headers = { ETag: '"p1"', 'X-Cache-Head': 'e;7' };
    const reply = await read(last, { page: 'number' }, {}, { headers });
    expect(reply).toEqual({ kind: 'page', rows: ROWS, validator: '"p1"', head: 'e;7' });
  });

  it('whose `next` throws is an error that names it, and is said once', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    const next = () => {
      throw new Error('no links');
    };
    for (const _again of [1, 2]) {
      const message = '/api/products: `next` threw: no links';
      expect(await read(last, { page: 'number', next })).toEqual({ kind: 'failed', status: 200, message });
    }
    expect(said).toHaveBeenCalledTimes(1);
  });

  it('is as long as `pageSize` says, each of them', async () => {
    const reply = await read(
      { ...last, next_page_url: '/api/products?page=2' },
      { page: 'number', pageSize: 50 },
    );
    expect(String(fetched.mock.lastCall?.[0])).toBe(`${LIST}?per_page=50`);
    expect(reply).toMatchObject({ next: `${LIST}?per_page=50&page=2` });
    const row = { target: 'row', url: `${LIST}/1` } as const;
    await read({ id: 1 }, { page: 'number', pageSize: 50 }, row);
    expect(String(fetched.mock.lastCall?.[0])).toBe(`${LIST}/1`);
  });

  it('may answer what changed since a head', async () => {
    const since = { target: 'since', url: `${LIST}?since=e%3B6` } as const;
    const answer = { changed: ROWS, deleted: [2], head: 'e;7' };
    expect(await read(answer, { page: 'number', since: true }, since)).toEqual({ kind: 'since', ...answer });
    expect(await read(last, { page: 'number', since: true }, since)).toEqual({ kind: 'page', rows: ROWS });
  });
});

it('a row has a validator, too', async () => {
  const row = { target: 'row', url: `${LIST}/1` } as const;
  const reply = await read({ id: 1 }, {}, row, { headers: { ETag: '"r1"' } });
  expect(reply).toEqual({ kind: 'row', row: { id: 1 }, validator: '"r1"' });
});
