/**
 * In the page: how long an event takes from its socket to the listener of a list. The socket is made of
 * JavaScript, so that no network is measured; both sides get the same text.
 */
import { notifyManager, QueryClient, QueryObserver } from '@tanstack/query-core';
import { createCache } from 'echolite';
import { FakeSocket } from './fake-socket.js';

export interface Product {
  id: number;
  name: string;
  category: string;
  price: number;
  version: number;
}

export interface Figure {
  name: string;
  /** Milliseconds of each event. */
  samples: number[];
}

/** Gives one event's text to a client. */
type Deliver = (frame: string) => void;

/** Longest wait for one event, in milliseconds. */
const PATIENCE = 5_000;

let toldAt = 0;
const told = () => {
  toldAt = performance.now();
};

/** Each event changes another row, to a version that none had before, and to the highest price: all lists show it. */
function frames(rows: Product[], count: number): string[] {
  return Array.from({ length: count }, (_, n) => {
    const row = rows[(n * 7919) % rows.length] as Product;
    const client_refresh = { ...row, price: 10_000 + n, version: rows.length + n + 1 };
    const data = JSON.stringify({ id: row.id, client_refresh });
    return JSON.stringify({ event: 'ProductChanged', channel: 'products', data });
  });
}

async function measure(name: string, deliver: Deliver, events: string[]): Promise<Figure> {
  const samples: number[] = [];
  for (const frame of events) {
    toldAt = 0;
    const began = performance.now();
    deliver(frame);
    while (toldAt === 0) {
      if (performance.now() - began > PATIENCE) throw new Error(`${name}: nobody was told of ${frame}`);
      await task();
    }
    samples.push(toldAt - began);
    // What was put off until later belongs to no event: it is over before the next begins.
    await task();
  }
  return { name, samples };
}

/** Lets the event loop turn once, without the 4 ms that nested timers wait. */
function task(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

async function echolite(events: string[], limit: number | undefined): Promise<Figure> {
  const cache = createCache({
    key: 'bench',
    wsHost: '127.0.0.1',
    wsPort: 1,
    forceTLS: false,
    scope: null,
  });
  const products = cache.resource<Product>('products', {
    url: '/api/products',
    version: 'version',
    strict: true,
    channel: 'products',
    on: { '.ProductChanged': 'auto' },
    belongs: 'all',
    indexes: ['price'],
  });
  const live = products.live(limit ? { orderBy: '-price', limit } : {});
  await new Promise<void>((resolve) => {
    live.subscribe(({ status }) => {
      told();
      if (status.state === 'fresh') resolve();
    });
  });
  const name = limit ? `echolite, the first ${limit} by price` : 'echolite, all rows';
  const figure = await measure(name, (frame) => FakeSocket.last?.receive(frame), events);
  cache.close();
  await cache.clear().catch(() => {});
  return figure;
}

async function tanstack(rows: Product[], events: string[]): Promise<Figure> {
  // By default it tells listeners in a timer; a microtask is the soonest that it can.
  notifyManager.setScheduler(queueMicrotask);
  const client = new QueryClient();
  const queryKey = ['products'];
  client.setQueryData(queryKey, rows);
  const observer = new QueryObserver<Product[]>(client, { queryKey, staleTime: Number.POSITIVE_INFINITY });
  const stop = observer.subscribe(told);
  const deliver = (frame: string) => {
    const { client_refresh: row } = JSON.parse(JSON.parse(frame).data) as { client_refresh: Product };
    client.setQueryData<Product[]>(queryKey, (old) =>
      old?.map((other) => (other.id === row.id ? row : other)),
    );
  };
  const figure = await measure('TanStack Query, all rows', deliver, events);
  stop();
  client.clear();
  return figure;
}

/** The floor: both parses and nothing else. */
async function parses(events: string[]): Promise<Figure> {
  const deliver = (frame: string) => {
    JSON.parse(JSON.parse(frame).data);
    told();
  };
  return measure('both parses, nothing else', deliver, events);
}

async function run(count: number): Promise<Figure[]> {
  const { data: rows } = (await (await fetch('/api/products')).json()) as { data: Product[] };
  const warmUp = 300;
  const events = frames(rows, count + warmUp);
  const figures = [
    await parses(events),
    await tanstack(rows, events),
    await echolite(events, undefined),
    await echolite(events, 50),
  ];
  return figures.map(({ name, samples }) => ({ name, samples: samples.slice(warmUp) }));
}

Object.assign(globalThis, { WebSocket: FakeSocket, run });
