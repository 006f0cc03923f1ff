/** Options of the wrong type or form are refused at once, by their names. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import Echo, { type CacheOptions, createCache, type EchoOptions } from '../../src/index.js';
import { fakePorts } from '../support/fake-port.js';

const echo = (options: object) =>
  new Echo({ broadcaster: 'reverb', key: 'k', port: fakePorts().port, ...options } as EchoOptions);
const cache = (options: object) =>
  createCache({ key: 'k', scope: 7, port: fakePorts().port, ...options } as CacheOptions);
const warn = vi.fn();

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(warn);
});
afterEach(() => warn.mockClear());

describe('a scope', () => {
  const nobody = [
    Number.NaN,
    undefined,
    {},
    { id: 7 },
    [],
    [7],
    true,
    false,
    Number.POSITIVE_INFINITY,
    1.5,
    2 ** 53,
    ' ',
    '\u00a0\n',
    'undefined',
    'null',
    'NaN',
    '[object Object]',
    '[object Promise]',
    '() => user.id',
    ' undefined ',
    new String('7'),
    7n,
    Symbol('7'),
    () => 7,
  ];
  it.each(nobody)('of nobody is refused: %s', (scope) => {
    expect(() => cache({ scope })).toThrow(/^createCache needs `scope`, and got .* no user sees another's; /);
  });

  it('is an id, or null', () => {
    for (const scope of [0, 7, -1, '7', 'a b', 'null-island', null]) cache({ scope }).close();
  });

  it('of one key and user is never that of another key', () => {
    const { port, made } = fakePorts();
    for (const [key, scope] of [
      ['a', 'b:c'],
      ['a:b', 'c'],
      ['a', null],
      ['a:7', null],
      ['a', 7],
    ] as const) {
      const opened = createCache({ key, scope, port });
      opened.resource('products', { url: '/p', channel: 'c', on: { E: 'auto' } });
      opened.close();
    }
    const names = made.map(({ config }) => config.database);
    expect(names).toEqual([
      'echolite:a:b:c',
      'echolite:a%3Ab:c',
      'echolite:a',
      'echolite:a%3A7',
      'echolite:a:7',
    ]);
  });
});

describe('durations', () => {
  const wrong = ['5000', '', -1, 0, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, true, {}, [5000], 5n];
  for (const name of [
    'activityTimeout',
    'pongTimeout',
    'unavailableTimeout',
    'pollInterval',
    'verifyInterval',
  ]) {
    it.each(wrong)(`${name} is refused as %s`, (value) => {
      const said = new RegExp(`: \`${name}\` is .*; expected milliseconds, a number from 1 to 2147483647`);
      expect(() => cache({ [name]: value })).toThrow(said);
      if (name.endsWith('Timeout')) expect(() => echo({ [name]: value })).toThrow(said);
    });
  }

  it('may be left out in any way, and be as short or long as a timer goes', () => {
    const { port, made } = fakePorts();
    const times = { activityTimeout: 1, pongTimeout: null, pollInterval: null, verifyInterval: 2 ** 31 - 1 };
    const opened = createCache({ key: 'k', scope: 7, port, ...times } as unknown as CacheOptions);
    opened.resource('products', { url: '/p', channel: 'c', on: { E: 'auto' } });
    expect(made[0]?.config).toMatchObject({ activityTimeout: 1, verifyInterval: 2 ** 31 - 1 });
    expect(made[0]?.config.pollInterval).toBeUndefined();
    expect(made[0]?.config.pongTimeout).toBeUndefined();
  });
});

describe('options of Echo', () => {
  it.each<[option: string, value: unknown]>([
    ['key', 7],
    ['key', 'a b'],
    ['key', 'key '],
    ['key', 'app/key'],
    ['wsHost', 7],
    ['wsHost', ['ws.test']],
    ['host', {}],
    ['wsPath', 7],
    ['forceTLS', 'false'],
    ['forceTLS', 0],
    ['encrypted', 'no'],
    ['cluster', 'eu.pusher.com'],
    ['cluster', 7],
    ['enabledTransports', 'wss'],
    ['enabledTransports', ['websocket']],
    ['disabledTransports', { ws: true }],
    ['wasmUrl', 7],
    ['port', 8080],
    ['auth', 'Bearer x'],
    ['auth', []],
    ['authEndpoint', ''],
    ['authEndpoint', 7],
    ['authorizer', {}],
    ['channelAuthorization', '/auth'],
    ['userAuthentication', '/auth'],
    ['csrfToken', 7],
    ['bearerToken', Promise.resolve('x')],
    ['namespace', true],
    ['namespace', 7],
    ['withoutInterceptors', 'true'],
  ])('%s is refused as %o', (option, value) => {
    expect(() => echo({ [option]: value })).toThrow(new RegExp(`^Echo: \`${option}\` is .*; expected `));
    expect(() => cache({ [option]: value })).toThrow(
      new RegExp(`^createCache: \`${option}\` is .*; expected `),
    );
  });

  it.each<[group: string, option: string, value: unknown]>([
    ['auth', 'headers', 'x'],
    ['auth', 'params', []],
    ['auth', 'batch', 'yes'],
    ['channelAuthorization', 'endpoint', 7],
    ['channelAuthorization', 'headersProvider', {}],
    ['userAuthentication', 'customHandler', '/auth'],
    ['userAuthentication', 'paramsProvider', 7],
  ])('%s.%s is refused as %o', (group, option, value) => {
    expect(() => echo({ [group]: { [option]: value } })).toThrow(`Echo: \`${group}\`: \`${option}\` is `);
  });

  it('must be an object', () => {
    for (const options of [undefined, null, 'reverb', []]) {
      expect(() => new Echo(options as unknown as EchoOptions)).toThrow('Echo needs an object of options');
    }
  });

  it('may be null where they are not given, as environments have them', () => {
    const nothing = { wsHost: null, wsPort: null, forceTLS: null, cluster: null, auth: null, recover: null };
    expect(echo(nothing).connector.options.auth).toEqual({ headers: {} });
  });
});

describe('options of a cache', () => {
  it.each<[option: string, value: unknown]>([
    ['echo', 'echo'],
    ['echo', {}],
    ['store', 'disk'],
    ['store', true],
    ['broadcaster', 'socket.io'],
    ['build', '5'],
    ['build', Number.NaN],
    ['build', -1],
    ['build', Number.POSITIVE_INFINITY],
    ['fetch', '/api'],
    ['headers', 'Authorization: x'],
    ['headers', ['a']],
    ['wasmUrl', 7],
  ])('%s is refused as %o', (option, value) => {
    expect(() => cache({ [option]: value })).toThrow(
      new RegExp(`^createCache: \`${option}\` is .*; expected `),
    );
  });

  it('must be an object', () => {
    expect(() => createCache(undefined as unknown as CacheOptions)).toThrow('createCache needs an object');
  });

  it('that an Echo has already are said not to count', () => {
    cache({ echo: echo({}), wsHost: 'elsewhere.test', bearerToken: 't' });
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      'createCache: `key`, `wsHost`, `port`, `bearerToken` given beside `echo`, whose own count; give them to the Echo.',
    );
  });
});

describe('an unknown option', () => {
  it.each([
    ['wssHost', 'wsHost'],
    ['wsport', 'wsPort'],
    ['forceTls', 'forceTLS'],
    ['auth_endpoint', 'authEndpoint'],
    ['activityTimout', 'activityTimeout'],
  ])('of Echo, %s, is asked for by the name that was meant, once', (name, meant) => {
    echo({ [name]: 'x' });
    echo({ [name]: 'x' });
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      `Echo: there is no option \`${name}\`; did you mean \`${meant}\`?`,
    );
  });

  it('of a cache is told likewise', () => {
    cache({ verifyIntervall: 5_000 });
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      'createCache: there is no option `verifyIntervall`; did you mean `verifyInterval`?',
    );
  });

  it('of pusher-js is left alone', () => {
    const others = [
      'enableStats',
      'disableStats',
      'statsHost',
      'httpHost',
      'httpPort',
      'httpsPort',
      'httpPath',
    ];
    const more = ['timelineParams', 'ignoreNullOrigin', 'nacl'];
    echo(Object.fromEntries([...others, ...more].map((name) => [name, 1])));
    expect(warn).not.toHaveBeenCalled();
  });
});
