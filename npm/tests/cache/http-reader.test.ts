import { beforeEach, describe, expect, it, vi } from 'vitest';
import { HttpReader } from '../../src/cache/http-reader.js';
import type { ResourceOptions } from '../../src/cache/resource-options.js';
import { forgetSaid } from '../../src/common/console.js';
import type { WireRead } from '../../src/engine/port.js';
import type { CacheSettings } from '../../src/options/cache-options.js';
import type { EchoOptions } from '../../src/options/echo-options.js';
import { fillOptions } from '../../src/options/fill-options.js';
import { define, type Product } from '../support/definition.js';

const LIST: WireRead = { resource: 'products', target: 'list', url: 'https://shop.example/api/products' };
const ROW: WireRead = { ...LIST, target: 'row', url: '/api/products/3' };
const json = (body: unknown, init?: ResponseInit) => new Response(JSON.stringify(body), init);
const fetched = vi.fn<(url: URL, init: RequestInit) => Promise<Response>>();

function read(
  request: WireRead,
  options: Partial<ResourceOptions<Product>> = {},
  own: Partial<EchoOptions & CacheSettings> = {},
) {
  const filled = fillOptions({ broadcaster: 'reverb', key: 'k', ...own });
  return new HttpReader(filled, { scope: 1, ...own }).read(request, define(options));
}

const headers = () => fetched.mock.lastCall?.[1].headers as Record<string, string>;

beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal('fetch', fetched);
  document.head.innerHTML = '<meta name="csrf-token" content="token">';
});

describe('a read of the list', () => {
  it('is conditional, with the credentials of the page', async () => {
    fetched.mockResolvedValue(new Response(null, { status: 304 }));
    const reply = await read(
      { ...LIST, validator: '"v1"' },
      {},
      { bearerToken: 'b', headers: () => ({ 'X-Team': '1' }) },
    );
    expect(reply).toEqual({ kind: 'notModified' });
    expect(fetched.mock.lastCall?.[1]).toMatchObject({ cache: 'no-store', credentials: 'same-origin' });
    expect(headers()).toEqual({
      Accept: 'application/json',
      'If-None-Match': '"v1"',
      'X-CSRF-TOKEN': 'token',
      Authorization: 'Bearer b',
      'X-Team': '1',
    });
  });

  it('keeps tokens from other origins', async () => {
    fetched.mockImplementation(async () => json([]));
    await read({ ...LIST, url: 'https://elsewhere.example/products' }, {}, { bearerToken: 'b' });
    expect(headers()).toEqual({ Accept: 'application/json' });
    const authEndpoint = 'https://api.example/broadcasting/auth';
    await read({ ...LIST, url: 'https://api.example/products' }, {}, { bearerToken: 'b', authEndpoint });
    expect(headers()).toEqual({ Accept: 'application/json', Authorization: 'Bearer b' });
  });

  it('brings rows, validator and head', async () => {
    const init = { headers: { ETag: 'W/"7"', 'X-Cache-Head': 'e;7' } };
    fetched.mockResolvedValue(json({ data: [{ id: 1 }] }, init));
    expect(await read(LIST)).toEqual({ kind: 'list', rows: [{ id: 1 }], validator: 'W/"7"', head: 'e;7' });
  });

  it('finds the rows: the answer, its data, a path, a function', async () => {
    const rows = [{ id: 1 }];
    const cases: [unknown, ResourceOptions<Product>['rows']][] = [
      [rows, undefined],
      [{ data: rows }, undefined],
      [{ page: { items: rows } }, 'page.items'],
      [{ list: rows }, (answer: { list: Product[] }) => answer.list],
    ];
    for (const [body, where] of cases) {
      fetched.mockResolvedValue(json(body));
      expect(await read(LIST, { rows: where })).toEqual({ kind: 'list', rows });
    }
  });

  it.each<[string, () => Response | Promise<Response>, object]>([
    [
      'HTML',
      () => new Response('<html>', { headers: { 'Content-Type': 'text/html' } }),
      {
        status: 200,
        message: expect.stringContaining('/api/products answered HTML (status 200); expected JSON'),
      },
    ],
    [
      'nothing',
      () => new Response(''),
      { message: '/api/products answered nothing (status 200); expected JSON' },
    ],
    [
      '401',
      () => json({}, { status: 401 }),
      { status: 401, message: '/api/products answered 401: nobody is signed in' },
    ],
    [
      '404',
      () => json({}, { status: 404 }),
      { status: 404, message: expect.stringContaining('check the `url`') },
    ],
    [
      '503',
      () => json({}, { status: 503, headers: { 'Retry-After': '2' } }),
      { status: 503, retryAfter: 2000 },
    ],
    [
      'an object',
      () => json({ rows: [] }),
      {
        message: expect.stringContaining(
          'the answer has an object (rows); expected a list of objects; say with `rows`',
        ),
      },
    ],
    [
      'a list of numbers',
      () => json([1]),
      { message: expect.stringContaining('a list in which 1 is no object') },
    ],
    [
      'a list with gaps, of PHP',
      () => json({ 0: { id: 1 }, 2: { id: 3 } }),
      { message: expect.stringContaining('in Laravel ->values() makes it a list') },
    ],
    [
      'JSON that is broken off',
      () => new Response('[{"id":1},', { headers: { 'Content-Type': 'application/json' } }),
      { message: '/api/products answered JSON that is broken off or wrong (status 200, 10 characters)' },
    ],
    [
      'rows without id',
      () => json([{ id: 1 }, { uuid: 2 }]),
      { message: expect.stringContaining("Resource 'products': row 1: 'id' is null or missing; expected") },
    ],
    [
      'no network',
      () => Promise.reject(new TypeError('Failed to fetch')),
      { message: '/api/products could not be reached: Failed to fetch' },
    ],
  ])('says what is wrong: %s', async (_name, answer, reply) => {
    fetched.mockImplementation(async () => answer());
    expect(await read(LIST)).toMatchObject({ kind: 'failed', ...reply });
  });

  it('does without a validator where another origin refuses it, and says so once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const sent: (string | undefined)[] = [];
    fetched.mockImplementation(async (_url, init) => {
      const validator = (init.headers as Record<string, string>)['If-None-Match'];
      sent.push(validator);
      if (validator !== undefined) throw new TypeError('Failed to fetch');
      return json([{ id: 1 }]);
    });
    const elsewhere = { ...LIST, url: 'https://api.example/products', validator: '"v1"' };
    const reader = new HttpReader(fillOptions({ broadcaster: 'reverb', key: 'k' }), { scope: 1 });
    for (const _again of [1, 2]) {
      expect(await reader.read(elsewhere, define({}))).toEqual({ kind: 'list', rows: [{ id: 1 }] });
    }
    expect(sent).toEqual(['"v1"', undefined, undefined]);
    expect(warn.mock.calls).toEqual([
      [
        'https://api.example does not allow the header If-None-Match to pages of https://shop.example: each read brings all ' +
          'rows. Answer its preflight (OPTIONS) with `Access-Control-Allow-Headers: If-None-Match`.',
      ],
    ]);

    // its own origin refuses nothing, and a network that fails is none that refuses
    sent.length = 0;
    expect(await reader.read({ ...LIST, validator: '"v1"' }, define({}))).toMatchObject({ kind: 'failed' });
    fetched.mockRejectedValue(new TypeError('Failed to fetch'));
    const other = { ...elsewhere, url: 'https://other.example/products' };
    expect(await reader.read(other, define({}))).toMatchObject({ kind: 'failed' });
    expect(warn).toHaveBeenCalledTimes(1);
    expect(sent).toEqual(['"v1"']);
  });

  it('has no status when the network failed', async () => {
    fetched.mockRejectedValue(new TypeError('Failed to fetch'));
    expect(await read(LIST)).not.toHaveProperty('status');
  });

  it('does not wait for the end of a stream of events', async () => {
    const init = { headers: { 'Content-Type': 'text/event-stream; charset=utf-8' } };
    fetched.mockResolvedValue(new Response(new ReadableStream(), init));
    const message = '/api/products answered a stream of events (status 200); expected JSON';
    expect(await read(LIST)).toEqual({ kind: 'failed', status: 200, message });
    expect(fetched.mock.lastCall?.[1].signal?.aborted).toBe(true);
  });

  it('survives functions that throw or return something else', async () => {
    fetched.mockImplementation(async () => json({ data: null }));
    expect(await read(LIST, { rows: (body: { data: Product[] }) => body.data })).toMatchObject({
      kind: 'failed',
      message: "Resource 'products': rows() returned null; expected a list of objects",
    });
    const rows = () => {
      throw new Error('oops');
    };
    expect(await read(LIST, { rows })).toMatchObject({
      kind: 'failed',
      message: '/api/products: `rows` threw: oops',
    });
  });
});

describe('a read of one row', () => {
  it('brings the row, or that it is gone', async () => {
    fetched.mockResolvedValueOnce(json({ data: { id: 3 } }));
    expect(await read(ROW)).toEqual({ kind: 'row', row: { id: 3 } });
    fetched.mockResolvedValueOnce(json({ product: { id: 3 } }));
    expect(await read(ROW, { row: (body: { product: Product }) => body.product })).toEqual({
      kind: 'row',
      row: { id: 3 },
    });
    const own = { id: 3, data: { id: 9 } };
    fetched.mockResolvedValueOnce(json(own));
    expect(await read(ROW)).toEqual({ kind: 'row', row: own });
    for (const status of [404, 410]) {
      fetched.mockResolvedValueOnce(json({}, { status }));
      expect(await read(ROW)).toEqual({ kind: 'gone' });
    }
  });

  it('stays below the declared URLs', async () => {
    const reply = await read({ ...ROW, url: '/api/products/../users/1' });
    expect(reply).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('none of the `rowUrls`'),
    });
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe('heads', () => {
  const head = { headers: { 'X-Cache-Head': 'e;7' } };

  it('come with every kind of answer', async () => {
    fetched.mockResolvedValueOnce(new Response(null, { status: 304, ...head }));
    expect(await read(LIST)).toEqual({ kind: 'notModified', head: 'e;7' });
    fetched.mockResolvedValueOnce(json([{ id: 1 }], head));
    expect(await read(LIST)).toEqual({ kind: 'list', rows: [{ id: 1 }], head: 'e;7' });
    fetched.mockResolvedValueOnce(json({ data: { id: 3 } }, head));
    expect(await read(ROW)).toEqual({ kind: 'row', row: { id: 3 }, head: 'e;7' });
  });

  it('make an answer to `since`, which may be the whole list after all', async () => {
    const since: WireRead = { ...LIST, target: 'since' };
    fetched.mockResolvedValueOnce(json({ changed: [{ id: 2 }], deleted: [1] }, head));
    expect(await read(since)).toEqual({ kind: 'since', changed: [{ id: 2 }], deleted: [1], head: 'e;7' });
    fetched.mockResolvedValueOnce(json({ changed: [], head: 'e;8' }));
    expect(await read(since)).toEqual({ kind: 'since', changed: [], deleted: [], head: 'e;8' });
    fetched.mockResolvedValueOnce(json([{ id: 1 }]));
    expect(await read(since)).toEqual({ kind: 'list', rows: [{ id: 1 }] });
    fetched.mockResolvedValueOnce(json({ changed: [{ id: 2 }] }));
    expect(await read(since)).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('epoch;seq'),
    });
  });
});

describe('answers that a cache on the way kept', () => {
  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['20', 21_000],
    ['0', 1_000],
    ['20, 30', 31_000],
    ['30,20', 31_000],
    [' 7 ', 8_000],
    ['1.5', 2_500],
    ['99999999999999999999', 2 ** 31 * 1_000 + 1_000],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
    ['soon, 4', 5_000],
    ['1e3', undefined],
  ])('say their age: %s', async (said, age) => {
    for (const [target, status] of [
      ['list', 200],
      ['list', 304],
      ['row', 404],
    ] as const) {
      const init: ResponseInit = said === undefined ? { status } : { status, headers: { Age: said } };
      fetched.mockResolvedValueOnce(status === 304 ? new Response(null, init) : json([{ id: 1 }], init));
      const reply = await read({ ...LIST, url: '/api/products/1', target });
      if (age === undefined) expect(reply).not.toHaveProperty('age');
      else expect(Math.abs((reply.age ?? 0) - age)).toBeLessThan(500);
    }
  });

  it('count it from before the request was sent: how long the answer was on its way nobody knows', async () => {
    let now = 50_000;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    fetched.mockImplementation(async () => {
      now += 3_000;
      return json([{ id: 1 }], { headers: { Age: '20' } });
    });
    expect(await read(LIST)).toMatchObject({ kind: 'list', age: 24_000 });
    clock.mockRestore();
  });
});

describe('answers that say whose they are', () => {
  const answered = (scope: string | undefined, own: string | number | null, init: ResponseInit = {}) => {
    const headers: HeadersInit = scope === undefined ? {} : { 'X-Cache-Scope': scope };
    fetched.mockResolvedValueOnce(
      init.status === 304
        ? new Response(null, { ...init, headers })
        : json([{ id: 1 }], { ...init, headers }),
    );
    return read(LIST, {}, { scope: own });
  };

  it.each<[string | undefined, string | number | null]>([
    [undefined, 'A'],
    ['A', 'A'],
    ['7', 7],
    ['7', '7'],
    ['J%C3%BCrgen', 'Jürgen'],
    ['100%', '100%'],
    ['', null],
    ['null', null],
  ])('are taken where that is the scope: %s for %s', async (said, own) => {
    expect(await answered(said, own)).toEqual({ kind: 'list', rows: [{ id: 1 }] });
  });

  it.each<[string, string | number | null]>([
    ['B', 'A'],
    ['8', 7],
    ['', 7],
    ['7', null],
    ['a', 'A'],
    ['7, 8', 7],
  ])('are refused for another: %s for %s', async (said, own) => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const message = expect.stringContaining('Its rows are not taken');
    expect(await answered(said, own)).toMatchObject({ kind: 'failed', status: 200, message });
    expect(await answered(said, own, { status: 304 })).toMatchObject({
      kind: 'failed',
      status: 304,
      message,
    });
  });

  it('are told once on the console, with the fix', async () => {
    forgetSaid();
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
    errors.mockClear();
    await answered('B', 'A');
    await answered('B', 'A');
    expect(errors.mock.calls).toEqual([
      [expect.stringContaining('make a new one with the `scope` of the new user')],
    ]);
    expect(errors.mock.lastCall?.[0]).toContain(
      'answered for `X-Cache-Scope: B`, and the cache is for scope "A"',
    );
  });
});

describe('what only a developer can mend', () => {
  const page = (length: number) => () =>
    new Response('x'.repeat(length), { headers: { 'Content-Type': 'application/json' } });

  it.each<[string, () => Response, string | undefined]>([
    ['HTML', () => new Response('<p>', { headers: { 'Content-Type': 'text/html' } }), 'answered HTML'],
    ['an object', () => json({}), "Resource 'products': the answer has an object"],
    ['broken JSON', page(5), 'broken off or wrong'],
    ['404', () => json({}, { status: 404 }), 'check the `url`'],
    ['405', () => json({}, { status: 405 }), 'answered 405'],
    ['401', () => json({}, { status: 401 }), undefined],
    ['419', () => json({}, { status: 419 }), undefined],
    ['429', () => json({}, { status: 429 }), undefined],
    ['503', () => json({}, { status: 503 }), undefined],
    ['a list', () => json([]), undefined],
  ])('is said once on the console, however often it comes: %s', async (_what, answer, said) => {
    forgetSaid();
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
    errors.mockClear();
    fetched.mockImplementation(async () => answer());
    await read(LIST);
    await read(LIST);
    expect(errors.mock.calls).toEqual(said === undefined ? [] : [[expect.stringContaining(said)]]);
    for (const [text] of errors.mock.calls) expect(text).toMatch(/^Resource 'products': /);
  });

  it('is said once, though each time the answer breaks off elsewhere', async () => {
    forgetSaid();
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
    errors.mockClear();
    for (const length of [5, 6, 70]) {
      fetched.mockImplementation(async () => page(length)());
      await read(LIST);
    }
    expect(errors).toHaveBeenCalledOnce();
  });
});
