/** In the page: the demo's list of products in an Echolite cache, and what it shows, told to the test. */
import { followSockets, sampleFrom } from '@echolite/test-support/probe';
import { createCache } from 'echolite';

interface Product {
  id: number;
}

followSockets();
const options = new URLSearchParams(location.search);
const number = (name: string) => (options.has(name) ? Number(options.get(name)) : undefined);

const cache = createCache({
  broadcaster: 'reverb',
  key: 'demo-key',
  wsHost: location.hostname,
  wsPort: Number(location.port),
  forceTLS: false,
  scope: 'rounds',
  // a network that went silent is noticed within a round
  activityTimeout: number('activityTimeout'),
  pongTimeout: number('pongTimeout'),
  verifyInterval: number('verifyInterval'),
});
const products = cache.resource<Product>('products', {
  url: '/api/products',
  version: 'version',
  strict: true,
  channel: 'private:cache-products',
  on: { '.ProductChanged': 'auto' },
});
const list = products.live();
const { sample } = sampleFrom(() => {
  const { state, reason, asOf } = list.status;
  const says = reason ? `${state} (${reason})` : state;
  return { isFresh: state === 'fresh', says, asOf, rows: list.rows };
});
list.subscribe(sample);
cache.onActivity((activity) => {
  if (activity.type !== 'status') console.debug(JSON.stringify(activity));
});
cache.onConnectionChange((state, reason) => console.debug(`socket ${state}: ${reason}`));
