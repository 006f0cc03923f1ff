import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WarningCode } from '../../src/engine/port.js';
import { PRODUCTS, type Product, setUp } from '../support/cache.js';
import { only } from '../support/fake-port.js';

afterEach(() => vi.restoreAllMocks());

/** The text on the console for a warning of the engine. */
function said(code: WarningCode, values: string[]): string[] {
  const console = vi.spyOn(globalThis.console, 'warn').mockImplementation(() => {});
  console.mockClear();
  const { cache, made } = setUp();
  cache.resource<Product>('products', PRODUCTS);
  const told: string[] = [];
  cache.onActivity((activity) => {
    if (activity.type === 'warning') told.push(activity.code);
  });
  only(made).onevent('activity', { at: 0, type: 'warning', resource: 'products', code, values });
  expect(told).toEqual([code]);
  return console.mock.calls.map(([text]) => String(text));
}

describe('a warning', () => {
  it('names the resource, what was found, and the fix', () => {
    for (const [code, values, parts] of [
      ['belongs-undeclared', [''], ["Resource 'products'", "belongs: 'all'"]],
      ['versions-incomparable', ['', '9', "'v10'"], ["is 9 and an event's is 'v10'", 'in one form']],
      ['row-poorer', ['', 'category.name'], ["no 'category.name'", 'merge: true']],
      ['key-twice', ['', '7'], ["the key '7' more than once", '`key`']],
    ] as [WarningCode, string[], string[]][]) {
      const [text, ...more] = said(code, values);
      expect(more).toEqual([]);
      for (const part of parts) expect(text).toContain(part);
    }
  });

  it.each([
    ['product.changed', '.product.changed'],
    ['App\\Events\\OrderChanged', 'OrderChanged'],
    ['Shop\\Events\\OrderChanged', '.Shop\\Events\\OrderChanged'],
    ['OrderChanged', '.OrderChanged'],
  ])('says how `on` would name the event %s', (event, name) => {
    const [text] = said('event-unnamed', [event]);
    expect(text).toContain(`carries the event '${event}'`);
    expect(text).toContain(`on: { '${name}': 'auto' }`);
  });
});
