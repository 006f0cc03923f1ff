/** The demo's server, as a test wants it: a port and a catalogue of its own. */
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { type Running, start } from './program.js';
import { repository } from './repository.js';

export interface Product {
  id: number;
  name: string;
  price: number;
  stock: number;
  version: number;
  updated_at: string;
}

export type Carries = 'row' | 'url' | 'id';

export class Demo {
  readonly url: string;
  readonly port: number;
  readonly #folder: string;
  readonly #products: number;
  #running: Running | undefined;

  private constructor(port: number, folder: string, products: number) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.#folder = folder;
    this.#products = products;
  }

  /** Few products by default, so that all of them are painted. */
  static async start(products = 12): Promise<Demo> {
    const folder = await mkdtemp(join(tmpdir(), 'echolite-demo-'));
    const demo = new Demo(await freePort(), folder, products);
    await demo.resume();
    return demo;
  }

  /** Starts the server again, on the same port; `meanwhile` products were changed while it was down. */
  async resume(meanwhile = 0, ...flags: '--restored'[]): Promise<void> {
    const program = repository('target/debug/echolite-demo');
    if (!existsSync(program))
      throw new Error(`${program} is missing; \`cargo build -p echolite-demo\` makes it`);
    const options = {
      host: '127.0.0.1',
      port: this.port,
      web: repository('demo/web/dist'),
      data: join(this.#folder, 'catalogue.sqlite'),
      products: this.#products,
      meanwhile,
    };
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    words.push(...flags);
    this.#running = await start(program, { arguments: words, port: this.port });
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    await this.#running?.stop(signal);
  }

  /** Copies the data as they are; what `restore` puts back. */
  async save(): Promise<void> {
    await this.stop();
    await cp(this.#folder, this.#backup, { recursive: true });
    await this.resume();
  }

  /** As an administrator does who restores a backup. */
  async restore(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true });
    await cp(this.#backup, this.#folder, { recursive: true });
    await this.resume(0, '--restored');
  }

  /** Stops it for good. */
  async end(): Promise<void> {
    await this.stop();
    for (const folder of [this.#folder, this.#backup]) await rm(folder, { recursive: true, force: true });
  }

  get #backup(): string {
    return `${this.#folder}-backup`;
  }

  async products(): Promise<Product[]> {
    const { data } = await this.#json<{ data: Product[] }>('GET', '/api/products');
    return data;
  }

  async product(id: number): Promise<Product> {
    const { data } = await this.#json<{ data: Product }>('GET', `/api/products/${id}`);
    return data;
  }

  /** Changes a product as somebody else would; `carries`: what the event tells. */
  async change(id: number, fields: Partial<Product>, carries: Carries = 'row'): Promise<Product> {
    const path = `/api/products/${id}?event=${carries}`;
    return (await this.#json<{ data: Product }>('PATCH', path, fields)).data;
  }

  async create(name: string, carries: Carries = 'row'): Promise<Product> {
    const others = { sku: 'NEW-1', brand: 'Leeway', category: 'Cordage', price: 100, stock: 1, rating: 4 };
    const path = `/api/products?event=${carries}`;
    return (await this.#json<{ data: Product }>('POST', path, { name, ...others })).data;
  }

  /** Gives the list's counter at the deletion. */
  async remove(id: number, carries: Carries = 'row'): Promise<number> {
    const { headers } = await this.#send('DELETE', `/api/products/${id}?event=${carries}`);
    return Number(headers.get('x-cache-head')?.split(';')[1]);
  }

  async network(websockets: 'open' | 'blocked'): Promise<void> {
    await this.#json('POST', '/demo/network', { websockets });
  }

  async #json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#send(method, path, body);
    return (await response.json().catch(() => undefined)) as T;
  }

  async #send(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(this.url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}
