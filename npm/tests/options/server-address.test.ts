/** The server's address, as people write it. */
import { describe, expect, it } from 'vitest';
import { type EchoOptions, fromEnv } from '../../src/index.js';
import { engineConfig } from '../../src/options/engine-config.js';

const config = (options: object) =>
  engineConfig({ broadcaster: 'reverb', key: 'k', ...options } as EchoOptions);

describe('a host', () => {
  it.each([
    ['localhost', 'localhost'],
    ['WS.Example.com', 'ws.example.com'],
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
    ['[::1]', '[::1]'],
    ['2001:DB8::7', '[2001:db8::7]'],
    ['my_host', 'my_host'],
    ['münchen.example', 'xn--mnchen-3ya.example'],
  ])('%s is %s', (wsHost, host) => {
    expect(config({ wsHost }).host).toBe(host);
    expect(config({ host: wsHost }).host).toBe(host);
  });

  it.each([
    ['localhost:8080', "'localhost' and 8080"],
    ['localhost:', "'localhost' and 8080"],
    ['[::1]:6001', "'[::1]' and 6001"],
    ['ws.test/app', 'a host name such as'],
    ['//ws.test', 'a host name such as'],
    ['user@ws.test', 'a host name such as'],
    ['ws.test?x=1', 'a host name such as'],
    ['ws test', 'a host name such as'],
    ['ws.test ', 'a host name such as'],
    [' ', 'a host name such as'],
    ['*.test', 'a host name such as'],
    [':8080', 'a host name such as'],
    ['::g', 'a host name such as'],
    ['fe80::1%eth0', 'a host name such as'],
    ['256.1.1.1', 'a host name such as'],
    ['http:ws.test', 'a host name such as'],
    ['http://', 'a host name such as'],
    ['http:// ws.test', 'a host name such as'],
    ['ftp://ws.test', 'begins with http, ws, https, wss'],
    ['javascript://ws.test', 'begins with http, ws, https, wss'],
    ['https://me:secret@ws.test', 'scheme, host, port and path alone'],
    ['https://ws.test?key=1', 'scheme, host, port and path alone'],
    ['https://ws.test/#a', 'scheme, host, port and path alone'],
  ])('%s is refused: %s', (wsHost, expected) => {
    expect(() => config({ wsHost })).toThrow(`wsHost is '${wsHost}'; expected `);
    expect(() => config({ wsHost })).toThrow(expected);
    expect(() => config({ host: wsHost })).toThrow(`host is '${wsHost}'; expected `);
  });

  it('that is empty is not given', () => {
    expect(config({ wsHost: '', host: 'https://ws.test:8443/rt' })).toMatchObject({
      host: 'ws.test',
      wsPort: 8443,
      wssPort: 8443,
      path: '/rt',
    });
  });
});

describe('a port', () => {
  it.each([
    0,
    65536,
    -1,
    80.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '8080 ',
    ' 8080',
    '0x50',
    '1e3',
    '+80',
    '0',
    true,
    [80],
    {},
  ])('%o is refused', (value) => {
    expect(() => config({ wsPort: value })).toThrow(/^wsPort is .*; expected a port from 1 to 65535\.$/);
    expect(() => config({ wssPort: value })).toThrow(/^wssPort is .*; expected a port from 1 to 65535\.$/);
  });

  it('may be digits, or not be given', () => {
    expect(config({ wsPort: '08080', wssPort: '' })).toMatchObject({ wsPort: 8080, wssPort: 443 });
    expect(config({ wsPort: 1, wssPort: 65535 })).toMatchObject({ wsPort: 1, wssPort: 65535 });
  });
});

describe('a path', () => {
  it('needs no slash', () => {
    for (const wsPath of ['realtime', '/realtime', 'realtime/', '//realtime//']) {
      expect(config({ wsPath }).path).toBe('/realtime');
    }
    for (const wsPath of ['', '/', undefined, null]) expect(config({ wsPath }).path).toBe('');
  });

  it.each(['a b', '/rt?x=1', '/rt#a', 'https://ws.test/rt', 7, {}])('%o is refused', (wsPath) => {
    expect(() => config({ wsPath })).toThrow(/^wsPath is .*; expected the path in front of \/app/);
  });
});

describe('an environment', () => {
  const key = { VITE_REVERB_APP_KEY: 'k' };

  it('may say the path that the server has as REVERB_SERVER_PATH', () => {
    expect(engineConfig(fromEnv({ ...key, VITE_REVERB_SERVER_PATH: 'realtime' })).path).toBe('/realtime');
    expect(engineConfig(fromEnv({ ...key, VITE_REVERB_PATH: '/rt/' })).path).toBe('/rt');
    expect(
      engineConfig(fromEnv({ MIX_PUSHER_APP_KEY: 'k', MIX_PUSHER_PATH: 'rt', MIX_PUSHER_HOST: 'h' })).path,
    ).toBe('/rt');
    expect(fromEnv(key)).not.toHaveProperty('wsPath');
  });

  it.each([
    ['VITE_REVERB_HOST', 'localhost:8080'],
    ['VITE_REVERB_PORT', 'eighty'],
    ['VITE_REVERB_PORT', '0'],
    ['VITE_REVERB_SCHEME', 'htps'],
    ['VITE_REVERB_SCHEME', 'https://'],
    ['VITE_REVERB_SERVER_PATH', 'https://ws.test/rt'],
  ])('is told which variable is wrong: %s=%s', (name, value) => {
    expect(() => fromEnv({ ...key, [name]: value })).toThrow(new RegExp(`^${name} is .*; expected `));
  });
});
