/**
 * Translates options into an engine's settings: the one place between an option's declaration and the engine's
 * `EngineConfig`. See "The way of an option" in `docs/architecture.md`.
 */

import { shown } from '../common/console.js';
import type { EngineConfig } from '../engine/port.js';
import type { CacheOptions } from './cache-options.js';
import type { FilledOptions } from './echo-options.js';
import type { PusherOptions } from './pusher-options.js';
import { parseHost, parsePath, parsePort } from './server-address.js';

/** The settings of an Echo's engine, or an error that names the option that is wrong. */
export function engineConfig(options: PusherOptions): EngineConfig {
  const place = options.wsHost ? parseHost(options.wsHost, 'wsHost') : parseHost(options.host, 'host');
  const tls = wantsTls(options, place.tls);
  const uses = (name: 'ws' | 'wss') =>
    options.enabledTransports?.includes(name) !== false && !options.disabledTransports?.includes(name);
  return {
    key: keyOf(options),
    host: place.host ?? defaultHost(options),
    wsPort: parsePort(options.wsPort, 'wsPort') ?? place.port ?? 80,
    wssPort: parsePort(options.wssPort, 'wssPort') ?? place.port ?? 443,
    path: parsePath(options.wsPath ?? place.path, 'wsPath'),
    tls,
    allowWs: uses('ws'),
    // pusher-js takes `ws` as the name of WebSockets in general once TLS is asked for
    allowWss: uses('wss') || (tls && uses('ws')),
    activityTimeout: options.activityTimeout ?? undefined,
    pongTimeout: options.pongTimeout ?? undefined,
    unavailableTimeout: options.unavailableTimeout ?? undefined,
    batchAuthorizations: options.auth?.batch === true,
    recover: recovers(options, false),
  };
}

/** The settings of a cache's engine, or an error that names the option that is wrong. */
export function cacheConfig(options: FilledOptions, settings: CacheOptions): EngineConfig {
  const { scope, store } = settings;
  const config: EngineConfig = {
    ...socketConfig(options),
    pollInterval: settings.pollInterval ?? undefined,
    verifyInterval: settings.verifyInterval ?? undefined,
    readTimeout: settings.readTimeout ?? undefined,
    recover: recovers(settings, true),
  };
  if (store !== 'memory') config.database = scopeName(config.key, scope);
  config.build = settings.build;
  return config;
}

/** The name of a scope: that of its database, its lock and its channel. */
export function scopeName(key: string, scope: CacheOptions['scope']): string {
  // encoded, so that no key and scope look like another key and its scope
  const name = `echolite:${encodeURIComponent(key)}`;
  return scope === null ? name : `${name}:${scope}`;
}

/** With the broadcaster `null` there is no socket: lists are polled. */
function socketConfig(options: FilledOptions): EngineConfig {
  if (options.broadcaster !== 'null') return engineConfig(options);
  const nowhere = engineConfig({ ...options, key: options.key ?? 'null', wsHost: '127.0.0.1' });
  return { ...nowhere, allowWs: false, allowWss: false };
}

/** The option `recover`, where it is set. */
function recovers({ recover }: { recover?: unknown }, otherwise: boolean): boolean {
  if (recover === undefined || recover === null || typeof recover === 'boolean') return recover ?? otherwise;
  throw new Error(`recover is ${shown(recover)}; expected true or false.`);
}

function keyOf(options: PusherOptions): string {
  if (options.key) return options.key;
  throw new Error(
    'Echo needs `key`, the application key. Is VITE_REVERB_APP_KEY in .env, and was Vite restarted since?',
  );
}

/** `ws-{cluster}.pusher.com` for Pusher, the page's own host for everybody else. Without an Echo the cluster says it. */
function defaultHost(options: PusherOptions): string {
  if (options.broadcaster === 'pusher' || options.broadcaster === undefined) {
    if (options.cluster) return `ws-${options.cluster}.pusher.com`;
    if (options.broadcaster === 'pusher')
      throw new Error("The broadcaster 'pusher' needs `cluster` (such as 'eu') or `wsHost`.");
  }
  const own = typeof location === 'undefined' ? '' : location.hostname;
  return own || '127.0.0.1';
}

/** As pusher-js: browsers refuse plain WebSockets on pages served over TLS. */
function wantsTls(options: PusherOptions, byUrl: boolean | undefined): boolean {
  if (typeof location !== 'undefined' && location.protocol === 'https:') return true;
  return options.forceTLS ?? byUrl ?? options.encrypted ?? true;
}
