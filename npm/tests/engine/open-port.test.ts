import { expect, it, vi } from 'vitest';
import { echoModule } from '../../src/engine/echo-module.js';
import type { EventHandlers } from '../../src/engine/event-handlers.js';
import { openPort } from '../../src/engine/open-port.js';
import type { EngineConfig } from '../../src/engine/port.js';
import { fakePorts, only } from '../support/fake-port.js';

const CONFIG = { key: 'k' } as EngineConfig;

it('calls the handlers of events with their arguments, and knows of none for others', () => {
  const { port, made } = fakePorts();
  const handlers = { rejected: vi.fn(), got: vi.fn() };
  openPort(CONFIG, { port, module: echoModule }, handlers as unknown as EventHandlers);
  only(made).onevent('rejected', 7, 'why');
  only(made).onevent('ready');
  expect(handlers.rejected).toHaveBeenCalledExactlyOnceWith(7, 'why');
  expect(handlers.got).not.toHaveBeenCalled();
});

it("posts the page's signals until it is closed", () => {
  const { port, made } = fakePorts();
  const open = openPort(CONFIG, { port, module: echoModule }, {} as EventHandlers);
  open.post('connect');
  window.dispatchEvent(new Event('offline'));
  open.close();
  window.dispatchEvent(new Event('online'));
  expect(only(made).posted).toEqual([['connect'], ['page', 'offline']]);
  expect(only(made).closed).toBe(true);
});

it('makes nothing without a configuration', () => {
  const { port, made } = fakePorts();
  openPort(undefined, { port, module: echoModule }, {} as EventHandlers).post('connect');
  expect(made).toEqual([]);
});
