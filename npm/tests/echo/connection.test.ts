import { describe, expect, it, vi } from 'vitest';
import { Echo } from '../../src/index.js';
import { fakePorts, only } from '../support/fake-port.js';

function setUp() {
  const { port, made } = fakePorts();
  const echo = new Echo({ broadcaster: 'reverb', key: 'key', port });
  return { echo, fake: only(made) };
}

describe('connection', () => {
  it('shows the state as laravel-echo and as pusher-js do', () => {
    const { echo, fake } = setUp();
    const [changes, connected, statuses] = [vi.fn(), vi.fn(), vi.fn()];
    const { connection } = echo.connector.pusher;
    connection.bind('state_change', changes);
    connection.bind('connected', connected);
    const stop = echo.connector.onConnectionChange(statuses);
    expect([echo.connectionStatus(), echo.socketId()]).toEqual(['connecting', undefined]);
    fake.onevent('connection', 'unavailable', '', undefined);
    fake.onevent('connection', 'connecting', '', undefined);
    fake.onevent('connection', 'connected', '', '1.2');
    expect([echo.connectionStatus(), echo.socketId()]).toEqual(['connected', '1.2']);
    expect(changes.mock.calls.map(([change]) => change)).toEqual([
      { previous: 'connecting', current: 'unavailable' },
      { previous: 'unavailable', current: 'connecting' },
      { previous: 'connecting', current: 'connected' },
    ]);
    expect(connected).toHaveBeenCalledWith({ socket_id: '1.2' });
    expect(statuses.mock.calls).toEqual([['failed'], ['connecting'], ['connected'], ['connected']]);
    stop();
    fake.onevent('connection', 'unavailable', '', undefined);
    expect(echo.connectionStatus()).toBe('failed');
    expect(statuses).toHaveBeenCalledTimes(4);
    echo.disconnect();
    expect(echo.connectionStatus()).toBe('disconnected');
    echo.connector.pusher.connect();
    expect(echo.connectionStatus()).toBe('connecting');
  });

  it('tells errors in the shapes that pusher-js documents', () => {
    const { echo, fake } = setUp();
    const heard = vi.fn();
    echo.connector.pusher.connection.bind('error', heard);
    fake.onevent('error', 4004, 'over quota');
    const [error] = heard.mock.calls[0] as [{ data: object; error: { data: object } }];
    expect(error.data).toEqual({ code: 4004, message: 'over quota' });
    expect(error.error.data).toEqual(error.data);
  });

  it('is failed, and says why, when there is no engine', () => {
    const { echo, fake } = setUp();
    fake.onevent('failed', 'no module; add echolite()');
    expect(echo.connectionStatus()).toBe('failed');
    expect(echo.connector.pusher.connection.reason).toContain('add echolite()');
  });

  it('makes a new connector on connect(), and connects the old one again through pusher', () => {
    const { port, made } = fakePorts();
    const echo = new Echo({ broadcaster: 'reverb', key: 'key', port });
    echo.disconnect();
    echo.connector.pusher.connect();
    expect(made[0]?.posted).toEqual([['connect'], ['disconnect'], ['connect']]);
    const before = echo.connector;
    echo.connect();
    expect(echo.connector).not.toBe(before);
    expect(made).toHaveLength(2);
  });
});
