/** In the page: caches and lists that the test opens, with all that they ever said. */
import Echo, { type Cache, createCache, type LiveQuery, type Resource, type ResourceOptions } from 'echolite';

export interface Row {
  id: number | string;
  [field: string]: unknown;
}

/** The status and rows of a list at one moment. */
export interface Said {
  state: string;
  reason: string;
  detail: string;
  asOf: number | undefined;
  rows: Row[];
}

/** Options of a cache that a test gives: nothing that is a function. */
export interface ShopOptions {
  key: string;
  port: number;
  scope: string | number | null;
  store?: 'indexeddb' | 'memory';
  pollInterval?: number;
  verifyInterval?: number;
  readTimeout?: number;
}

interface List {
  resource: Resource<Row>;
  live: LiveQuery<Row>;
  said: Said[];
}

const caches = new Map<string, Cache>();
const lists = new Map<string, List>();
/** Events that the page's Echo heard. */
const heard: unknown[] = [];

function said({ status, rows }: LiveQuery<Row>): Said {
  const { state, reason = '', detail = '', asOf } = status;
  return { state, reason, detail, asOf, rows: [...rows] };
}

function server(key: string, port: number) {
  return {
    broadcaster: 'reverb',
    key,
    wsHost: location.hostname,
    wsPort: port,
    forceTLS: false,
    namespace: false,
  } as const;
}

/** By name: several caches may be in one page, and several lists in one cache. */
export const page = {
  cache(name: string, { key, port, ...settings }: ShopOptions): void {
    caches.set(name, createCache({ ...server(key, port), ...settings }));
  },

  /** `event` changes the list; it may be a name that cannot be an option's on its way here. */
  list(
    cache: string,
    name: string,
    options: Partial<ResourceOptions<Row>> = {},
    event = 'ProductChanged',
  ): void {
    const resource = caches.get(cache)?.resource<Row>(name, {
      url: '/api/products',
      channel: 'products',
      on: Object.fromEntries([[event, 'auto']]),
      ...options,
    });
    if (resource === undefined) throw new Error(`there is no cache ${cache}`);
    const live = resource.live();
    const list: List = { resource, live, said: [] };
    live.subscribe(() => list.said.push(said(live)));
    lists.set(`${cache}/${name}`, list);
  },

  /** Makes an Echo that listens for `ProductChanged`. */
  listen({ key, port }: ShopOptions): void {
    const echo = new Echo(server(key, port));
    echo.channel('products').listen('ProductChanged', (event) => heard.push(event));
    Object.assign(globalThis, { echo });
  },

  heard: () => heard,

  look: (list: string): Said => said(the(list).live),
  /** All that it said since it was asked for that last. */
  history: (list: string): Said[] => the(list).said.splice(0),
  refresh: (list: string): void => the(list).resource.refresh(),
  get: (list: string, id: number | string): Promise<Row | undefined> => the(list).resource.get(id),
  /** As text: not every name survives the way to the test as a field's. */
  inspect: async (cache: string): Promise<string> => JSON.stringify(await caches.get(cache)?.inspect()),
  clear: (cache: string): Promise<void> | undefined => caches.get(cache)?.clear(),

  close(cache: string): void {
    caches.get(cache)?.close();
    caches.delete(cache);
  },
};

function the(name: string): List {
  const list = lists.get(name);
  if (list === undefined) throw new Error(`there is no list ${name}`);
  return list;
}

Object.assign(globalThis, { shop: page });
