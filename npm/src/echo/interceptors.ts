/** Adds `X-Socket-ID` to requests, so that `toOthers()` leaves out the tab that caused an event. */
import { isSameOrigin } from '../common/environment.js';

const HEADER = 'X-Socket-ID';

/** The part of an Echo that a request needs. */
interface HasSocketId {
  socketId(): string | undefined;
}

/** The result of `Echo.socketId()` with the broadcaster `null`, and what is written where there is no id. */
const NO_ID = ['fake-socket-id', 'undefined', 'null'];

/** The socket id, if there is one: a back end that were told another text would be refused by the server. */
function socketIdOf(echo: HasSocketId): string | undefined {
  const id: unknown = echo.socketId();
  return typeof id === 'string' && id !== '' && !NO_ID.includes(id) ? id : undefined;
}

/** The part of an axios request that is needed. */
export interface AxiosConfig {
  url?: string;
  baseURL?: string;
  headers: object;
}

/** The part of an axios instance that is needed. */
export interface AxiosLike {
  interceptors: {
    request: { use(interceptor: <Config extends AxiosConfig>(config: Config) => Config): unknown };
  };
}

/**
 * A `fetch` that tells this tab's socket id to the page's own origin.
 *
 * @example
 * const fetch = withSocketId(echo);
 * await fetch('/orders', { method: 'POST', body });
 */
export function withSocketId(
  echo: HasSocketId,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): typeof fetch {
  return (input, init) => {
    const id = socketIdOf(echo);
    if (!id || !isSameOrigin(input instanceof Request ? input.url : input)) return fetch(input, init);
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    headers.set(HEADER, id);
    return fetch(input, { ...init, headers });
  };
}

/**
 * Lets an axios instance tell this tab's socket id to the page's own origin.
 *
 * @example axiosSocketId(echo, axios.create({ baseURL: '/api' }))
 */
export function axiosSocketId(echo: HasSocketId, axios: AxiosLike): void {
  axios.interceptors.request.use((config) => {
    const id = socketIdOf(echo);
    if (id && isSameOrigin(axiosUrl(config))) Object.assign(config.headers, { [HEADER]: id });
    return config;
  });
}

function axiosUrl({ url = '', baseURL = '' }: AxiosConfig): string {
  return baseURL === '' || /^([a-z][a-z\d+\-.]*:)?\/\//i.test(url) ? url : baseURL;
}

interface Globals {
  Vue?: { http?: { interceptors: { push(interceptor: unknown): void } } };
  axios?: AxiosLike;
  jQuery?: { ajaxPrefilter?: (filter: unknown) => void };
  Turbo?: object;
}

/** Registers with the global libraries that laravel-echo looks for; all their requests are told, as there. */
export function registerInterceptors(echo: HasSocketId): void {
  const { Vue, axios, jQuery, Turbo } = globalThis as unknown as Globals;
  const tell = (put: (id: string) => void) => {
    const id = socketIdOf(echo);
    if (id) put(id);
  };
  Vue?.http?.interceptors.push((request: { headers: Headers }, next: () => void) => {
    tell((id) => request.headers.set(HEADER, id));
    next();
  });
  if (typeof axios === 'function') {
    (axios as AxiosLike).interceptors.request.use((config) => {
      tell((id) => Object.assign(config.headers, { [HEADER]: id }));
      return config;
    });
  }
  if (typeof jQuery === 'function') {
    (jQuery as NonNullable<Globals['jQuery']>).ajaxPrefilter?.(
      (_options: unknown, _original: unknown, request: XMLHttpRequest) =>
        tell((id) => request.setRequestHeader(HEADER, id)),
    );
  }
  if (typeof Turbo === 'object') {
    document.addEventListener('turbo:before-fetch-request', (event) =>
      tell((id) => {
        (event as CustomEvent).detail.fetchOptions.headers[HEADER] = id;
      }),
    );
  }
}
