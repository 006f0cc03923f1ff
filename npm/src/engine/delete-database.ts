/** Deletes what a cache stored, where its engine is not there to do it. Loaded when it is needed. */
import { messageOf } from '../common/errors.js';

/** Longest time, in milliseconds, that other tabs may take to let go of the database. */
const LONGEST_WAIT = 5_000;

/** Deletes the database of this name. Resolves with a message where it could not. */
export function deleteDatabase(name: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const blocked = `another tab keeps the database ${name} open; it is deleted when that closes`;
    const timer = setTimeout(() => resolve(blocked), LONGEST_WAIT);
    const end = (error?: string) => {
      clearTimeout(timer);
      resolve(error);
    };
    try {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = () => end();
      request.onerror = () => end(`the database ${name} was not deleted: ${messageOf(request.error)}`);
    } catch (error) {
      // a browser without databases has stored nothing
      end(typeof indexedDB === 'undefined' ? undefined : messageOf(error));
    }
  });
}
