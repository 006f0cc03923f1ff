import { describe, expect, it } from 'vitest';
import type { ResourceOptions } from '../../src/cache/resource-options.js';
import { define, type Product } from '../support/definition.js';

type Options = Partial<ResourceOptions<Product>>;

const fingerprint = (options: Options = {}) => define(options).wire.fingerprint;
const base = fingerprint();

describe('a fingerprint', () => {
  it.each<[string, Options]>([
    ['another filter', { url: '/api/products?category=hats' }],
    ['another path', { url: '/api/v2/products' }],
    ['another site', { url: 'https://elsewhere.example/api/products' }],
    ['another key', { key: 'sku' }],
    ['a version', { version: 'v' }],
    ['strict versions', { strict: true }],
    ['rows at a path', { rows: 'data.items' }],
    ['rows by a function', { rows: (json: Product[]) => json }],
    ['pages', { page: 'number' }],
    ['one page for the list', { page: false }],
    ['an append list', { mode: 'append' }],
    ['rows that are merged', { merge: true }],
    ['a type of an index', { indexes: { name: 'text' } }],
    ['since', { since: true }],
    ['all rows belong', { belongs: 'all' }],
    ['a function says which belong', { belongs: () => true }],
    ['another reaction', { on: { Changed: 'ignore' } }],
    ['an event more', { on: { Changed: 'auto', Other: 'refresh' } }],
    ['an event by another name', { on: { Altered: 'auto' } }],
    ['a function says what an event does', { on: { Changed: () => 'auto' } }],
  ])('is another for %s', (_name, options) => {
    expect(fingerprint(options)).not.toBe(base);
  });

  it.each<[string, Options]>([
    ['defaults that are written out', { key: 'id', strict: false, merge: false, since: false }],
    ['the same URL in full', { url: new URL('/api/products', location.href) }],
    ['what is undefined', { version: undefined, rows: undefined, page: undefined }],
    ['channels', { channel: ['products', 'prices'] }],
    ['tags, fields and row URLs', { tags: ['a'], rowField: 'row', rowUrls: ['/api/p/'] }],
    ['indexes without types', { indexes: ['name'] }],
    ['no indexes', { indexes: {} }],
    ['a schema, which is compared for itself', { schema: 2 }],
  ])('is the same with %s', (_name, options) => {
    expect(fingerprint(options)).toBe(base);
  });

  it('is the same for two functions, and another for a path that is called so', () => {
    const one = fingerprint({ rows: () => [], belongs: () => true });
    expect(fingerprint({ rows: (json: Product[]) => json, belongs: () => false })).toBe(one);
    expect(fingerprint({ rows: 'function', belongs: () => true })).not.toBe(one);
  });

  it('is the same for types of indexes in another order', () => {
    const one = fingerprint({ indexes: { name: 'text', price: 'number' } });
    expect(fingerprint({ indexes: { price: 'number', name: 'text' } })).toBe(one);
  });

  it('tells apart what differs in one place only', () => {
    const prints = [{ key: 'a' }, { version: 'a' }, { rows: 'a' }, { key: 'a', version: 'a' }].map(
      fingerprint,
    );
    expect(new Set(prints).size).toBe(prints.length);
  });

  it('does not depend on the order of properties', () => {
    const on = { A: 'auto', B: 'refresh' } as const;
    expect(fingerprint({ on: { B: 'refresh', A: 'auto' } })).toBe(fingerprint({ on }));
    const options = { url: '/api/p', key: 'sku', version: 'v', channel: 'p', on } as const;
    const reversed = Object.fromEntries(Object.entries(options).reverse());
    expect(fingerprint(reversed)).toBe(fingerprint(options));
  });
});
