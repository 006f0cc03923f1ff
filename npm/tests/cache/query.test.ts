import { describe, expect, it, vi } from 'vitest';
import { wireQuery } from '../../src/cache/query.js';
import type { LiveOptions } from '../../src/index.js';

const RESOURCE = { name: 'products', key: 'id', indexes: ['category', 'price', 'maker.name'] };

describe('wireQuery', () => {
  it('translates conditions and order', () => {
    const query = wireQuery(RESOURCE, {
      where: {
        category: 'shoes',
        price: { gte: 10, lt: 20, ne: 15 },
        'maker.name': { contains: 'red' },
        id: [1, 2],
      },
      orderBy: ['-price', 'id'],
      limit: 50,
    });
    expect(query).toEqual({
      conditions: [
        ['category', 'equals', 'shoes'],
        ['price', 'atLeast', 10],
        ['price', 'less', 20],
        ['price', 'differs', 15],
        ['maker.name', 'contains', 'red'],
        ['id', 'oneOf', [1, 2]],
      ],
      order: [
        ['price', true],
        ['id', false],
      ],
      offset: 0,
      limit: 50,
    });
    expect(wireQuery(RESOURCE, { where: { category: null } }).conditions).toEqual([
      ['category', 'equals', null],
    ]);
    expect(wireQuery(RESOURCE, {})).toEqual({ conditions: [], order: [], offset: 0 });
  });

  it.each<[object, string]>([
    [
      { where: { color: 'red' } },
      "where names 'color', which has no index. Declare it: indexes: ['category', 'price', 'maker.name', 'color'].",
    ],
    [{ orderBy: '-name' }, "orderBy names 'name', which has no index."],
    [{ where: { price: { above: 1 } } }, "where.price has the operator 'above'; expected one of eq, ne, in"],
    [
      { where: { price: undefined } },
      'where.price is undefined; expected a string, number, boolean or null; leave',
    ],
    [{ where: { price: { in: 3 } } }, 'where.price.in is 3; expected a list.'],
    [{ limit: -1 }, 'limit is -1; expected a whole number from 0 on.'],
    [{ offset: 1.5 }, 'offset is 1.5'],
    [{ offset: '5' }, 'offset is 5; expected a whole number'],
    [{ limit: Number.NaN }, 'limit is NaN'],
    [{ limit: Number.POSITIVE_INFINITY }, 'limit is Infinity'],
    [
      { where: { price: new Date(0) } },
      'where.price is "1970-01-01T00:00:00.000Z"; expected a value, a list, or',
    ],
    [{ where: { price: {} } }, 'where.price is {}; expected a value, a list, or operators'],
    [{ where: { price: Number.NaN } }, 'where.price is NaN; expected a string, number'],
    [{ where: { category: { contains: 5 } } }, 'where.category.contains is 5; expected a text'],
  ])('names what is wrong with %j', (options, message) => {
    expect(() => wireQuery(RESOURCE, options)).toThrow(`Resource 'products': ${message}`);
  });

  it.each<[unknown, string]>([
    [null, 'live() needs an object of options, and got null'],
    [{ where: 'category' }, "live(): `where` is 'category'; expected an object"],
    [{ where: [] }, 'live(): `where` is []; expected an object'],
    [{ orderBy: 5 }, 'live(): `orderBy` is 5; expected a text that is not empty, or a list of texts'],
    [{ orderBy: ['price', 5] }, 'live(): `orderBy` is ["price",5]'],
    [{ orderBy: '' }, "live(): `orderBy` is ''"],
  ])('refuses options of another kind: %o', (options, message) => {
    expect(() => wireQuery(RESOURCE, options as LiveOptions)).toThrow(`Resource 'products': ${message}`);
  });

  it('says what an unknown option was meant to be', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    wireQuery(RESOURCE, { orderby: 'price' } as LiveOptions);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      "Resource 'products': live(): there is no option `orderby`; did you mean `orderBy`?",
    );
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'])(
    'takes the word %s for a field or operator like any other',
    (name) => {
      const query = (text: string): LiveOptions => JSON.parse(text);
      expect(() => wireQuery(RESOURCE, query(`{"where":{"price":{"${name}":1}}}`))).toThrow(
        `where.price has the operator '${name}'; expected one of eq`,
      );
      expect(() => wireQuery(RESOURCE, query(`{"where":{"${name}":1}}`))).toThrow(
        `names '${name}', which has no index`,
      );
      const fields = { ...RESOURCE, indexes: [name] };
      expect(wireQuery(fields, query(`{"where":{"${name}":1},"orderBy":"${name}"}`))).toMatchObject({
        conditions: [[name, 'equals', 1]],
        order: [[name, false]],
      });
    },
  );
});
