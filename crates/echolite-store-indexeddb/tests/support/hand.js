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

/** Has all timers fire at once. */
export function hurry() {
  const kept = globalThis.setTimeout;
  globalThis.setTimeout = (callback) => kept(callback, 0);
  return () => {
    globalThis.setTimeout = kept;
  };
}

/** Has requests to open a database never be answered. */
export function hangingOpen() {
  const kept = IDBFactory.prototype.open;
  const name = `hanging-${Math.random()}`;
  IDBFactory.prototype.open = () => {
    const request = kept.call(indexedDB, name);
    // it never hears of its end, and says that it has none
    Object.defineProperties(request, {
      onsuccess: { set() {} },
      result: {
        get() {
          throw new DOMException('as if', 'InvalidStateError');
        },
      },
    });
    return request;
  };
  return () => {
    IDBFactory.prototype.open = kept;
  };
}

/** Keeps all object stores busy until the function that it resolves to is called. */
export async function occupy(name) {
  const database = await done(indexedDB.open(name));
  const transaction = database.transaction([...database.objectStoreNames], 'readwrite');
  const store = transaction.objectStore('scope');
  let busy = true;
  const again = () => {
    if (busy) store.get('scope').onsuccess = again;
    else transaction.oncomplete = () => database.close();
  };
  await new Promise((resolve) => {
    store.get('scope').onsuccess = () => {
      resolve();
      again();
    };
  });
  return () => {
    busy = false;
  };
}

export async function contents(name) {
  const database = await done(indexedDB.open(name));
  const stores = {};
  for (const store of database.objectStoreNames) {
    stores[store] = await done(database.transaction(store).objectStore(store).getAll());
  }
  const { version } = database;
  database.close();
  return `${version} ${JSON.stringify(stores)}`;
}

/** Makes a database as the layout before this one was. */
export async function older(name) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    for (const store of ['scope', 'meta', 'pages', 'forgotten']) request.result.createObjectStore(store);
  };
  const database = await done(request);
  const records = [
    ['scope', 'scope', [7, 20]],
    ['meta', 'products', [20, 1, 1, null, null, null, null, []]],
    ['pages', ['products', 0], [['a', null, 0, { name: 'a' }]]],
    ['forgotten', 'key', 'value'],
  ];
  for (const [store, key, value] of records) {
    await done(database.transaction(store, 'readwrite').objectStore(store).put(value, key));
  }
  database.close();
}
