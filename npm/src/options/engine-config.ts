/**
 * Translates options into an engine's settings: the one place between an option's declaration and the engine's
 * `EngineConfig`. See "The way of an option" in `docs/architecture.md`.
 */

import type { EngineConfig } from '../engine/port.js';
import type { CacheOptions } from './cache-options.js';
import type { EchoOptions, FilledOptions } from './echo-options.js';

/** The settings of an Echo's engine, or an error that names the option that is wrong. */
export function engineConfig(options: EchoOptions): EngineConfig {
  const place = parsePlace(options.wsHost || options.host);
  const tls = useTls(options, place.tls);
  const uses = (name: 'ws' | 'wss') =>
    options.enabledTransports?.includes(name) !== false && !options.disabledTransports?.includes(name);
  return {
    key: keyOf(options),
    host: place.host ?? defaultHost(options),
    wsPort: port(options.wsPort, 'wsPort') ?? place.port ?? 80,
    wssPort: port(options.wssPort, 'wssPort') ?? place.port ?? 443,
    path: pathPrefix(options.wsPath ?? place.path),
    tls,
    allowWs: uses('ws'),
    // pusher-js takes `ws` as the name of WebSockets in general once TLS is asked for
    allowWss: uses('wss') || (tls && uses('ws')),
    activityTimeout: options.activityTimeout,
    pongTimeout: options.pongTimeout,
    batchAuthorizations: options.auth?.batch === true,
    recover: recovers(options, false),
  };
}

/** The settings of a cache's engine, or an error that names the option that is wrong. */
export function cacheConfig(options: FilledOptions, settings: CacheOptions): EngineConfig {
  const { scope, store = 'indexeddb', build } = settings;
  if (build !== undefined && !Number.isFinite(build)) {
    throw new Error(
      `createCache: \`build\` is ${String(build)}; expected a number that grows with each release.`,
    );
  }
  if (store !== 'indexeddb' && store !== 'memory') {
    throw new Error(`createCache: \`store\` is '${String(store)}'; expected 'indexeddb' or 'memory'.`);
  }
  const config: EngineConfig = {
    ...socketConfig(options),
    pollInterval: settings.pollInterval,
    verifyInterval: settings.verifyInterval,
    recover: recovers(settings, true),
  };
  if (store === 'indexeddb') {
    config.database = scope === null ? `echolite:${config.key}` : `echolite:${config.key}:${scope}`;
  }
  return config;
}

/** With the broadcaster `null` there is no socket: lists are polled. */
function socketConfig(options: FilledOptions): EngineConfig {
  if (options.broadcaster !== 'null') return engineConfig(options);
  const nowhere = engineConfig({ ...options, key: options.key ?? 'null', wsHost: '127.0.0.1' });
  return { ...nowhere, allowWs: false, allowWss: false };
}

/** The option `recover`, where it is set. */
function recovers({ recover }: { recover?: unknown }, otherwise: boolean): boolean {
  if (recover === undefined || typeof recover === 'boolean') return recover ?? otherwise;
  throw new Error(`recover is ${JSON.stringify(recover)}; expected true or false.`);
}

function keyOf(options: EchoOptions): string {
  if (typeof options.key === 'string' && options.key !== '') return options.key;
  throw new Error(
    'Echo needs `key`, the application key. Is VITE_REVERB_APP_KEY in .env, and was Vite restarted since?',
  );
}

/** `ws-{cluster}.pusher.com` for Pusher, the page's own host for everybody else. */
function defaultHost(options: EchoOptions): string {
  if (options.broadcaster === 'pusher') {
    if (options.cluster) return `ws-${options.cluster}.pusher.com`;
    throw new Error("The broadcaster 'pusher' needs `cluster` (such as 'eu') or `wsHost`.");
  }
  const own = typeof location === 'undefined' ? '' : location.hostname;
  return own || '127.0.0.1';
}

interface Place {
  host?: string;
  port?: number;
  path?: string;
  tls?: boolean;
}

/** Takes a host apart that may be a URL; ws and wss mean the same as http and https. */
function parsePlace(host: string | null | undefined): Place {
  if (!host) return {};
  if (!host.includes('://')) return { host };
  let url: URL;
  try {
    url = new URL(host);
  } catch {
    throw new Error(`wsHost is '${host}'; expected a host name such as 'ws.example.com', or a URL.`);
  }
  return {
    host: url.hostname,
    port: url.port === '' ? undefined : Number(url.port),
    path: url.pathname === '/' ? undefined : url.pathname,
    tls: isTlsScheme(url.protocol.slice(0, -1)),
  };
}

/** Whether a scheme means TLS: `https` and `wss` do. */
export function isTlsScheme(scheme: string): boolean {
  return scheme === 'https' || scheme === 'wss';
}

/** As pusher-js: browsers refuse plain WebSockets on pages served over TLS. */
function useTls(options: EchoOptions, byUrl: boolean | undefined): boolean {
  if (typeof location !== 'undefined' && location.protocol === 'https:') return true;
  return options.forceTLS ?? byUrl ?? options.encrypted ?? true;
}

function port(value: number | string | undefined, option: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const number = Number(value);
  if (Number.isInteger(number) && number > 0 && number < 65536) return number;
  throw new Error(`${option} is ${JSON.stringify(value)}; expected a port from 1 to 65535.`);
}

function pathPrefix(path: string | undefined): string {
  const trimmed = (path ?? '').replace(/^\/+|\/+$/g, '');
  return trimmed === '' ? '' : `/${trimmed}`;
}
