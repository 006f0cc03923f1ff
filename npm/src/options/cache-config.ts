/** Translates the options of a cache into an engine's settings. */

import type { CacheOptions } from '../cache/types.js';
import type { EngineConfig } from '../engine/port.js';
import { type EchoOptions, type FilledOptions, fillOptions } from './echo-options.js';
import { engineConfig, recovers } from './engine-config.js';

/** The options of the Echo it goes with, or its own. */
export function fillCacheOptions(options: CacheOptions): FilledOptions {
  if (options.echo) return options.echo.connector?.options ?? fillOptions(options.echo.options);
  const own = options as Partial<EchoOptions>;
  const broadcaster = own.broadcaster ?? (own.cluster && !own.wsHost ? 'pusher' : 'reverb');
  return fillOptions({ ...own, broadcaster });
}

/** The engine's settings, or an error that names the option that is wrong. */
export function cacheConfig(options: FilledOptions, settings: CacheOptions): EngineConfig {
  const { scope, store = 'indexeddb', build, pollInterval, verifyInterval } = settings;
  if (build !== undefined && !Number.isFinite(build)) {
    throw new Error(
      `createCache: \`build\` is ${String(build)}; expected a number that grows with each release.`,
    );
  }
  if (store !== 'indexeddb' && store !== 'memory') {
    throw new Error(`createCache: \`store\` is '${String(store)}'; expected 'indexeddb' or 'memory'.`);
  }
  const recover = recovers(settings, true);
  const config: EngineConfig = { ...socketConfig(options), pollInterval, verifyInterval, recover };
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
