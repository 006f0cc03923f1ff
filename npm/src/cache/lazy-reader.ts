/** Loads what reads the back end beside the engine, which reads nothing before it is started. */
import { notLoaded } from '../common/errors.js';
import type { CacheSettings } from '../options/cache-options.js';
import type { FilledOptions } from '../options/echo-options.js';
import type { HttpReader } from './http-reader.js';

/** Reads the back end. Never rejects: its answers say what went wrong. */
export type LazyReader = Pick<HttpReader, 'read' | 'abandon'> & {
  hidden(resource: string): Promise<string[]>;
};

/** Starts loading the reader. */
export function lazyReader(options: FilledOptions, settings: CacheSettings): LazyReader {
  const loading = import('./http-reader.js').then(({ HttpReader }) => new HttpReader(options, settings));
  loading.catch(() => {}); // the first call answers with it
  return {
    abandon: (resource) => void loading.then((reader) => reader.abandon(resource)).catch(() => {}),
    hidden: (resource) => loading.then((reader) => reader.hidden(resource)).catch(() => []),
    read: async (read, definition, progress) => {
      try {
        return await (await loading).read(read, definition, progress);
      } catch (error) {
        return { kind: 'failed', message: notLoaded(error) };
      }
    },
  };
}
