/** In the page: the demo's list of products in an Echolite cache, and what it shows, told to the test. */
import { followSockets, sampleFrom } from '@echolite/test-support/probe';
import { createCache, type ResourceOptions } from 'echolite';

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
  channel: 'private:cache-products',
  ...versions(),
  on: { '.ProductChanged': 'auto' },
  belongs: 'all',
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
/** What the cache knows, for the report of a tab that does not settle. */
Object.assign(globalThis, { inspect: () => cache.inspect() });
cache.onConnectionChange((state, reason) => console.debug(`socket ${state}: ${reason}`));

/** What the demo's page says of its rows, where the back end tells as much as the demo's. */
function versions(): Pick<ResourceOptions<Product>, 'version' | 'strict' | 'since'> {
  const facts = options.get('facts');
  if (facts === 'none') return {};
  return { version: 'version', strict: true, since: facts === 'heads' };
}
