import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to the server that can be cut: who connects then waits until it is mended. */
export class Wire {
  #cut = false;
  readonly #open = new Set<Socket>();
  readonly #waiting: Socket[] = [];
  readonly #server = createServer((client) => {
    if (this.#cut) this.#waiting.push(client);
    else this.#join(client);
  });

  constructor(private readonly target: number) {}

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#open) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
    for (const client of this.#waiting.splice(0)) this.#join(client);
  }

  close(): Promise<void> {
    this.cut();
    for (const client of this.#waiting) client.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #join(client: Socket): void {
    const server = connect({ host: '127.0.0.1', port: this.target });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#open.add(from);
      from.pipe(to);
      // what one end does, the other sees
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#open.delete(from);
        to.destroy();
      });
    }
  }
}
