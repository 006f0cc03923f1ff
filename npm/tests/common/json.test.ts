import { expect, it } from 'vitest';
import { at } from '../../src/common/json.js';

it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'finds a field called %s where somebody gave it, and there alone',
  (name) => {
    expect(at({}, name)).toBeUndefined();
    expect(at({ a: [] }, `a.${name}`)).toBeUndefined();
    expect(at(JSON.parse(`{"a":{"${name}":7}}`), `a.${name}`)).toBe(7);
  },
);

it('finds what a class gives its rows', () => {
  class Product {
    constructor(readonly id: number) {}
    get name(): string {
      return `Product ${this.id}`;
    }
  }
  expect(at({ row: new Product(7) }, 'row.name')).toBe('Product 7');
});
