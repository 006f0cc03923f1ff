// A hand of the tests' own on what IndexedDB holds and does.

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export async function slots(name) {
  const database = await done(indexedDB.open(name));
  const pages = await done(database.transaction('pages').objectStore('pages').getAll());
  database.close();
  return pages.reduce((sum, page) => sum + page.length, 0);
}

export async function put(name, store, key, value) {
  const database = await done(indexedDB.open(name));
  await done(database.transaction(store, 'readwrite').objectStore(store).put(value, key));
  database.close();
}

export async function remove(name, store, key) {
  const database = await done(indexedDB.open(name));
  await done(database.transaction(store, 'readwrite').objectStore(store).delete(key));
  database.close();
}

/** Makes a database that another program might have made. */
export async function foreign(name, version, store) {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => request.result.createObjectStore(store);
  (await done(request)).close();
}

export async function erase(name) {
  await done(indexedDB.deleteDatabase(name));
}

/** Opens a connection that closes for nobody. */
export function hold(name, version) {
  return done(indexedDB.open(name, version));
}

/** Makes the next call of a method throw. */
export function failOnce(type, method, error) {
  const prototype = globalThis[type].prototype;
  const kept = prototype[method];
  prototype[method] = function () {
    prototype[method] = kept;
    throw new DOMException('as if', error);
  };
}

/** Has `indexedDB` answer by a function; the answer puts it back. */
export function replaceIndexedDb(get) {
  const kept = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB');
  Object.defineProperty(globalThis, 'indexedDB', { configurable: true, get });
  return () => Object.defineProperty(globalThis, 'indexedDB', kept);
}

export function throwing(error) {
  return () => {
    throw new DOMException('as if', error);
  };
}

export function giving(value) {
  return () => value;
}
