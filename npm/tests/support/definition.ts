import { defineResource } from '../../src/cache/definition.js';
import type { ResourceOptions } from '../../src/cache/resource-options.js';

export interface Product {
  id: number;
  name?: string;
}

/** The resource of these tests, with further options. */
export const define = (options: Partial<ResourceOptions<Product>> = {}) =>
  defineResource(
    'products',
    {
      url: '/api/products',
      channel: 'products',
      on: { Changed: 'auto' },
      ...options,
    } as ResourceOptions<object>,
    false,
    false,
  );
