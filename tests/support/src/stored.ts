import type { Page } from 'playwright-core';

/** How far the rows in a page's IndexedDB go, as `cache.inspect()` writes it: `epoch;number`. */
export interface Stored {
  head: string | undefined;
  /** Of each channel. */
  positions: Record<string, string>;
}

/**
 * Rows are stored a moment after they are painted: who reloads a page may have to wait for them.
 * The page must have opened its store: asking for one that is not there would make it, empty.
 */
export function stored(page: Page, database: string, resource: string): Promise<Stored | undefined> {
  return page.evaluate(read, { database, resource });
}

/** Fields 5 to 7 of a resource's record: the head's epoch, its number, and `[[channel, epoch, offset], …]`. */
async function read(from: { database: string; resource: string }): Promise<Stored | undefined> {
  const done = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await done(indexedDB.open(from.database));
  // the key is the resource's name, a line break and the fingerprint of its declaration
  const declared = IDBKeyRange.bound(`${from.resource}\n`, `${from.resource}\n\uffff`);
  const got = done(database.transaction('meta').objectStore('meta').get(declared));
  const record: unknown[] | undefined = await got.finally(() => database.close());
  if (!record) return undefined;
  const [epoch, number, positions] = record.slice(5) as [string | null, number, [string, string, number][]];
  return {
    head: epoch === null ? undefined : `${epoch};${number}`,
    positions: Object.fromEntries(
      positions.map(([channel, epoch, offset]) => [channel, `${epoch};${offset}`]),
    ),
  };
}
