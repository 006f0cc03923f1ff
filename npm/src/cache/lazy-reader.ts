/** Loads what reads the back end beside the engine, which reads nothing before it is started. */
import { notLoaded } from '../common/errors.js';
import { remembered } from '../common/remembered.js';
import type { CacheSettings } from '../options/cache-options.js';
import type { FilledOptions } from '../options/echo-options.js';
import type { HttpReader } from './http-reader.js';

/** Reads the back end. Never rejects: its answers say what went wrong. */
export type LazyReader = Pick<HttpReader, 'read' | 'abandon'> & {
  hidden(resource: string): Promise<string[]>;
};

/** Starts loading the reader; after a failure each read tries again. */
export function lazyReader(options: FilledOptions, settings: CacheSettings): LazyReader {
  const load = remembered(async () => {
    const { HttpReader } = await import('./http-reader.js');
    return new HttpReader(options, settings);
  });
  load().catch(() => {}); // the first read tries again
  return {
    abandon: (resource) =>
      void load()
        .then((reader) => reader.abandon(resource))
        .catch(() => {}),
    hidden: (resource) =>
      load()
        .then((reader) => reader.hidden(resource))
        .catch(() => []),
    read: async (read, definition, progress) => {
      try {
        return await (await load()).read(read, definition, progress);
      } catch (error) {
        return { kind: 'failed', message: notLoaded(error) };
      }
    },
  };
}
