import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DirectPort } from '../../src/engine/direct-port.js';
import { echoModule } from '../../src/engine/echo-module.js';
import type { EngineConfig, EngineEvent } from '../../src/engine/port.js';
import { eventually } from '../support/eventually.js';
import { engines, started } from '../support/fake-wasm.js';

const MAGIC = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const WASM = { headers: { 'Content-Type': 'application/wasm' } };
const fetched = vi.fn<(url: string | URL) => Promise<Response>>();

beforeEach(() => {
  vi.resetModules();
  engines.length = 0;
  started.length = 0;
  fetched.mockReset().mockImplementation(async () => new Response(MAGIC, WASM));
  vi.stubGlobal('fetch', fetched);
});

/** A port of a module that nobody loaded before. */
async function open(wasmUrl?: string) {
  const { DirectPort } = await import('../../src/engine/direct-port.js');
  const fake = await import('../support/fake-wasm.js');
  const events: EngineEvent[] = [];
  const port: DirectPort = new DirectPort({ key: 'k' } as EngineConfig, echoModule, wasmUrl);
  port.onevent = (...event) => events.push(event);
  return { port, events, fake, DirectPort };
}

describe('DirectPort', () => {
  it('keeps commands until the module is there, which is loaded once', async () => {
    const { port, events, fake, DirectPort } = await open('/echolite.wasm');
    port.post('connect');
    port.post('subscribe', 'a');
    const second = new DirectPort({ key: 'k' } as EngineConfig, echoModule);
    await eventually(() => expect(fake.engines).toHaveLength(2));
    expect(fake.engines[0]?.calls).toEqual([['connect'], ['connect is done'], ['subscribe', 'a']]);
    expect(events[0]).toEqual(['ready']);
    expect(fetched.mock.calls.map(([url]) => url)).toEqual(['/echolite.wasm']);
    expect(fake.started[0]).toBeInstanceOf(Response);
    second.close();
    await eventually(() => expect(fake.engines[1]?.calls).toEqual([['free']]));
  });

  it('keeps the order of what is posted while it carries out what was kept', async () => {
    const { port, fake } = await open();
    port.onevent = (...[name]) => {
      if (name === 'connection') port.post('subscribe', 'from a callback');
    };
    port.post('connect');
    port.post('subscribe', 'kept');
    await eventually(() => expect(fake.engines[0]?.calls).toHaveLength(4));
    expect(fake.engines[0]?.calls.slice(2)).toEqual([
      ['subscribe', 'kept'],
      ['subscribe', 'from a callback'],
    ]);
  });

  it('takes a module that is served with another type', async () => {
    fetched.mockImplementation(async () => new Response(MAGIC));
    const { fake } = await open();
    await eventually(() => expect(fake.engines).toHaveLength(1));
    expect(fake.started[0]).toHaveProperty('byteLength', 8);
  });

  it.each<[string, () => Promise<Response>]>([
    ['HTML', async () => new Response('<!doctype html>', { headers: { 'Content-Type': 'text/html' } })],
    ['404', async () => new Response('', { status: 404 })],
  ])('names the fix when the module is %s', async (_what, answer) => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    fetched.mockImplementation(answer);
    const { events } = await open();
    await eventually(() => expect(events).toHaveLength(1));
    const [name, message] = events[0] as ['delayed', string];
    expect(name).toBe('delayed');
    expect(message).toContain(
      "add echolite() from 'echolite/vite' to the plugins of your vite.config, or pass `wasmUrl`",
    );
    expect(said).toHaveBeenCalledOnce();
  });

  it('reports an engine that breaks, once, and is silent afterwards', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { port, events, fake } = await open();
    await eventually(() => expect(fake.engines).toHaveLength(1));
    port.post('disconnect');
    port.post('connect');
    expect(events.slice(1)).toEqual([['failed', 'unreachable']]);
    expect(fake.engines[0]?.calls).toEqual([]);
    expect(said).toHaveBeenCalledOnce();
  });

  it('reports a command that the module lacks, and what to do about it', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { port, events, fake } = await open();
    port.post('trigger', 'private-a', 'client-e', {});
    port.post('connect');
    await eventually(() => expect(events).toHaveLength(2));
    const [name, message] = events[1] as ['failed', string];
    expect(name).toBe('failed');
    expect(message).toContain(
      'The WebAssembly module of Echo does not know the command "trigger": echo_bg.wasm',
    );
    expect(message).toContain('Build the application again');
    expect(fake.engines[0]?.calls).toEqual([]);
    expect(said).toHaveBeenCalledOnce();
  });
});

it('is a class that can be had without loading anything', () => {
  expect(DirectPort).toBeTypeOf('function');
  expect(fetched).not.toHaveBeenCalled();
});
