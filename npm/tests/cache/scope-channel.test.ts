import { expect, it } from 'vitest';
import { ScopeChannel } from '../../src/cache/scope-channel.js';
import type { EngineConfig } from '../../src/engine/port.js';
import { createCache } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { FakePort, fakePorts, only } from '../support/fake-port.js';

const tab = (build: number, database = 'echolite:k:7') => {
  const port = new FakePort({} as EngineConfig);
  const channel = new ScopeChannel(database, build, port);
  return { port, stop: () => channel.close() };
};

const released = (port: FakePort) => port.named('retire').length > 0;

it('has older builds give the scope up, whichever tab opens first', async () => {
  const old = tab(1);
  const same = tab(2);
  const newer = tab(2);
  await eventually(() => expect(released(old.port)).toBe(true));
  const late = tab(1);
  await eventually(() => expect(released(late.port)).toBe(true));
  expect(released(same.port)).toBe(false);
  expect(released(newer.port)).toBe(false);
  for (const { stop } of [old, same, newer, late]) stop();
});

it('leaves other scopes and closed tabs alone', async () => {
  const closed = tab(1);
  closed.stop();
  const other = tab(1, 'echolite:k:8');
  const old = tab(1);
  const newer = tab(2);
  await eventually(() => expect(released(old.port)).toBe(true));
  expect(released(other.port)).toBe(false);
  expect(released(closed.port)).toBe(false);
  for (const { stop } of [other, old, newer]) stop();
});

it('is the cache option `build`', async () => {
  const make = (build?: number) => {
    const { port, made } = fakePorts();
    const cache = createCache({ broadcaster: 'reverb', key: 'k', scope: 9, build, port });
    cache.resource('products', { url: '/api/products', channel: 'products', on: { ProductChanged: 'auto' } });
    return { cache, port: only(made) };
  };
  const old = make(1);
  const without = make();
  const newer = make(2);
  await eventually(() => expect(released(old.port)).toBe(true));
  expect(released(without.port)).toBe(false);
  for (const { cache } of [old, without, newer]) cache.close();
  expect(() => make(Number.NaN)).toThrow('`build` is NaN; expected a number that grows with each release');
});
