import { describe, expect, it, vi } from 'vitest';
import { type EchoOptions, fromEnv } from '../../src/index.js';
import { engineConfig } from '../../src/options/engine-config.js';

const config = (options: Partial<EchoOptions>) =>
  engineConfig({ broadcaster: 'reverb', key: 'k', ...options });
const plainPage = () =>
  vi.stubGlobal('location', { protocol: 'http:', hostname: 'shop.test', origin: 'http://shop.test' });

describe('engineConfig', () => {
  it("falls back to the page's host and pusher-js's ports", () => {
    expect(config({})).toMatchObject({
      key: 'k',
      host: 'shop.example',
      wsPort: 80,
      wssPort: 443,
      path: '',
      tls: true,
      allowWs: true,
      allowWss: true,
    });
  });

  it('takes hosts, ports as text, and paths with or without slashes', () => {
    const options = { wsHost: 'ws.test', wsPort: '8080', wssPort: '8443', wsPath: 'realtime/' };
    expect(config(options)).toMatchObject({
      host: 'ws.test',
      wsPort: 8080,
      wssPort: 8443,
      path: '/realtime',
    });
    expect(config({ wsHost: 'wss://ws.test:6001/rt' })).toMatchObject({
      host: 'ws.test',
      wsPort: 6001,
      wssPort: 6001,
      path: '/rt',
      tls: true,
    });
  });

  it('uses TLS on https pages whatever is said, and by default', () => {
    expect(config({ forceTLS: false }).tls).toBe(true);
    plainPage();
    expect(config({ forceTLS: false }).tls).toBe(false);
    expect(config({ encrypted: false }).tls).toBe(false);
    expect(config({ forceTLS: true, encrypted: false }).tls).toBe(true);
    expect(config({ host: 'ws://a' }).tls).toBe(false);
    expect(config({ host: 'http://a' }).tls).toBe(false);
    expect(config({ host: 'https://a' }).tls).toBe(true);
    expect(config({}).tls).toBe(true);
  });

  it('reads enabled and disabled transports as pusher-js does', () => {
    plainPage();
    expect(config({ forceTLS: false, enabledTransports: ['ws'] })).toMatchObject({
      allowWs: true,
      allowWss: false,
    });
    expect(config({ enabledTransports: ['ws'] })).toMatchObject({ tls: true, allowWss: true });
    expect(config({ enabledTransports: ['xhr_polling'] })).toMatchObject({ allowWs: false, allowWss: false });
    expect(config({ forceTLS: false, disabledTransports: ['wss'] })).toMatchObject({
      allowWs: true,
      allowWss: false,
    });
  });

  it('names what is wrong', () => {
    expect(() => config({ key: '' })).toThrow('Echo needs `key`');
    expect(() => config({ wsPort: 'eighty' })).toThrow(
      'wsPort is "eighty"; expected a port from 1 to 65535.',
    );
    expect(() => config({ broadcaster: 'pusher' })).toThrow("needs `cluster` (such as 'eu') or `wsHost`");
    expect(config({ broadcaster: 'pusher', cluster: 'eu' }).host).toBe('ws-eu.pusher.com');
    expect(() => config({ wsHost: 'ws://' })).toThrow("wsHost is 'ws://'");
  });
});

describe('fromEnv', () => {
  it('reads Reverb, whatever the scheme is called', () => {
    plainPage();
    for (const [scheme, tls] of [
      ['http', false],
      ['ws', false],
      ['https', true],
      ['wss', true],
    ] as const) {
      const env = {
        VITE_REVERB_APP_KEY: 'key',
        VITE_REVERB_HOST: 'ws.test',
        VITE_REVERB_PORT: '8080',
        VITE_REVERB_SCHEME: scheme,
      };
      expect(engineConfig(fromEnv(env))).toMatchObject({ host: 'ws.test', wsPort: 8080, wssPort: 8080, tls });
    }
  });

  it('reads Pusher of Vite and of Mix, and leaves out what was not filled in', () => {
    expect(fromEnv({ VITE_PUSHER_APP_KEY: 'k', VITE_PUSHER_APP_CLUSTER: 'eu' })).toMatchObject({
      broadcaster: 'pusher',
      cluster: 'eu',
      wsHost: undefined,
    });
    expect(fromEnv({ MIX_PUSHER_APP_KEY: 'k', MIX_PUSHER_HOST: 'h' })).toMatchObject({
      key: 'k',
      wsHost: 'h',
    });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what Vite leaves when it knows no such variable
    const unfilled = { VITE_REVERB_APP_KEY: '${REVERB_APP_KEY}', VITE_PUSHER_APP_KEY: 'p' };
    expect(fromEnv(unfilled)).toMatchObject({ key: 'p' });
  });

  it('names the variables it looked for', () => {
    expect(() => fromEnv({})).toThrow(/VITE_REVERB_APP_KEY, VITE_PUSHER_APP_KEY and MIX_PUSHER_APP_KEY/);
  });
});
