import { describe, expect, it, vi } from 'vitest';
import type { WireResource } from '../../src/engine/port.js';
import type { CacheOptions, ResourceOptions } from '../../src/index.js';
import { PRODUCTS, type Product, setUp } from '../support/cache.js';
import { only } from '../support/fake-port.js';

/** The wire form of one resource. */
function wire(
  options: Partial<ResourceOptions<Product>>,
  settings: Partial<CacheOptions> = {},
): WireResource {
  const { cache, made } = setUp(settings);
  cache.resource<Product>('products', { ...PRODUCTS, ...options });
  return only(made).named('resource')[0]?.[1] as WireResource;
}

describe('a resource', () => {
  it('is translated into the words of the engine', () => {
    expect(wire({ version: 'updated_at' })).toEqual({
      name: 'products',
      fingerprint: expect.stringContaining('https://shop.example/api/products'),
      url: 'https://shop.example/api/products',
      rowPrefixes: ['https://shop.example/api/products/'],
      key: 'id',
      version: 'updated_at',
      strict: false,
      merge: false,
      channels: ['private-products'],
      on: [['App\\Events\\ProductChanged', 'auto']],
      indexes: ['category', 'price'],
      indexTypes: [],
      rowField: 'client_refresh',
      deletedField: 'deleted',
      urlField: 'url',
      tagField: 'tags',
      tags: [],
      headField: 'head',
      since: false,
      consult: false,
      schema: 1,
      persist: true,
    });
  });

  it('takes names, channels and URLs in their forms', () => {
    const options = {
      url: new URL('https://api.example/products/?page=1'),
      channel: ['products', 'private:a.b', 'private-c'],
      on: { '.product.changed': 'patch', '\\Own\\Event': 'refresh' } as const,
      rowUrls: ['/api/product?id='],
    };
    expect(wire(options)).toMatchObject({
      url: 'https://api.example/products/?page=1',
      rowPrefixes: ['https://shop.example/api/product?id='],
      channels: ['products', 'private-a.b', 'private-c'],
      on: [
        ['product.changed', 'patch'],
        ['Own\\Event', 'refresh'],
      ],
    });
    expect(wire({ url: 'https://api.example/products/?page=1' }).rowPrefixes).toEqual([
      'https://api.example/products/',
    ]);
  });

  it('stores only public rows when nobody is signed in', () => {
    expect(wire({}, { scope: null }).persist).toBe(false);
    expect(wire({ channel: 'products' }, { scope: null }).persist).toBe(true);
    expect(wire({ channel: ['products', 'private:x'] }, { scope: null }).persist).toBe(false);
  });

  it('is consulted when the application has a say', () => {
    expect(wire({ belongs: () => true }).consult).toBe(true);
    expect(wire({ on: { ProductChanged: () => 'auto' } })).toMatchObject({
      consult: true,
      on: [['App\\Events\\ProductChanged', 'auto']],
    });
  });

  it('declares which rows the list holds, or nothing', () => {
    expect([wire({}).belongs, wire({}).consult]).toEqual([undefined, false]);
    expect([wire({ belongs: 'all' }).belongs, wire({ belongs: 'all' }).consult]).toEqual(['all', false]);
    expect(wire({ belongs: () => true }).belongs).toBe('function');
    for (const belongs of ['All', true, false, {}, '']) {
      expect(() => wire({ belongs: belongs as 'all' })).toThrow(
        /`belongs` is .*; expected a function, or 'all'/,
      );
    }
  });

  it('declares what its indexes are, or nothing', () => {
    const { indexes, indexTypes } = wire({ indexes: { price: 'number', made: 'date', 'a.b': 'text' } });
    expect(indexes).toEqual(['price', 'made', 'a.b']);
    expect(indexTypes).toEqual([
      ['price', 'number'],
      ['made', 'date'],
      ['a.b', 'text'],
    ]);
    expect(wire({ mode: 'append', after: 'at', indexes: { at: 'date' } }).indexes).toEqual(['at']);
    for (const wrong of [{ price: 'float' }, { price: 1 }, { price: undefined }]) {
      expect(() => wire({ indexes: wrong as never })).toThrow(/`indexes.price` is .*; expected 'number'/);
    }
    for (const wrong of ['price', 7, { '': 'text' }, ['a', 7]]) {
      expect(() => wire({ indexes: wrong as never })).toThrow(/`indexes` is .*; expected field names/);
    }
  });

  it('has pages and tags', () => {
    const options = {
      page: 'cursor',
      pageSize: 50,
      tags: ['a', 'product:{id}'],
      tagField: 'meta.tags',
    } as const;
    const { page, tags, tagField } = wire({ ...options, tags: [...options.tags] });
    expect([page, tags, tagField]).toEqual(['cursor', ['a', 'product:{id}'], 'meta.tags']);
  });

  it('takes the names that the application gives to the fields of events', () => {
    const fields = {
      rowField: 'product',
      deletedField: 'gone',
      urlField: 'links.self',
      tagField: 'meta.tags',
      headField: 'meta.head',
    };
    const { rowField, deletedField, urlField, tagField, headField } = wire(fields);
    expect([rowField, deletedField, urlField, tagField, headField]).toEqual(Object.values(fields));
  });

  it("takes Laravel's model events", () => {
    expect(wire({ on: { 'model:Product': 'auto' } })).toMatchObject({
      consult: true,
      on: ['Created', 'Updated', 'Deleted', 'Trashed', 'Restored'].map((event) => [
        `Product${event}`,
        'auto',
      ]),
    });
  });

  it.each<[string, object, string]>([
    ['no url', { url: undefined }, '`url` is missing; expected where the list is read'],
    ['no channel', { channel: undefined }, '`channel` is missing'],
    ['no channels', { channel: [] }, '`channel` is missing'],
    ['a presence channel', { channel: 'presence:room' }, "the channel 'presence:room' cannot be used"],
    ['no events', { on: undefined }, '`on` is missing'],
    ['an unknown reaction', { on: { A: 'merge' } }, `on['A'] is "merge"; expected 'auto', 'refresh'`],
    ['a whisper', { on: { '.client-x': 'auto' } }, 'only events of the back end can change a cache'],
    ['a nameless model', { on: { 'model:': 'auto' } }, 'names no model'],
    ['odd indexes', { indexes: { price: 'money' as 'number' } }, "; expected 'number', 'date' or 'text'."],
    ['an unknown mode', { mode: 'prepend' }, `\`mode\` is "prepend"; expected 'append', or nothing`],
    ['after without mode', { after: 'id' }, "`after` is for append lists; add mode: 'append'"],
    ['an odd after', { mode: 'append', after: 7 }, '`after` is 7; expected a path in a row that grows'],
    ['an unknown page', { page: 'offset' }, `\`page\` is "offset"; expected 'number' or 'cursor'`],
    [
      'a size of no page',
      { pageSize: 50 },
      "`pageSize` is for lists in pages; add page: 'number' or 'cursor'",
    ],
    ['next of no page', { next: 'next' }, '`next` is for lists in pages'],
    ['an odd size', { page: 'number', pageSize: 0 }, '`pageSize` is 0; expected how many rows a page has'],
    ['an odd next', { page: 'cursor', next: 7 }, '`next` is 7; expected a path in the answer, or a function'],
    ['pages that grow', { page: 'cursor', mode: 'append' }, 'an append list is not read in pages'],
    ['odd tags', { tags: 'shoes' }, '`tags` is "shoes"; expected tags, such as'],
    ['an odd tag', { tags: ['{id}:{id}'] }, '`tags` is ["{id}:{id}"]'],
    ['an odd path of rows', { rowField: 7 }, "`rowField` is 7; expected a path in an event's data"],
    ['an odd path of deletions', { deletedField: true }, '`deletedField` is true; expected a path'],
    ['an odd path of URLs', { urlField: ['url'] }, '`urlField` is ["url"]; expected a path'],
    ['an odd path of tags', { tagField: 7 }, '`tagField` is 7; expected a path'],
    ['an odd path of heads', { headField: {} }, '`headField` is {}; expected a path'],
    ['an odd schema', { schema: 0 }, '`schema` is 0'],
    ['an odd key', { key: 7 }, '`key` is 7; expected a path in a row'],
    ['an empty key', { key: '' }, "`key` is ''; expected a path in a row"],
    ['an odd version', { version: true }, '`version` is true; expected a path in a row'],
    ['an odd schema as text', { schema: '2' }, '`schema` is "2"; expected 1, 2, 3'],
    ['a schema without end', { schema: Number.POSITIVE_INFINITY }, '`schema` is Infinity'],
    ['strict as text', { strict: 'yes' }, "`strict` is 'yes'; expected true or false"],
    ['since as number', { since: 1 }, '`since` is 1; expected true or false'],
    ['since as a URL', { since: '/api/since' }, "`since` is '/api/since'; expected true or false"],
    ['belongs as a flag', { belongs: true }, "`belongs` is true; expected a function, or 'all'"],
    ['odd rows', { rows: ['data'] }, '`rows` is ["data"]; expected a text, or a function'],
    ['an odd row', { row: 'data' }, "`row` is 'data'; expected a function"],
    ['one row URL', { rowUrls: '/api/p/' }, "`rowUrls` is '/api/p/'; expected a list of texts"],
    ['an empty row URL', { rowUrls: [''] }, '`rowUrls` is [""]; expected a list of texts'],
    ['reactions in a list', { on: ['A'] }, '`on` is ["A"]; expected an object'],
    ['an odd url', { url: 7 }, '`url` is 7; expected a URL'],
    [
      'a url of no server',
      { url: 'https://' },
      "`url` is 'https://'; expected a path such as '/api/products'",
    ],
    ['a url of no host', { url: 'javascript:1' }, "`url` is 'javascript:1'; expected a path"],
    ['a url with a password', { url: 'https://a:b@c.test/' }, "`url` is 'https://a:b@c.test/'; expected"],
    ['a row URL of no host', { rowUrls: ['ftp://a/'] }, "`rowUrls` is 'ftp://a/'; expected a path"],
    ['a size of text', { page: 'number', pageSize: '50' }, '`pageSize` is "50"; expected how many rows'],
    ['a size of NaN', { page: 'number', pageSize: Number.NaN }, '`pageSize` is NaN; expected how many'],
  ])('names what is wrong: %s', (_name, options, message) => {
    const { cache } = setUp();
    const make = () => cache.resource('products', { ...PRODUCTS, ...options } as ResourceOptions<Product>);
    expect(make).toThrow(`Resource 'products': `);
    expect(make).toThrow(message);
  });

  it.each<[string, Partial<ResourceOptions<Product>>, string | undefined, string[]]>([
    ['by the key', { mode: 'append' }, 'id', ['category', 'price']],
    ['by the key, named', { mode: 'append', after: 'id', indexes: [] }, 'id', []],
    ['by an index', { mode: 'append', after: 'price' }, 'price', ['category', 'price']],
    [
      'by a field that becomes one',
      { mode: 'append', after: 'meta.seq', indexes: [] },
      'meta.seq',
      ['meta.seq'],
    ],
    ['not at all', {}, undefined, ['category', 'price']],
  ])('is appended to %s', (_how, options, append, indexes) => {
    const translated = wire(options);
    expect(translated.append).toBe(append);
    expect(translated.indexes).toEqual(indexes);
  });

  it('may be ordered by what it is appended by', () => {
    const { cache } = setUp();
    const messages = cache.resource<Product>('messages', { ...PRODUCTS, mode: 'append', after: 'seq' });
    expect(() => messages.live({ orderBy: '-seq' })).not.toThrow();
  });

  it('is asked for by the name that was meant, where an option is not known', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    wire({ versions: 'updated_at', fetcher: 1 } as Partial<ResourceOptions<Product>>);
    wire({ versions: 'updated_at' } as Partial<ResourceOptions<Product>>);
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      "Resource 'products': there is no option `versions`; did you mean `version`?",
      expect.stringMatching(
        /^Resource 'products': there is no option `fetcher`; expected some of url, rows, /,
      ),
    ]);
  });

  it('is there once', () => {
    const { cache } = setUp();
    cache.resource('products', PRODUCTS);
    expect(() => cache.resource('products', PRODUCTS)).toThrow("Resource 'products' is there already");
  });
});
