// A WebSocket that the test plays the server of, and a listener that remembers.

const sockets = [];

class FakeWebSocket {
  constructor(url) {
    if (url.includes('forbidden')) throw new DOMException('as if', 'SecurityError');
    this.url = url;
    this.sent = [];
    this.isClosed = false;
    sockets.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.isClosed = true;
  }
}

export function installFakeWebSocket() {
  globalThis.WebSocket = FakeWebSocket;
  sockets.length = 0;
}

export const socketCount = () => sockets.length;
export const sent = (socket) => JSON.stringify(sockets[socket].sent);
/** How many sockets are held or heard still: open, or with a listener on them. */
export const heldSockets = () =>
  sockets.filter((socket) => !socket.isClosed || socket.onopen || socket.onmessage || socket.onclose).length;
export const isClosed = (socket) => sockets[socket].isClosed;
export const openSocket = (socket) => sockets[socket].onopen({});
export const closeSocket = (socket, code) => sockets[socket].onclose(new CloseEvent('close', { code, reason: 'bye' }));
export const say = (socket, data) => sockets[socket].onmessage?.(new MessageEvent('message', { data }));

/** A listener that keeps its calls, and passes them on to `also`. */
export function recorder(also) {
  const listener = (...event) => {
    listener.events.push(event);
    also?.(...event);
  };
  listener.events = [];
  return listener;
}

/** The events of one name, without the name, as JSON; `undefined` is told from `null`. */
export function recorded(listener, name) {
  const events = listener.events.filter((event) => event[0] === name).map((event) => event.slice(1));
  return JSON.stringify(events, (_, value) => (value === undefined ? '(undefined)' : value));
}

/** Waits for an event of this name, with this in its text. */
export const until = (listener, name, text) =>
  eventually(`${name}: ${text}`, () => recorded(listener, name).includes(text));

export const json = (text) => JSON.parse(text);
export const text = (value) => JSON.stringify(value);

export function catchReports() {
  const reports = [];
  globalThis.reportError = (error) => reports.push(String(error));
  return () => reports.join('|');
}

export const throwing = (name) => (event) => {
  if (event === name) throw new Error(`listener of ${name}`);
};

export const remembering = (list, name) => (event, ...rest) => {
  if (event === name) list.push(rest);
};

/** Commands the engine from within an event, once. */
export function commanding(name, command) {
  let done = false;
  return (event) => {
    if (event !== name || done) return;
    done = true;
    command();
  };
}

async function holdsLock(name) {
  const { held } = await navigator.locks.query();
  return held.some((lock) => lock.name === name);
}

/** Waits until a condition holds. */
async function eventually(what, condition) {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const untilLock = (name, held) =>
  eventually(`lock ${name} ${held}`, async () => (await holdsLock(name)) === held);

/** Waits until a database keeps so many rows. */
export const untilStored = (name, count) =>
  eventually(`${count} rows in ${name}`, async () => (await storedRows(name)) === count);

async function storedRows(name) {
  // opening would make a database where there is none
  if (!(await indexedDB.databases()).some((database) => database.name === name)) return -1;
  const database = await done(indexedDB.open(name));
  const pages = await done(database.transaction('pages').objectStore('pages').getAll());
  database.close();
  return pages.flat().filter((slot) => slot !== null).length;
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Switches IndexedDB off; the answer switches it on again. */
export function withoutIndexedDb() {
  const kept = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB');
  Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value: null });
  return () => Object.defineProperty(globalThis, 'indexedDB', kept);
}

/** Switches Web Locks off; the answer switches them on again. */
export function withoutLocks() {
  Object.defineProperty(navigator, 'locks', { configurable: true, value: undefined });
  return () => delete navigator.locks;
}

/** Takes a lock from whoever holds it, and lets it go. */
export const stealLock = (name) => navigator.locks.request(name, { steal: true }, () => {});

/** Has no request for a lock be answered. */
export function hangingLocks() {
  const request = () => new Promise(() => {});
  Object.defineProperty(navigator, 'locks', { configurable: true, value: { request } });
  return () => delete navigator.locks;
}

/** Has no request to open a database be answered. */
export function hangingOpen() {
  const kept = IDBFactory.prototype.open;
  IDBFactory.prototype.open = () => ({
    get result() {
      throw new DOMException('as if', 'InvalidStateError');
    },
  });
  return () => {
    IDBFactory.prototype.open = kept;
  };
}

/** Has all timers fire at once, until the function that it gives is called. */
export function hurry() {
  const kept = globalThis.setTimeout;
  globalThis.setTimeout = (callback) => kept(callback, 0);
  return () => {
    globalThis.setTimeout = kept;
  };
}

/** Deletes a database, as somebody does who clears the site's data. */
export const erase = (name) => done(indexedDB.deleteDatabase(name));

/** Lets the browser do what waits for its turn. */
export const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
