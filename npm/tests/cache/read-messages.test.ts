/** The words for answers that are not what a list or a row should be: what was found, what was expected, the fix. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { HttpReader } from '../../src/cache/http-reader.js';
import type { ResourceOptions } from '../../src/cache/resource-options.js';
import { forgetSaid } from '../../src/common/console.js';
import type { WireRead } from '../../src/engine/port.js';
import { fillOptions } from '../../src/options/fill-options.js';
import { define, type Product } from '../support/definition.js';

const fetched = vi.fn<(url: URL) => Promise<Response>>();
const said = { error: vi.fn(), warn: vi.fn() };
const EXPECTED = 'expected a text, or a whole number below 2^53 (larger ones as texts): see the option `key`';
const LOGIN = 'nobody is signed in, perhaps: let the server answer 401 to requests that accept JSON';

beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal('fetch', fetched);
  forgetSaid();
  for (const level of ['error', 'warn'] as const) {
    said[level].mockReset();
    vi.spyOn(console, level).mockImplementation(said[level]);
  }
});

const json = (body: unknown, init?: ResponseInit) => new Response(JSON.stringify(body), init);
const html = (init: ResponseInit = {}) =>
  new Response('<html>', { ...init, headers: { 'Content-Type': 'text/html' } });

/** The answer that came after a redirect. */
function redirected(response: Response, to = 'https://shop.example/login'): Response {
  return Object.defineProperties(response, { redirected: { value: true }, url: { value: to } });
}

function read(
  answer: Response,
  options: Partial<ResourceOptions<Product>> = {},
  target: WireRead['target'] = 'list',
) {
  fetched.mockResolvedValue(answer);
  const url = target === 'row' ? '/api/products/3' : 'https://shop.example/api/products';
  const reader = new HttpReader(fillOptions({ broadcaster: 'reverb', key: 'k' }), { scope: 1 });
  return reader.read({ resource: 'products', target, url }, define(options));
}

describe('a key that is none', () => {
  it.each<[id: string, what: string]>([
    ['1.5', '1.5'],
    ['9007199254740992', '9007199254740992'],
    ['12345678901234567890', '12345678901234567000'],
    ['1e400', 'Infinity'],
    ['null', 'null or missing'],
    ['""', "''"],
    ['true', 'true'],
    ['{"oid":1}', 'an object or a list'],
    ['[1]', 'an object or a list'],
  ])('is said once, with one wording, wherever rows are read: %s', async (id, what) => {
    const fault = `'id' is ${what}; ${EXPECTED}`;
    const rows = `[{"id":1},{"id":${id}}]`;
    const cases: [WireRead['target'], string, string][] = [
      ['list', rows, `Resource 'products': row 1: ${fault}`],
      ['row', `{"id":${id}}`, `Resource 'products': the answer for one row: ${fault}`],
      ['since', `{"changed":${rows},"head":"e;1"}`, `Resource 'products': \`changed\`: row 1: ${fault}`],
    ];
    for (const [target, body, message] of cases) {
      for (let again = 0; again < 2; again += 1) {
        expect(await read(new Response(body), {}, target)).toEqual({ kind: 'failed', status: 200, message });
      }
    }
    expect(said.error.mock.calls).toEqual(cases.map(([, , message]) => [message]));
  });

  it('is named among those that were deleted', async () => {
    const answer = json({ changed: [], deleted: [1, 1.5], head: 'e;1' });
    const message =
      "Resource 'products': `deleted` has an id that is 1.5; " +
      'expected a text, or a whole number below 2^53 (larger ones as texts)';
    expect(await read(answer, {}, 'since')).toEqual({ kind: 'failed', status: 200, message });
  });

  it.each(['9007199254740993', '0', '-1', '" "'])('no key is lost: %s', async (id) => {
    const rows = [JSON.parse(`{"id":${id.startsWith('9') ? `"${id}"` : id}}`)];
    expect(await read(json(rows))).toEqual({ kind: 'list', rows });
  });
});

describe('rows that are not where `rows` says', () => {
  it.each<[rows: string, body: unknown, what: string]>([
    ['items', { data: [], meta: {} }, 'is not there: the answer has data, meta'],
    ['page.items', { page: { rows: [], total: 2 } }, "is not there: its 'page' has rows, total"],
    ['page.items', { data: [] }, 'is not there: the answer has data'],
    ['page.items', { page: null }, "is not there: its 'page' is null"],
    ['items', [{ id: 1 }], 'is not there: the answer is a list itself; leave `rows` out'],
    ['items', {}, 'is not there: the answer is an empty object'],
    ['items', 'none', 'is not there: the answer is "none"'],
    ['items', { items: null }, 'is null; expected a list of objects'],
    ['items', { items: { a: 1 } }, 'is an object (a); expected a list of objects'],
    ['toString', { a: 1 }, 'is not there: the answer has a'],
  ])('%s in %j', async (rows, body, what) => {
    const message = `Resource 'products': the path '${rows}' of \`rows\` ${what}`;
    expect(await read(json(body), { rows })).toEqual({ kind: 'failed', status: 200, message });
    expect(said.error.mock.calls).toEqual([[message]]);
  });

  it('are looked for in vain without `rows`: the fields are named', async () => {
    const { message } = (await read(json({ items: [], total: 0 }))) as { message: string };
    expect(message).toBe(
      "Resource 'products': the answer has an object (items, total); expected a list of objects; say with `rows` where it is",
    );
  });
});

describe('the page after', () => {
  it('that is not where `next` says is no end of the list, where the answer says that more follows', async () => {
    const body = { data: [{ id: 1 }], paging: { next_url: '/api/products?page=2' } };
    const options = { page: 'number', next: 'paging.next' } as const;
    expect(await read(json(body), options)).toEqual({
      kind: 'failed',
      status: 200,
      message:
        "Resource 'products': `next` gives no page after this one, and the answer says that more follows: " +
        '`paging: { next_url: "/api/products?page=2" }`; expected where the next page is named, and null at the end',
    });
    const last = { data: [{ id: 1 }], paging: {} };
    expect(await read(json(last), options)).toEqual({ kind: 'page', rows: last.data });
  });
});

describe('a login page', () => {
  it('that is the answer', async () => {
    const message =
      "Resource 'products': /api/products answered HTML (status 200); expected JSON. A login page? Let the server answer 401 to " +
      'requests that accept JSON. The page of the application? There is no such route; check the `url`';
    expect(await read(html())).toMatchObject({
      kind: 'failed',
      message: message.slice(message.indexOf('/')),
    });
    expect(said.error.mock.calls).toEqual([[message]]);
  });

  it.each([
    [200, `HTML (status 200 after a redirect to /login); expected JSON: ${LOGIN}`],
    [404, `404 after a redirect to /login: ${LOGIN}`],
    [403, `403 after a redirect to /login: ${LOGIN}`],
    [405, `405 after a redirect to /login: ${LOGIN}`],
    [401, '401 after a redirect to /login: nobody is signed in'],
    [503, '503 after a redirect to /login: the back end failed; its log says why'],
  ])('that a redirect leads to, and that answers %d', async (status, what) => {
    for (const target of ['list', 'row'] as const) {
      const reply = await read(redirected(html({ status })), {}, target);
      const where = target === 'row' ? '/api/products/3' : '/api/products';
      expect(reply).toEqual({ kind: 'failed', status, message: `${where} answered ${what}` });
    }
  });

  it('of JSON, behind a redirect', async () => {
    const { message } = (await read(redirected(json({ message: 'Please log in' })))) as { message: string };
    expect(message).toBe(
      "Resource 'products': the answer after a redirect to /login has an object (message); expected a list of objects; " +
        'say with `rows` where it is',
    );
  });

  it.each([404, 410])('is not what says %d of a row that moved to an address of rows', async (status) => {
    const answer = redirected(new Response(null, { status }), 'https://shop.example/api/products/3/');
    expect(await read(answer, {}, 'row')).toEqual({ kind: 'gone' });
  });
});

describe('a version that no row has', () => {
  const message =
    "Resource 'products': no row has a version at 'updated', so each event is confirmed by a read. " +
    'Say with `version` which field grows with every change, or leave it out; the first row has id, updated_at.';

  it('is warned about once', async () => {
    const rows = [{ id: 1, updated_at: '2026-01-01' }, { id: 2 }];
    for (let again = 0; again < 2; again += 1) await read(json(rows), { version: 'updated' });
    expect(said.warn.mock.calls).toEqual([[message]]);
  });

  it.each<[what: string, rows: object[], version?: string]>([
    ['one row has it', [{ id: 1 }, { id: 2, v: 1 }], 'v'],
    ['there is no row', [], 'v'],
    ['none is declared', [{ id: 1 }]],
    ['it is 0', [{ id: 1, v: 0 }], 'v'],
    ['it lies deeper', [{ id: 1, meta: { v: '7' } }], 'meta.v'],
  ])('is not said where %s', async (_what, rows, version) => {
    await read(json(rows), { version });
    expect(said.warn).not.toHaveBeenCalled();
  });

  it.each([null, {}, true])('is said where all are %j', async (v) => {
    await read(json([{ id: 1, v }]), { version: 'v' });
    expect(said.warn.mock.calls).toEqual([[expect.stringContaining("no row has a version at 'v'")]]);
  });
});
