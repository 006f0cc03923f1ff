/** The options of `new Pusher(key, options)`, as pusher-js 8.6 has them. */
import type { AuthOptions, ConnectionOptions } from './echo-options.js';

export interface PusherOptions extends ConnectionOptions, AuthOptions {
  /** Pusher's cluster: the server is `ws-{cluster}.pusher.com`, unless `wsHost` says another. */
  cluster?: string;
  /** Set by an Echo, whose defaults then count. */
  broadcaster?: unknown;
  /** The implementation of NaCl that pusher-js wants for encrypted channels. Not needed: the engine decrypts. */
  nacl?: unknown;
  /** Statistics are never sent. */
  enableStats?: boolean;
  disableStats?: boolean;
  statsHost?: string;
  timelineParams?: unknown;
  /** Addresses of the fallbacks over HTTP, which there are none of. */
  httpHost?: string;
  httpPath?: string;
  httpPort?: number;
  httpsPort?: number;
  ignoreNullOrigin?: boolean;
  /** Options that are not known are kept. */
  [option: string]: unknown;
}

/** The argument of `switchCluster`. */
export interface ClusterOptions {
  appKey: string;
  cluster: string;
}
