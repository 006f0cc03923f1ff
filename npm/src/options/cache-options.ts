/** The options of `createCache`. */
import type { CacheTimes } from '../engine/port.js';
import type { EchoOptions, FilledOptions, HeaderMap } from './echo-options.js';

/** Options of `createCache` that only a cache has. */
export interface CacheSettings extends CacheTimes {
  /**
   * Owner of the data: the user's id, or `null` if nobody is signed in. Nothing is shared between scopes.
   * With `null`, only resources whose channels are all public are stored.
   */
  scope: string | number | null;
  /** The store of the rows. Default: `indexeddb`. */
  store?: 'indexeddb' | 'memory';
  /**
   * The application's build, a number that grows with each release. Tabs of older builds that are
   * still open then leave the store to this one for good, and go on in memory.
   */
  build?: number;
  /**
   * Ask an Echolite server for the events missed while there was no connection, or no page: where it has them all, a
   * reconnect and a reload cost no read. Of any other server nothing is asked. Default: true.
   */
  recover?: boolean;
  /** Reads the back end; to send cookies to another origin, say. Default: the browser's `fetch`. */
  fetch?: typeof globalThis.fetch;
  /**
   * Address of the cache's WebAssembly module (`echolite/dist/wasm/cache_bg.wasm`), if the bundler does not find it by
   * itself. An Echo's `wasmUrl` is that of another module, and does not count here.
   */
  wasmUrl?: string | URL;
  /** Sent with each read. */
  headers?: HeaderMap | (() => HeaderMap);
}

/** An Echo, whose key, host and ways to authorise the cache uses too; its socket is its own. */
export interface EchoSource {
  echo: { readonly options: EchoOptions; readonly connector?: { readonly options?: FilledOptions } };
}

/** Either an Echo or its options. */
export type CacheOptions = CacheSettings & (EchoSource | (Partial<EchoOptions> & { echo?: undefined }));
