import type { Product } from './product.js';

/** How much the broadcast event carries: the row and its URL, the URL alone, or only an id. */
export type Carries = 'row' | 'url' | 'id';

export type Draft = Pick<Product, 'sku' | 'name' | 'brand' | 'category' | 'price' | 'stock' | 'rating'>;

export type Network = 'open' | 'blocked';

/** Why the back end did not do it; `fields` says what is wrong with which field. */
export class Refusal extends Error {
  readonly fields: Record<string, string[]>;

  constructor(message: string, fields: Record<string, string[]> = {}) {
    super(message);
    this.fields = fields;
  }
}

/** Sends JSON; whatever is not a success is a `Refusal` with the reason. */
export async function send(method: string, url: string, body?: unknown): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch {
    throw new Refusal('The server cannot be reached; nothing was saved. Try again when it is back.');
  }
  if (response.ok) return response;
  const answer = (await response.json().catch(() => ({}))) as {
    message?: string;
    errors?: Record<string, string[]>;
  };
  throw new Refusal(answer.message ?? `The server answered ${response.status}.`, answer.errors);
}

export async function create(draft: Draft, carries: Carries): Promise<void> {
  await send('POST', `/api/products?event=${carries}`, draft);
}

export async function replace(id: number, draft: Draft, carries: Carries): Promise<void> {
  await send('PUT', `/api/products/${id}?event=${carries}`, draft);
}

export async function amend(id: number, draft: Partial<Draft>, carries: Carries): Promise<void> {
  await send('PATCH', `/api/products/${id}?event=${carries}`, draft);
}

export async function remove(id: number, carries: Carries): Promise<void> {
  await send('DELETE', `/api/products/${id}?event=${carries}`);
}

/** What the network before the server does with WebSockets. */
export async function network(): Promise<Network> {
  const response = await send('GET', '/demo/network');
  return ((await response.json()) as { websockets: Network }).websockets;
}

/** Blocks WebSockets for this visitor, whom the network knows by a cookie, or lets them through again. */
export async function setNetwork(websockets: Network): Promise<void> {
  await send('POST', '/demo/network', { websockets });
}
