import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HttpReader } from '../../src/cache/http-reader.js';
import type { WireRead } from '../../src/engine/port.js';
import { fillOptions } from '../../src/options/fill-options.js';
import { define } from '../support/definition.js';

const LIST: WireRead = { resource: 'products', target: 'list', url: 'https://shop.example/api/products' };
const ROW: WireRead = { ...LIST, resource: 'others', url: 'https://shop.example/api/others' };
const fetched = vi.fn<(url: URL, init: RequestInit) => Promise<Response>>();
const progress = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  fetched.mockReset();
  progress.mockReset();
  vi.stubGlobal('fetch', fetched);
});

afterEach(() => {
  vi.useRealTimers();
});

const reader = (readTimeout?: number) =>
  new HttpReader(fillOptions({ broadcaster: 'reverb', key: 'k' }), { scope: 1, readTimeout });
const signal = (call: number) => fetched.mock.calls[call]?.[1].signal as AbortSignal;

/** An answer whose body comes part by part. */
function inParts() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start: (own) => {
      controller = own;
    },
  });
  fetched.mockImplementation(async () => new Response(body));
  return controller;
}

describe('a read', () => {
  it('that nothing answers is given up and aborted, even by a fetch that obeys no signal', async () => {
    for (const [limit, seconds] of [
      [undefined, 30],
      [2_000, 2],
    ] as const) {
      fetched.mockReset().mockImplementation(() => new Promise(() => {}));
      const reply = reader(limit).read(LIST, define(), progress);
      await vi.advanceTimersByTimeAsync(seconds * 1_000);
      expect(await reply).toEqual({
        kind: 'failed',
        message: `/api/products could not be reached: nothing of its answer came for ${seconds} s (the option \`readTimeout\` of the cache)`,
      });
      expect(signal(0).aborted).toBe(true);
    }
  });

  it('whose answer stops half-way is given up and aborted', async () => {
    const parts = inParts();
    const reply = reader().read(LIST, define(), progress);
    await vi.advanceTimersByTimeAsync(20_000);
    parts.enqueue(new TextEncoder().encode('[{"id":'));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(signal(0).aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await reply).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('nothing of its answer came for 30 s'),
    });
    expect(signal(0).aborted).toBe(true);
  });

  it('may take as long as its answer keeps coming, and tells the engine so', async () => {
    const parts = inParts();
    const reply = reader(2_000).read(LIST, define(), progress);
    // a letter of two bytes comes in two parts
    for (const byte of new TextEncoder().encode('[{"id":1,"name":"ö"}]')) {
      await vi.advanceTimersByTimeAsync(1_500);
      parts.enqueue(Uint8Array.of(byte));
    }
    parts.close();
    expect(await reply).toEqual({ kind: 'list', rows: [{ id: 1, name: 'ö' }] });
    expect(progress.mock.calls.length).toBeGreaterThan(15);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not tell the engine of each part', async () => {
    const parts = inParts();
    const reply = reader().read(LIST, define(), progress);
    for (const byte of new TextEncoder().encode(`[${' '.repeat(998)}]`)) {
      await vi.advanceTimersByTimeAsync(10);
      parts.enqueue(Uint8Array.of(byte));
    }
    parts.close();
    expect(await reply).toMatchObject({ kind: 'list' });
    expect(progress.mock.calls.length).toBeLessThan(15);
  });

  it('that the engine gave up is aborted by the next of its resource, and by no other', async () => {
    fetched.mockImplementation(() => new Promise(() => {}));
    const own = reader();
    const first = own.read(LIST, define(), progress);
    own.read(ROW, define(), progress);
    own.read(LIST, define(), progress);
    expect(await first).toMatchObject({ kind: 'failed' });
    expect([0, 1, 2].map((call) => signal(call).aborted)).toEqual([true, false, false]);
    own.abandon('others');
    expect([1, 2].map((call) => signal(call).aborted)).toEqual([true, false]);
    own.abandon();
    expect(signal(2).aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
