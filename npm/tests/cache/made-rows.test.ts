/** Rows that functions of the application make of an answer: `rows` of a list, `row` of one row. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { HttpReader } from '../../src/cache/http-reader.js';
import type { ResourceOptions } from '../../src/cache/resource-options.js';
import { forgetSaid } from '../../src/common/console.js';
import type { ReadReply } from '../../src/engine/port.js';
import { fillOptions } from '../../src/options/fill-options.js';
import { define, type Product } from '../support/definition.js';

/** The row that an answer has, for both. */
const ANSWER = { product: { id: 3, name: 'shoe' } };
type Make = (product: { id: number; name: string }) => unknown;

const TARGETS = [
  [
    'rows',
    'list',
    '/api/products',
    (make: Make) => ({ rows: (json: typeof ANSWER) => [make(json.product)] }),
  ],
  ['row', 'row', '/api/products/3', (make: Make) => ({ row: (json: typeof ANSWER) => make(json.product) })],
] as const;

let said: string[];
beforeEach(() => {
  forgetSaid();
  said = [];
  vi.spyOn(console, 'error').mockImplementation((text) => said.push(text));
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => new Response(JSON.stringify(ANSWER))),
  );
});

function read(target: 'list' | 'row', url: string, options: object): Promise<ReadReply> {
  const reader = new HttpReader(fillOptions({ broadcaster: 'reverb', key: 'k' }), { scope: 1 });
  return reader.read(
    { resource: 'products', target, url },
    define(options as Partial<ResourceOptions<Product>>),
  );
}

/** The row of a reply of either kind. */
const rowOf = (reply: ReadReply) =>
  reply.kind === 'list' ? reply.rows[0] : reply.kind === 'row' ? reply.row : reply;

const notLoaded = () => {
  throw new Error('not loaded');
};

class Model {
  id = 3;
  get price(): number {
    return notLoaded();
  }
}

it.each(TARGETS)(
  '`%s` may make objects of a class: its getters are not copied',
  async (_name, target, url, to) => {
    expect(
      rowOf(
        await read(
          target,
          url,
          to(() => new Model()),
        ),
      ),
    ).toEqual({ id: 3 });
    expect(said).toEqual([]);
  },
);

it.each(TARGETS)('what `%s` made is the cache’s alone', async (_name, target, url, to) => {
  const made = { id: 3, tags: ['a'], at: new Date(0) };
  const row = rowOf(
    await read(
      target,
      url,
      to(() => made),
    ),
  );
  made.tags.push('b');
  expect(row).toEqual({ id: 3, tags: ['a'], at: '1970-01-01T00:00:00.000Z' });
});

const BAD: [what: string, make: Make, why: string][] = [
  [
    'has a getter that throws',
    () => Object.defineProperty({ id: 3 }, 'name', { enumerable: true, get: notLoaded }),
    'not loaded',
  ],
  ['has a proxy that throws', () => new Proxy({ id: 3 }, { ownKeys: notLoaded }), 'not loaded'],
  ['has a toJSON that throws', () => ({ id: 3, toJSON: notLoaded }), 'not loaded'],
  [
    'has a getter that throws deeply',
    () => ({
      id: 3,
      maker: {
        get city() {
          return notLoaded();
        },
      },
    }),
    'not loaded',
  ],
  [
    'refers to itself',
    () => {
      const loop: { id: number; self?: object } = { id: 3 };
      loop.self = loop;
      return loop;
    },
    'circular',
  ],
  ['has a BigInt', () => ({ id: 3n }), 'BigInt'],
];

describe.each(TARGETS)('`%s`', (name, target, url, to) => {
  it.each(BAD)('that %s: the read fails, and it is said once', async (_what, make, why) => {
    for (const _again of [1, 2]) {
      const reply = await read(target, url, to(make));
      expect(reply).toMatchObject({ kind: 'failed', status: 200 });
      const message = `${url}: what \`${name}\` returned is not plain data (`;
      expect(reply).toHaveProperty('message', expect.stringContaining(message));
      expect(reply).toHaveProperty('message', expect.stringContaining(why));
    }
    expect(said).toEqual([expect.stringContaining(`Resource 'products': ${url}: what \`${name}\` returned`)]);
  });

  it.each([
    ['nothing', () => undefined],
    ['null', () => null],
    ['a number', () => 7],
    ['a text', () => 'row'],
    ['a promise', async () => ({ id: 3 })],
  ])('that gives %s: the read fails, and it is said once', async (_what, make) => {
    for (const _again of [1, 2]) {
      expect(await read(target, url, to(make))).toMatchObject({ kind: 'failed', status: 200 });
    }
    expect(said).toHaveLength(1);
  });
});

it.each(TARGETS)('`%s` that throws fails the read, and is said once', async (name, target, url, to) => {
  for (const _again of [1, 2]) {
    const message = `${url}: \`${name}\` threw: not loaded`;
    expect(await read(target, url, to(notLoaded))).toEqual({ kind: 'failed', status: 200, message });
  }
  expect(said).toEqual([`Resource 'products': ${url}: \`${name}\` threw: not loaded`]);
});
