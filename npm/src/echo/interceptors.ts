/** Adds `X-Socket-ID` to requests, so that `toOthers()` leaves out the tab that caused an event. */
import { isSameOrigin, originOf } from '../common/environment.js';

const HEADER = 'X-Socket-ID';

/** The part of an Echo that a request needs. */
export interface HasSocketId {
  socketId(): string | undefined;
  readonly options?: { readonly socketIdOrigins?: readonly string[] };
}

/** The result of `Echo.socketId()` with the broadcaster `null`, and what is written where there is no id. */
const NO_ID = ['fake-socket-id', 'undefined', 'null'];

/**
 * The socket id for a request to `url`: the page's own origin and those that are named are told it. Where there is no id
 * there is no header, for a back end that were told another text would be refused by the server.
 */
function idFor(echo: HasSocketId | null | undefined, url: string | URL): string | undefined {
  const id: unknown = echo?.socketId();
  const origins = echo?.options?.socketIdOrigins ?? [];
  if (!isSameOrigin(url) && !origins.some((origin) => originOf(origin) === originOf(url))) return undefined;
  return typeof id === 'string' && id !== '' && !NO_ID.includes(id) ? id : undefined;
}

/**
 * The header that tells this tab's socket id in a request to `url`, for HTTP clients of any kind; none where `url` is not
 * to be told, or there is no Echo.
 *
 * @example
 * // Inertia
 * router.on('before', ({ detail: { visit } }) => void Object.assign(visit.headers, socketIdHeaders(echo, visit.url)));
 */
export function socketIdHeaders(
  echo: HasSocketId | null | undefined,
  url: string | URL,
): Record<string, string> {
  const id = idFor(echo, url);
  return id === undefined ? {} : { [HEADER]: id };
}

/** The part of an axios request that is needed. */
export interface AxiosConfig {
  url?: string;
  baseURL?: string;
  /** `false`: `baseURL` stands in front of a whole URL, too. */
  allowAbsoluteUrls?: boolean;
  headers: object;
}

/** The part of an axios instance that is needed. */
export interface AxiosLike {
  interceptors: {
    request: { use(interceptor: <Config extends AxiosConfig>(config: Config) => Config): unknown };
  };
}

/**
 * A `fetch` that tells this tab's socket id to the page's own origin, and to `socketIdOrigins`.
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
    // a request may be of another window's class, or of a library's
    const isRequest = typeof input === 'object' && 'url' in input;
    const id = idFor(echo, isRequest ? input.url : input);
    if (!id) return fetch(input, init);
    const headers = new Headers(init?.headers ?? (isRequest ? input.headers : undefined));
    headers.set(HEADER, id);
    return fetch(input, { ...init, headers });
  };
}

/**
 * Lets an axios instance tell this tab's socket id to the page's own origin, and to `socketIdOrigins`.
 *
 * @example axiosSocketId(echo, axios.create({ baseURL: '/api' }))
 */
export function axiosSocketId(echo: HasSocketId, axios: AxiosLike): void {
  axios.interceptors.request.use((config) => {
    // axios asks the newest first: an Echo that hot replacement of modules left behind comes after it
    if (!(HEADER in config.headers)) {
      Object.assign(config.headers, socketIdHeaders(echo, axiosUrl(config)));
    }
    return config;
  });
}

/** The address that axios makes of a request's, which browsers may read as another origin's. */
function axiosUrl({ url, baseURL, allowAbsoluteUrls }: AxiosConfig): string {
  const path = String(url ?? '');
  const isWhole = allowAbsoluteUrls !== false && /^([a-z][a-z\d+\-.]*:)?\/\//i.test(path);
  if (!baseURL || isWhole) return path;
  return path === '' ? baseURL : `${baseURL.replace(/\/?\/$/, '')}/${path.replace(/^\/+/, '')}`;
}

interface Globals {
  Vue?: { http?: { interceptors: { push(interceptor: unknown): void } } };
  axios?: AxiosLike;
  jQuery?: { ajaxPrefilter?: (filter: unknown) => void };
  Turbo?: object;
}

const globals = globalThis as unknown as Globals;

/** vue-resource, if it is there. */
export function interceptVue(echo: HasSocketId): void {
  globals.Vue?.http?.interceptors.push((request: { url?: string; headers: Headers }, next: () => void) => {
    const id = idFor(echo, request.url ?? '');
    // as with axios, the newest is asked first
    if (id && !request.headers.has(HEADER)) request.headers.set(HEADER, id);
    next();
  });
}

/** The global axios, if it is there. */
export function interceptAxios(echo: HasSocketId): void {
  const { axios } = globals;
  if (typeof axios === 'function') axiosSocketId(echo, axios);
}

/** jQuery's requests, if it is there. */
export function interceptJquery(echo: HasSocketId): void {
  const { jQuery } = globals;
  if (typeof jQuery !== 'function') return;
  (jQuery as NonNullable<Globals['jQuery']>).ajaxPrefilter?.(
    ({ url = '' }: { url?: string }, _original: unknown, request: XMLHttpRequest) => {
      const id = idFor(echo, url);
      if (id) request.setRequestHeader(HEADER, id);
    },
  );
}

/** Turbo's requests, if it is there. */
export function interceptTurbo(echo: HasSocketId): void {
  if (typeof globals.Turbo !== 'object') return;
  document.addEventListener('turbo:before-fetch-request', (event) => {
    const { url = '', fetchOptions } = (event as CustomEvent).detail;
    Object.assign(fetchOptions.headers, socketIdHeaders(echo, url));
  });
}
