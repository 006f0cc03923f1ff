import { describe, expect, it, vi } from 'vitest';
import { type AxiosConfig, axiosSocketId, Echo, socketIdHeaders, withSocketId } from '../../src/index.js';
import { fakePorts } from '../support/fake-port.js';

describe('the socket id', () => {
  const connected = () => {
    const { port, made } = fakePorts();
    const echo = new Echo({ broadcaster: 'reverb', key: 'k', port });
    const connect = () => made[0]?.onevent('connection', 'connected', '', '1.2');
    return { echo, connect };
  };

  it('goes with fetch to the own origin alone', async () => {
    const { echo, connect } = connected();
    const inner = vi.fn(async (_input: RequestInfo | URL, _init?: RequestInit) => new Response());
    const fetch = withSocketId(echo, inner);
    const sent = () => new Headers(inner.mock.lastCall?.[1]?.headers).get('X-Socket-ID');
    await fetch('/orders');
    expect(sent()).toBeNull();
    connect();
    await fetch('/orders', { method: 'POST', headers: { A: '1' } });
    expect(sent()).toBe('1.2');
    expect(new Headers(inner.mock.lastCall?.[1]?.headers).get('A')).toBe('1');
    await fetch(new Request('https://shop.example/x', { headers: { B: '2' } }));
    expect(new Headers(inner.mock.lastCall?.[1]?.headers).get('B')).toBe('2');
    await fetch('https://elsewhere.example/');
    expect(sent()).toBeNull();
  });

  it('goes by the address of a request of another class, such as that of a frame', async () => {
    const { echo, connect } = connected();
    connect();
    const inner = vi.fn(async (_input: RequestInfo | URL, _init?: RequestInit) => new Response());
    const request = (url: string) => ({ url, headers: new Headers({ A: '1' }) }) as unknown as Request;
    await withSocketId(echo, inner)(request('https://elsewhere.example/'));
    expect(inner.mock.lastCall?.[1]).toBeUndefined();
    await withSocketId(echo, inner)(request('https://shop.example/x'));
    expect([...new Headers(inner.mock.lastCall?.[1]?.headers).values()].sort()).toEqual(['1', '1.2']);
  });

  it('is not told while there is no Echo, as on the pages of guests', () => {
    expect([socketIdHeaders(undefined, '/orders'), socketIdHeaders(null, '/orders')]).toEqual([{}, {}]);
  });

  it('goes with an axios instance to the own origin alone', () => {
    const { echo, connect } = connected();
    connect();
    let interceptor = <Config extends AxiosConfig>(config: Config): Config => config;
    axiosSocketId(echo, {
      interceptors: {
        request: {
          use: (given: typeof interceptor) => {
            interceptor = given;
          },
        },
      },
    });
    expect(interceptor({ url: 'orders', baseURL: '/api', headers: {} }).headers).toEqual({
      'X-Socket-ID': '1.2',
    });
    expect(interceptor({ url: '/o', baseURL: 'https://api.example', headers: {} }).headers).toEqual({});
    expect(interceptor({ url: 'https://x.example/o', headers: {} }).headers).toEqual({});
    const told = (config: object) => Object.keys(interceptor({ ...config, headers: {} }).headers).length > 0;
    // as axios takes them
    expect(told({ url: '/o', baseURL: null })).toBe(true);
    expect(told({ url: null, baseURL: '/api' })).toBe(true);
    expect(told({ url: new URL('https://x.example/o'), baseURL: '/api' })).toBe(false);
    expect(told({ url: new URL('https://shop.example/o'), baseURL: 'https://x.example' })).toBe(true);
    const other = { baseURL: 'https://x.example', allowAbsoluteUrls: false };
    expect(told({ ...other, url: 'https://shop.example/o' })).toBe(false);
    expect(told({ ...other, url: '//shop.example/o' })).toBe(false);
  });

  it.each([
    ['https://shop.example/x', true],
    ['/x', true],
    ['x', true],
    ['', true],
    ['https://api.example.com/x', true],
    ['https://API.example.com:443/x', true],
    ['//api.example.com/x', true],
    ['http://api.example.com/x', false],
    ['https://api.example.com:8443/x', false],
    ['https://api.example.com.evil.example/x', false],
    ['https://api.example.com@evil.example/x', false],
    ['https://evil.example/?https://api.example.com', false],
    ['//evil.example/x', false],
    ['\\\\evil.example', false],
    ['/\\evil.example', false],
    ['data:text/plain,x', false],
  ])('to %s: %s, of every kind of request', async (url, isTold) => {
    const axios = Object.assign(() => {}, { interceptors: { request: { use: vi.fn() } } });
    const jQuery = Object.assign(() => {}, { ajaxPrefilter: vi.fn() });
    const Vue = { http: { interceptors: { push: vi.fn() } } };
    for (const [name, library] of Object.entries({ axios, jQuery, Vue, Turbo: {} }))
      vi.stubGlobal(name, library);
    const { port, made } = fakePorts();
    const socketIdOrigins = ['https://api.example.com'];
    const echo = new Echo({ broadcaster: 'reverb', key: 'k', port, socketIdOrigins });
    made[0]?.onevent('connection', 'connected', '', '1.2');
    const told: Record<string, unknown> = {};

    const config = { url, headers: {} as Record<string, string> };
    axios.interceptors.request.use.mock.lastCall?.[0](config);
    told.axios = config.headers['X-Socket-ID'];
    const based = { url: '/orders', baseURL: url, headers: {} as Record<string, string> };
    if (url !== '') axios.interceptors.request.use.mock.lastCall?.[0](based);
    told.axiosBase = url === '' ? '1.2' : based.headers['X-Socket-ID'];
    const xhr = { setRequestHeader: vi.fn() };
    jQuery.ajaxPrefilter.mock.lastCall?.[0]({ url }, {}, xhr);
    told.jQuery = xhr.setRequestHeader.mock.lastCall?.[1];
    const request = { url, headers: new Headers() };
    Vue.http.interceptors.push.mock.lastCall?.[0](request, () => {});
    told.vue = request.headers.get('X-Socket-ID') ?? undefined;
    const detail = { url, fetchOptions: { headers: {} as Record<string, string> } };
    document.dispatchEvent(new CustomEvent('turbo:before-fetch-request', { detail }));
    told.turbo = detail.fetchOptions.headers['X-Socket-ID'];
    const inner = vi.fn(async (_input: RequestInfo | URL, _init?: RequestInit) => new Response());
    await withSocketId(echo, inner)(url);
    told.fetch = new Headers(inner.mock.lastCall?.[1]?.headers).get('X-Socket-ID') ?? undefined;

    const id = isTold ? '1.2' : undefined;
    expect(told).toEqual({ axios: id, axiosBase: id, jQuery: id, vue: id, turbo: id, fetch: id });
  });

  it('is that of the newest Echo, where hot replacement of modules left one behind', () => {
    const interceptors: ((config: AxiosConfig) => AxiosConfig)[] = [];
    // axios asks the newest first, as vue-resource does
    const use = (interceptor: never) => interceptors.unshift(interceptor);
    vi.stubGlobal(
      'axios',
      Object.assign(() => {}, { interceptors: { request: { use } } }),
    );
    const handlers: ((request: object, next: () => void) => void)[] = [];
    const push = (handler: never) => handlers.unshift(handler);
    vi.stubGlobal('Vue', { http: { interceptors: { push } } });
    for (const id of ['1.1', '2.2']) {
      const { port, made } = fakePorts();
      new Echo({ broadcaster: 'reverb', key: 'k', port });
      made[0]?.onevent('connection', 'connected', '', id);
    }
    const told = (given: Record<string, string> = {}) => {
      const config = interceptors.reduce<AxiosConfig>((config, ask) => ask(config), {
        url: '/o',
        headers: { ...given },
      });
      const request = { url: '/o', headers: new Headers(given) };
      for (const handle of handlers) handle(request, () => {});
      return [(config.headers as Record<string, string>)['X-Socket-ID'], request.headers.get('X-Socket-ID')];
    };
    expect(told()).toEqual(['2.2', '2.2']);
    expect(told({ 'X-Socket-ID': '3.3' }), "the application's own").toEqual(['3.3', '3.3']);
  });

  it.each([['*'], ['api.example.com'], ['https://*.example.com'], ['https://api.example.com/path'], [7]])(
    'does not take %o for origins',
    (...given) => {
      const socketIdOrigins = given as unknown as string[];
      expect(() => new Echo({ broadcaster: 'null', socketIdOrigins })).toThrow('`socketIdOrigins` is');
    },
  );

  it('is told by a subclass in its own way, as with laravel-echo', () => {
    const registered = vi.fn();
    class Own extends Echo {
      override registerInterceptors(): void {
        registered();
      }
    }
    new Own({ broadcaster: 'null' });
    new Own({ broadcaster: 'null', withoutInterceptors: true });
    expect(registered).toHaveBeenCalledOnce();
  });

  it('goes with the global libraries that laravel-echo knows', () => {
    const axios = Object.assign(() => {}, { interceptors: { request: { use: vi.fn() } } });
    const jQuery = Object.assign(() => {}, { ajaxPrefilter: vi.fn() });
    const Vue = { http: { interceptors: { push: vi.fn() } } };
    vi.stubGlobal('axios', axios);
    vi.stubGlobal('jQuery', jQuery);
    vi.stubGlobal('Vue', Vue);
    vi.stubGlobal('Turbo', {});
    const { connect } = connected();
    connect();
    const config = { headers: {} };
    axios.interceptors.request.use.mock.lastCall?.[0](config);
    expect(config.headers).toEqual({ 'X-Socket-ID': '1.2' });
    const setRequestHeader = vi.fn();
    jQuery.ajaxPrefilter.mock.lastCall?.[0]({}, {}, { setRequestHeader });
    expect(setRequestHeader).toHaveBeenCalledWith('X-Socket-ID', '1.2');
    const next = vi.fn();
    const request = { headers: new Headers() };
    Vue.http.interceptors.push.mock.lastCall?.[0](request, next);
    expect([request.headers.get('X-Socket-ID'), next.mock.calls.length]).toEqual(['1.2', 1]);
    const detail = { fetchOptions: { headers: {} } };
    document.dispatchEvent(new CustomEvent('turbo:before-fetch-request', { detail }));
    expect(detail.fetchOptions.headers).toEqual({ 'X-Socket-ID': '1.2' });
  });

  it.each([
    ['is not connected yet', {}, undefined],
    ["has the broadcaster 'null'", { broadcaster: 'null' }, 'fake-socket-id'],
  ] as const)('is not sent by an Echo that %s', async (_why, options, id) => {
    const axios = Object.assign(() => {}, { interceptors: { request: { use: vi.fn() } } });
    vi.stubGlobal('axios', axios);
    const echo = new Echo({ broadcaster: 'reverb', key: 'k', port: fakePorts().port, ...options });
    expect(echo.socketId()).toBe(id);
    const inner = vi.fn(async (_input: RequestInfo | URL, _init?: RequestInit) => new Response());
    await withSocketId(echo, inner)('/orders', { headers: { A: '1' } });
    expect([...new Headers(inner.mock.lastCall?.[1]?.headers).keys()]).toHaveLength(1);
    const config = { headers: {} };
    axios.interceptors.request.use.mock.lastCall?.[0](config);
    expect(config.headers).toEqual({});
  });

  it.each([undefined, null, '', 'undefined', 'null', Number.NaN])(
    'is not sent where a connector gives %o for it',
    async (given) => {
      const connector = { socketId: () => given as unknown as string };
      const inner = vi.fn(async (_input: RequestInfo | URL, _init?: RequestInit) => new Response());
      await withSocketId(connector, inner)('/orders');
      expect(inner.mock.lastCall?.[1]?.headers).toBeUndefined();
    },
  );
});
