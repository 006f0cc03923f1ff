import { describe, expect, it, vi } from 'vitest';
import { watchPage } from '../../src/engine/page-lifecycle.js';
import type { EngineConfig } from '../../src/engine/port.js';
import { FakePort } from '../support/fake-port.js';

const signals = (port: FakePort) => port.named('page').map(([, signal]) => signal);

describe('watchPage', () => {
  it('posts what happens to the page, until told to stop', () => {
    const port = new FakePort({} as EngineConfig);
    const stop = watchPage(port, false);
    window.dispatchEvent(new Event('offline'));
    window.dispatchEvent(new Event('online'));
    const visibility = vi.spyOn(document, 'visibilityState', 'get');
    visibility.mockReturnValue('hidden');
    document.dispatchEvent(new Event('visibilitychange'));
    visibility.mockReturnValue('visible');
    document.dispatchEvent(new Event('visibilitychange'));
    document.dispatchEvent(new Event('freeze'));
    document.dispatchEvent(new Event('resume'));
    window.dispatchEvent(new Event('pageshow'));
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    expect(signals(port)).toEqual(['offline', 'online', 'hidden', 'visible', 'hidden', 'resumed', 'resumed']);
    stop();
    window.dispatchEvent(new Event('offline'));
    expect(signals(port)).toHaveLength(7);
  });

  it.each([
    [true, [['release']]],
    [false, []],
  ])(
    'releases the scope of an engine that has one (%s) on the way into the back/forward cache',
    (hasScope, posted) => {
      const port = new FakePort({} as EngineConfig);
      const stop = watchPage(port, hasScope);
      window.dispatchEvent(new Event('pagehide'));
      window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }));
      stop();
      window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }));
      expect(port.posted).toEqual(posted);
    },
  );
});
