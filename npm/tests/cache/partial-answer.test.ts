import { beforeEach, describe, expect, it, vi } from 'vitest';
import { HttpReader } from '../../src/cache/http-reader.js';
import type { ResourceOptions } from '../../src/cache/resource-options.js';
import { forgetSaid } from '../../src/common/console.js';
import type { ReadReply, WireRead } from '../../src/engine/port.js';
import { fillOptions } from '../../src/options/fill-options.js';
import { define, type Product } from '../support/definition.js';

const LIST: WireRead = { resource: 'products', target: 'list', url: 'https://shop.example/api/products' };
const rows = [{ id: 1 }, { id: 2 }];
const errors = vi.fn();

function read(
  body: unknown,
  options: Partial<ResourceOptions<Product>> = {},
  init: ResponseInit = {},
): Promise<ReadReply> {
  const answer = async () => new Response(JSON.stringify(body), init);
  const filled = fillOptions({ broadcaster: 'reverb', key: 'k' });
  return new HttpReader(filled, { scope: 1, fetch: answer }).read(LIST, define(options));
}

beforeEach(() => {
  forgetSaid();
  errors.mockClear();
  vi.spyOn(console, 'error').mockImplementation(errors);
});

/** Answers with the rows at the path `results`, or as the second element says. */
type Case = [name: string, body: unknown, options?: Partial<ResourceOptions<Product>>];

const results = { rows: 'results' };

const PARTS: Case[] = [
  ['Laravel: next_page_url', { data: rows, next_page_url: 'https://shop.example/api/products?page=2' }],
  ['Laravel: current_page and last_page', { data: rows, current_page: 1, last_page: 3 }],
  ['Laravel: numbers that are texts', { data: rows, current_page: '1', last_page: '3' }],
  ['an API resource: links.next', { data: rows, links: { next: '/api/products?page=2' }, meta: {} }],
  [
    'an API resource: meta.current_page and meta.last_page',
    { data: rows, meta: { current_page: 1, last_page: 2 } },
  ],
  ['an API resource: meta.next_cursor', { data: rows, meta: { next_cursor: 'eyJpZCI6Mn0' } }],
  ['a paginator inside', { products: { data: rows, next_page_url: '/p?page=2' } }, { rows: 'products.data' }],
  [
    'a paginator inside, found by a function',
    { shop: { products: { data: rows, next_page_url: '/p?page=2' } } },
    { rows: (json: { shop: { products: { data: Product[] } } }) => json.shop.products.data },
  ],
  [
    'a paginator, its rows changed by a function',
    { data: rows, next_page_url: '/p?page=2' },
    { rows: () => [{ id: 1 }] },
  ],
  ['Django: next', { count: 30, next: 'https://x/api/p/?page=2', previous: null, results: rows }, results],
  [
    'Django: limit and offset',
    { count: 30, next: 'https://x/api/p/?limit=2&offset=2', results: rows },
    results,
  ],
  ['JSON:API: links.next is a text', { data: rows, links: { self: '/a', next: '/a?page[number]=2' } }],
  [
    'JSON:API: links.next is an object',
    { data: rows, links: { next: { href: '/a?page[number]=2', meta: {} } } },
  ],
  ['HAL: _links.next', { items: rows, _links: { next: { href: '/a?page=2' } } }, { rows: 'items' }],
  ['OData', { value: rows, '@odata.nextLink': 'https://x/$skip=2' }, { rows: 'value' }],
  ['has_more', { data: rows, has_more: true }],
  ['nextCursor', { items: rows, nextCursor: 'abc' }, { rows: 'items' }],
  ['next_cursor of Slack', { items: rows, response_metadata: { next_cursor: 'abc=' } }, { rows: 'items' }],
  ['nextPageToken', { items: rows, nextPageToken: 'abc' }, { rows: 'items' }],
  [
    'Relay',
    { data: { products: { nodes: rows, pageInfo: { hasNextPage: true } } } },
    { rows: 'data.products.nodes' },
  ],
  [
    'Fractal',
    { data: rows, meta: { pagination: { current_page: 1, total_pages: 4, links: { next: '/a?page=2' } } } },
  ],
  ['Fractal, cursors', { data: rows, meta: { cursor: { current: null, next: 'Mg==' } } }],
  ['Spring, which counts from 0', { content: rows, number: 0, totalPages: 2 }, { rows: 'content' }],
  ['Spring HATEOAS', { content: rows, page: { size: 2, number: 0, totalPages: 3 } }, { rows: 'content' }],
  ['Strapi', { data: rows, meta: { pagination: { page: 1, pageCount: 3, total: 6 } } }],
  ['Kaminari', { data: rows, meta: { current_page: 1, next_page: 2, total_pages: 3 } }],
  ['limit and total', { items: rows, total: 7, limit: 2, offset: 0 }, { rows: 'items' }],
];

const WHOLES: Case[] = [
  ['a bare list', rows],
  [
    'Laravel: the only page',
    { data: rows, next_page_url: null, current_page: 1, last_page: 1, per_page: 2, total: 2 },
  ],
  [
    'Laravel: links of a paginator are a list',
    { data: rows, links: [{ url: null, label: 'Next', active: false }] },
  ],
  [
    'Laravel: no rows at all',
    { data: [], current_page: 1, last_page: 1, per_page: 15, total: 0, next_page_url: null },
  ],
  [
    'an API resource',
    { data: rows, links: { next: null, prev: null }, meta: { current_page: 1, last_page: 1 } },
  ],
  ['cursorPaginate', { data: rows, next_cursor: null, next_page_url: null }],
  ['Django: the only page', { count: 2, next: null, previous: null, results: rows }, results],
  ['JSON:API: null, and an object without href', { data: rows, links: { next: null, last: {} } }],
  ['JSON:API: an empty object', { data: rows, links: { next: {} } }],
  ['has_more is false', { data: rows, has_more: false }],
  ['has_more of a row', { data: [{ id: 1, has_more: true, next: 'x' }] }],
  ['nextCursor is empty', { items: rows, nextCursor: '' }, { rows: 'items' }],
  ['Slack', { items: rows, response_metadata: { next_cursor: '' } }, { rows: 'items' }],
  [
    'Relay',
    { data: { products: { nodes: rows, pageInfo: { hasNextPage: false, endCursor: 'x' } } } },
    { rows: 'data.products.nodes' },
  ],
  [
    'another list of the answer has more',
    { products: rows, orders: { data: [], next_page_url: '/o?page=2' } },
    { rows: 'products' },
  ],
  [
    'Spring',
    { content: rows, number: 0, totalPages: 1, last: true, size: 20, totalElements: 2 },
    { rows: 'content' },
  ],
  [
    'Spring, nothing',
    { content: [], number: 0, totalPages: 0, size: 20, totalElements: 0 },
    { rows: 'content' },
  ],
  ['a total alone', { items: rows, total: 199.5 }, { rows: 'items' }],
  ['all within the limit', { items: rows, total: 2, limit: 50, offset: 0 }, { rows: 'items' }],
  ['rows that a function left out', { items: rows, total: 9, limit: 9 }, { rows: () => [{ id: 1 }] }],
  ['the last page', { data: rows, meta: { current_page: 3, last_page: 3 } }],
  ['next is 0 or false', { data: rows, next: 0, next_page: false }],
];

describe('an answer that says that more follows', () => {
  it.each(PARTS)('is an error that names `page`: %s', async (_name, body, options = {}) => {
    const reply = await read(body, options);
    expect(reply).toMatchObject({ kind: 'failed', status: 200 });
    const { message } = reply as { message: string };
    expect(message).toContain("Resource 'products': the answer is one page of several: it says ");
    expect(message).toContain("Say page: 'number' or page: 'cursor'");
  });

  it('says what it says, and is told once on the console', async () => {
    const body = { count: 30, next: '/api/p/?page=2', results: rows };
    expect(await read(body, results)).toMatchObject({
      message: expect.stringContaining('it says `{ next: "/api/p/?page=2" }`; expected the whole list'),
    });
    await read(body, results);
    expect(errors).toHaveBeenCalledTimes(1);
    expect(await read({ data: rows, meta: { current_page: 1, last_page: 2 } })).toMatchObject({
      message: expect.stringContaining('`meta: { current_page: 1, last_page: 2 }`'),
    });
  });

  it.each<[string, ResponseInit]>([
    ['a link', { headers: { Link: '<https://api.example/p?page=2>; rel="next"' } }],
    ['a link without quotes', { headers: { Link: '<https://api.example/p?page=2>;rel=next' } }],
    [
      'the second link',
      {
        headers: { Link: '<https://a/p?x=1,2>; rel="last", <https://a/p?page=2>; title="a, b"; rel="next"' },
      },
    ],
    ['two words', { headers: { Link: '</p?page=2>; rel="last next"' } }],
    ['another case', { headers: { Link: '</p?page=2>; REL=Next' } }],
    ['X-Next-Page', { headers: { 'X-Next-Page': '2' } }],
    ['206', { status: 206 }],
    ['206 with a range', { status: 206, headers: { 'Content-Range': '0-1/25' } }],
    ['206 of an unknown total', { status: 206, headers: { 'Content-Range': 'items 0-1/*' } }],
    ['200 with a range', { headers: { 'Content-Range': 'items 0-1/25' } }],
    ['a range that begins later', { headers: { 'Content-Range': 'items 2-3/*' } }],
  ])('may say so beside its body: %s', async (_name, init) => {
    expect(await read(rows, {}, init)).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('one page of several'),
    });
  });
});

describe('an answer that is whole', () => {
  it.each(WHOLES)('is taken: %s', async (_name, body, options = {}) => {
    expect(await read(body, options)).toMatchObject({ kind: 'list' });
    expect(errors).not.toHaveBeenCalled();
  });

  it.each<[string, ResponseInit]>([
    ['the previous page', { headers: { Link: '</p?page=1>; rel="prev", </p?page=1>; rel="first"' } }],
    ['what a browser is to load', { headers: { Link: '</build/app.js>; rel=preload; as=script' } }],
    ['a title', { headers: { Link: '</p>; rel="help"; title="rel=next"' } }],
    ['a URL', { headers: { Link: '</p?rel=next>; rel="self"' } }],
    ['X-Next-Page is empty', { headers: { 'X-Next-Page': '' } }],
    ['206 of everything', { status: 206, headers: { 'Content-Range': '0-1/2' } }],
    ['a range that is everything', { headers: { 'Content-Range': 'items 0-1/2' } }],
    ['a range of nothing', { headers: { 'Content-Range': 'items */0' } }],
  ])('is taken whatever stands beside it: %s', async (_name, init) => {
    expect(await read(rows, {}, init)).toMatchObject({ kind: 'list' });
  });

  it('may be a part on purpose: one page, or the last of an append list', async () => {
    const body = { data: rows, next_page_url: '/api/products?page=2' };
    expect(await read(body, { page: false })).toEqual({ kind: 'list', rows });
    expect(await read(body, { mode: 'append' })).toEqual({ kind: 'list', rows });
    expect(await read(body, { page: 'number' })).toMatchObject({ kind: 'page' });
  });
});
