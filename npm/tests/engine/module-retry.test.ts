/** A WebAssembly module that is not there at the first attempt, or never. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { echoModule } from '../../src/engine/echo-module.js';
import type { EngineConfig, EngineEvent } from '../../src/engine/port.js';
import type { ModuleScript, ModuleSource } from '../../src/engine/wasm-module.js';
import { eventually } from '../support/eventually.js';

const MAGIC = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const WASM = { headers: { 'Content-Type': 'application/wasm' } };
const found = async () => new Response(MAGIC, WASM);
const status = (status: number) => async () => new Response('', { status });

const fetched = vi.fn<(url: string | URL, init?: RequestInit) => Promise<Response>>();

beforeEach(() => {
  vi.resetModules();
  // `eventually` moves the clock
  vi.useFakeTimers();
  vi.spyOn(console, 'error').mockImplementation(() => {});
  fetched.mockReset().mockImplementation(found);
  vi.stubGlobal('fetch', fetched);
});

/** A port of a module that nobody loaded before. */
async function open(module: Partial<ModuleSource> = {}, config: Partial<EngineConfig> = {}) {
  const { DirectPort } = await import('../../src/engine/direct-port.js');
  const { engines } = await import('../support/fake-wasm.js');
  engines.length = 0;
  const events: EngineEvent[] = [];
  const port = new DirectPort({ key: 'k', ...config } as EngineConfig, { ...echoModule, ...module });
  port.onevent = (...event) => events.push(event);
  const named = (name: EngineEvent[0]) => events.filter(([each]) => each === name);
  return { port, events, engines, named };
}

describe('a module that is not there at first', () => {
  it.each<[string, () => Promise<Response>, string]>([
    ['503', status(503), 'is not there: '],
    ['500', status(500), 'answered 500. It is tried again.'],
    ['429', status(429), 'answered 429. It is tried again.'],
    ['404', status(404), 'was not found: '],
    ['403', status(403), 'answered 403'],
    [
      'no network',
      () => Promise.reject(new TypeError('Failed to fetch')),
      'could not be fetched (Failed to fetch)',
    ],
    [
      'the page of a captive portal',
      async () => new Response('<!doctype html>', { headers: { 'Content-Type': 'text/html' } }),
      'answered text/html, which is not a WebAssembly module',
    ],
    ['an empty answer', async () => new Response(null), 'answered content without a type'],
    ['an answer that is cut off', async () => cutOff(), 'cut off'],
  ])('is tried again after %s, and the engine gets what was kept', async (_what, answer, words) => {
    fetched.mockImplementationOnce(answer).mockImplementationOnce(answer);
    const { port, engines, events, named } = await open();
    port.post('connect');
    port.post('subscribe', 'a');
    await eventually(() => expect(engines).toHaveLength(1));
    expect(engines[0]?.calls).toEqual([['connect'], ['connect is done'], ['subscribe', 'a']]);
    expect(events.map(([name]) => name)).toEqual(['delayed', 'delayed', 'ready', 'connection']);
    expect(named('delayed')[0]?.[1]).toContain(words);
    expect(console.error, 'each message once').toHaveBeenCalledOnce();
    expect(fetched.mock.calls.map(([, init]) => init?.cache)).toEqual(['default', 'no-cache', 'no-cache']);
  });

  it('is tried again where it does not start, or its script does not load', async () => {
    const { default: start, Engine } = await import('../support/fake-wasm.js');
    const failing = (cause: string) => () => Promise.reject(new Error(cause));
    const attempts: (() => Promise<unknown>)[] = [
      failing('Failed to fetch dynamically imported module'),
      async () => ({ Engine, default: failing('expected 4 more bytes') }),
      async () => ({ Engine, default: start }),
    ];
    const { engines, named } = await open({
      script: () => attempts.shift()?.() as Promise<ModuleScript>,
    });
    await eventually(() => expect(engines).toHaveLength(1));
    expect(named('delayed').join()).toContain('could not be loaded (Failed to fetch dynamically');
    expect(named('delayed').join()).toContain('did not start (expected 4 more bytes)');
  });

  it('is given up and tried again where nothing answers', async () => {
    fetched.mockImplementationOnce(
      (_url, init) =>
        new Promise((_, reject) =>
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
        ),
    );
    const { engines, named } = await open();
    await vi.advanceTimersByTimeAsync(30_000);
    await eventually(() => expect(engines).toHaveLength(1));
    expect(named('delayed')[0]?.[1]).toContain('could not be fetched (it was not there after 30 s)');
  });

  it.each(['application/wasm', 'application/octet-stream'])(
    'is given up and tried again where a body of %s stalls, each time after twice as long',
    async (type) => {
      const { Engine } = await import('../support/fake-wasm.js');
      const stalled = async (_url: string | URL, init?: RequestInit) => stalling(type, init?.signal);
      fetched.mockImplementationOnce(stalled).mockImplementationOnce(stalled);
      const read = async ({ module_or_path: given }: { module_or_path: Response | ArrayBuffer }) =>
        given instanceof Response ? given.arrayBuffer() : given;
      const { engines, named } = await open({ script: async () => ({ Engine, default: read }) });
      await vi.advanceTimersByTimeAsync(30_000);
      await vi.waitUntil(() => named('delayed').length === 1, { interval: 0 });
      expect(named('delayed')[0]?.[1]).toContain('could not be fetched (it was not there after 30 s)');
      await vi.advanceTimersByTimeAsync(59_999);
      expect(named('delayed')).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(501);
      await vi.waitUntil(() => named('delayed').length === 2, { interval: 0 });
      expect(named('delayed')[1]?.[1]).toContain('after 60 s');
      await eventually(() => expect(engines).toHaveLength(1));
    },
  );

  it('is told of where its script stalls, and starts when the script comes after all', async () => {
    let come = (_script: ModuleScript) => {};
    const script = new Promise<ModuleScript>((resolve) => {
      come = resolve;
    });
    const { engines, named, port } = await open({ script: () => script });
    port.post('get', 1, 'products', '7');
    await vi.advanceTimersByTimeAsync(30_000);
    await vi.waitUntil(() => named('delayed').length === 1, { interval: 0 });
    expect(named('delayed')[0]?.[1]).toContain('could not be loaded (it was not there after 30 s)');
    await vi.waitUntil(() => named('rejected').length === 1, { interval: 0 });
    come((await import('../support/fake-wasm.js')) as unknown as ModuleScript);
    await eventually(() => expect(engines).toHaveLength(1));
  });

  it('is tried ever more rarely, every 30 s at last, and at once when there is an occasion', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    fetched.mockImplementation(status(503));
    const { port, named } = await open();
    const begun: number[] = [];
    fetched.mockImplementation(async () => {
      begun.push(performance.now());
      return new Response('', { status: 503 });
    });
    await eventually(() => expect(named('delayed')).toHaveLength(1));
    // the words are loaded for real, while the clock stands still
    for (let attempt = 2; attempt <= 9; attempt++) {
      await vi.advanceTimersToNextTimerAsync();
      await vi.waitUntil(() => named('delayed').length >= attempt, { interval: 0 });
    }
    const pauses = begun.slice(1).map((at, n) => at - (begun[n] ?? 0));
    expect(pauses.map((pause) => Math.round(pause / 100) / 10)).toEqual([1, 2, 4, 8, 16, 30, 30]);
    for (const occasion of ['online', 'visible', 'resumed'] as const) {
      const before = begun.length;
      await vi.advanceTimersByTimeAsync(1_000);
      expect(begun).toHaveLength(before);
      port.post('page', occasion);
      await vi.advanceTimersByTimeAsync(0);
      expect(begun, occasion).toHaveLength(before + 1);
      await vi.waitUntil(() => named('delayed').length >= begun.length, { interval: 0 });
    }
    const before = begun.length;
    port.post('connect');
    port.post('connect');
    port.post('page', 'offline');
    await vi.advanceTimersByTimeAsync(499);
    port.post('connect');
    expect(begun, 'not twice within 500 ms, however often it is asked').toHaveLength(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toHaveLength(before + 1);
  });

  it('is not tried again once the port is closed', async () => {
    fetched.mockImplementation(status(503));
    const { port, named, events } = await open();
    await eventually(() => expect(named('delayed')).toHaveLength(1));
    port.close();
    const calls = fetched.mock.calls.length;
    const told = events.length;
    await vi.advanceTimersByTimeAsync(120_000);
    expect([fetched.mock.calls.length, events.length]).toEqual([calls, told]);
  });

  it('answers who waits: those who asked before, and those who ask meanwhile', async () => {
    let resolve: (response: Response) => void = () => {};
    fetched.mockImplementation(status(503)).mockReturnValueOnce(
      new Promise((fulfil) => {
        resolve = fulfil;
      }),
    );
    const { port, named, events, engines } = await open();
    port.post('connect');
    port.post('get', 1, 'products', '7');
    port.post('inspect', 2);
    port.post('clear', 3);
    await vi.advanceTimersByTimeAsync(0);
    expect(events).toEqual([]);
    resolve(new Response('', { status: 503 }));
    await eventually(() => expect(named('cleared')).toEqual([['cleared', 3, undefined]]));
    expect(named('rejected')[0]).toEqual(['rejected', 1, expect.stringContaining('answered 503')]);
    expect(named('inspected')[0]).toEqual(['inspected', 2, { engine: expect.stringContaining('503') }]);
    port.post('get', 4, 'products', '7');
    port.post('inspect', 5);
    port.post('trigger', 'private-a', 'client-typing', {});
    await eventually(() => expect([named('rejected').length, named('inspected').length]).toEqual([2, 2]));
    fetched.mockImplementation(found);
    await eventually(() => expect(engines).toHaveLength(1));
    expect(engines[0]?.calls, 'none of them is asked again').toEqual([['connect'], ['connect is done']]);
  });

  it('clears the store by itself', async () => {
    fetched.mockImplementation(status(503));
    const request: Record<string, () => void> & { error?: Error } = {};
    const deleteDatabase = vi.fn((_name: string) => request);
    vi.stubGlobal('indexedDB', { deleteDatabase });
    const { port, named } = await open({}, { database: 'echolite:k:7' });
    const asked = async (number: number) => {
      port.post('clear', number);
      await eventually(() => expect(deleteDatabase).toHaveBeenCalledTimes(number));
    };
    await asked(1);
    request.onsuccess?.();
    await eventually(() => expect(named('cleared')[0]).toEqual(['cleared', 1, undefined]));
    await asked(2);
    request.error = new Error('disk');
    request.onerror?.();
    await eventually(() => expect(named('cleared')[1]?.[2]).toContain('was not deleted: disk'));
    await asked(3);
    await vi.advanceTimersByTimeAsync(5_000);
    await eventually(() => expect(named('cleared')[2]?.[2]).toContain('another tab keeps the database'));
    expect(deleteDatabase.mock.calls.flat()).toEqual(Array(3).fill('echolite:k:7'));
  });
});

describe('a module that can never start', () => {
  it.each<[string, () => void, string]>([
    ['no WebAssembly', () => vi.stubGlobal('WebAssembly', undefined), 'This browser has no WebAssembly'],
    [
      'a Content-Security-Policy',
      () =>
        vi.stubGlobal('WebAssembly', {
          Module: class {
            constructor() {
              throw new Error("violates the following Content Security policy directive: script-src 'self'");
            }
          },
        }),
      "add 'wasm-unsafe-eval' to its script-src",
    ],
  ])('%s: says so once, fetches nothing, and answers', async (_what, prepare, words) => {
    prepare();
    const { port, events, named } = await open();
    port.post('inspect', 1);
    await eventually(() => expect(named('failed')).toHaveLength(1));
    port.post('get', 2, 'products', '7');
    port.post('connect');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(named('failed')[0]?.[1]).toContain(words);
    expect(events.map(([name]) => name).sort()).toEqual(['failed', 'inspected', 'rejected']);
    expect(fetched).not.toHaveBeenCalled();
    expect(console.error).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(words));
  });

  it('answers those who asked before, and says that it failed only then', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    const request: Record<string, () => void> = {};
    const deleteDatabase = vi.fn((_name: string) => request);
    vi.stubGlobal('indexedDB', { deleteDatabase });
    const { port, events, named } = await open({}, { database: 'echolite:k:7' });
    port.post('connect');
    port.post('get', 1, 'products', '7');
    port.post('inspect', 2);
    port.post('clear', 3);
    await eventually(() => expect(deleteDatabase).toHaveBeenCalledOnce());
    request.onsuccess?.();
    await eventually(() => expect(named('failed')).toHaveLength(1));
    expect(events.map(([name]) => name)).toEqual(['rejected', 'inspected', 'cleared', 'failed']);
  });
});

/** An answer of the right type whose body ends too early, as a broken connection makes it. */
function cutOff(): Response {
  const body = new ReadableStream({ pull: (stream) => stream.error(new Error('cut off')) });
  return new Response(body, { headers: { 'Content-Type': 'application/octet-stream' } });
}

/** An answer whose body begins and never ends; only who asked can end it. */
function stalling(type: string, signal: AbortSignal | null | undefined): Response {
  const body = new ReadableStream({
    start(stream) {
      stream.enqueue(MAGIC);
      signal?.addEventListener('abort', () => stream.error(new DOMException('aborted', 'AbortError')));
    },
  });
  return new Response(body, { headers: { 'Content-Type': type } });
}
