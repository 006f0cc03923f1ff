import { describe, expect, it } from 'vitest';
import { wireQuery } from '../../src/cache/query.js';

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
  ])('names what is wrong with %j', (options, message) => {
    expect(() => wireQuery(RESOURCE, options)).toThrow(`Resource 'products': ${message}`);
  });
});
