import { type CacheOptions, createCache, type ResourceOptions } from '../../src/index.js';
import { fakePorts } from './fake-port.js';

export interface Product {
  id: number;
  name: string;
  category: string;
  price: number;
}

export const PRODUCTS: ResourceOptions<Product> = {
  url: '/api/products',
  channel: 'private:products',
  on: { ProductChanged: 'auto' },
  indexes: ['category', 'price'],
};

/** A cache whose engine is the test. */
export function setUp(settings: Partial<CacheOptions> = {}) {
  const { port, made } = fakePorts();
  const cache = createCache({ key: 'key', wsHost: 'ws.test', scope: 7, port, ...settings } as CacheOptions);
  return { cache, made };
}
