/**
 * What stands between a browser and a server, and fails as networks, proxies and queues do: HTTP and WebSockets pass
 * until a fault is asked for. Pages of the test's own are served here too, so that they have the server's origin.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { type Ends, ProxySocket, type Rewrite, type SocketFaults, type SocketWatch } from './proxy-socket.js';
import { type Files, fileOf, sendFile } from './site-files.js';

/** An answer of the server, whole. */
export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/** What a client asked for. */
export interface Asked {
  method: string | undefined;
  path: string;
  /** What it sent as `If-None-Match`. */
  validator: string | undefined;
}

/** A GET of the API that reached the proxy. */
export interface Read {
  /** `Date.now()` when it came. */
  at: number;
  path: string;
  /** 0 while it has no answer. */
  status: number;
  bytes: number;
}

export interface FaultProxyOptions {
  upstream: number;
  files: Files;
  watch?: Partial<SocketWatch>;
  /** Changes frames and answers as a back end of another kind would send them. */
  rewrite?: { frame: Rewrite; answer(asked: Asked, answer: Answer): Answer } | undefined;
}

export class FaultProxy {
  readonly url: string;
  readonly reads: Read[] = [];
  /** How often each fault befell something. */
  readonly injected = new Map<string, number>();
  readonly #server: http.Server;
  readonly #options: FaultProxyOptions;
  readonly #sockets = new Set<ProxySocket>();
  readonly #socketFaults: SocketFaults = { delay: 0, swallow: 0, swap: 0 };
  readonly #upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  /** Milliseconds before the server gets a request, and before the client gets its answer. */
  #requestDelay = 0;
  #answerDelay = 0;
  #refusing = false;
  #dark: { resolve(): void; over: Promise<void> } | undefined;

  private constructor(server: http.Server, options: FaultProxyOptions) {
    this.#server = server;
    this.#options = options;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      this.#request(request, response).catch((error: Error) => badGateway(response, error));
    });
    server.on('upgrade', (request, socket, head) => {
      // a socket that breaks on its way here has nobody else to hear of it
      socket.on('error', () => socket.destroy());
      this.#upgrade(request, socket, head).catch(() => socket.destroy());
    });
  }

  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FaultProxy(server, options);
  }

  /** Cuts every WebSocket, within a frame or between two. */
  cut(within = false): void {
    for (const socket of this.#sockets) {
      this.#count(within ? 'cut within a frame' : 'cut');
      socket.cut(within);
    }
  }

  /** The next `count` broadcasts get lost on their way to one client. */
  swallow(count = 1): void {
    this.#socketFaults.swallow += count;
  }

  /** The next two broadcasts to one client change places. */
  swap(pairs = 1): void {
    this.#socketFaults.swap += pairs;
  }

  /** From now on frames to the client are late, in order. */
  delayFrames(milliseconds: number): void {
    if (milliseconds > 0) this.#count('frames late');
    this.#socketFaults.delay = milliseconds;
  }

  /** From now on requests reach the server late. */
  delayRequests(milliseconds: number): void {
    this.#requestDelay = milliseconds;
  }

  /** From now on answers reach the client late: what they say is as old. */
  delayAnswers(milliseconds: number): void {
    this.#answerDelay = milliseconds;
  }

  /** From now on the proxy answers 503 for the server, and takes no WebSocket; those that stand go on. */
  refuse(refusing = true): void {
    this.#refusing = refusing;
  }

  /** Half-open: nothing passes, nothing closes, until `light`. */
  darken(): void {
    if (this.#dark) return;
    let resolve = () => {};
    const over = new Promise<void>((done) => {
      resolve = done;
    });
    this.#dark = { resolve, over };
    this.#count('half-open');
    for (const socket of this.#sockets) socket.hold();
  }

  /** The network is back; WebSockets that stood before are forgotten (`lost`), or go on where they were. */
  light(lost: boolean): void {
    if (!this.#dark) return;
    this.#dark.resolve();
    this.#dark = undefined;
    for (const socket of this.#sockets) lost ? socket.die() : socket.release();
    if (lost) this.#count('half-open for good');
  }

  /** How many WebSockets have a channel. */
  get joined(): number {
    return [...this.#sockets].filter((socket) => socket.isJoined).length;
  }

  /** The newest WebSocket is dead from now on, and nobody is told. */
  loseNewest(): void {
    this.#count('half-open for good');
    [...this.#sockets].at(-1)?.die();
  }

  /** Every fault ends; a connection that is dead stays dead. */
  quiet(): void {
    this.#requestDelay = 0;
    this.#answerDelay = 0;
    this.#refusing = false;
    Object.assign(this.#socketFaults, { delay: 0, swallow: 0, swap: 0 });
    this.light(true);
  }

  async close(): Promise<void> {
    this.quiet();
    for (const socket of this.#sockets) socket.end();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #count(fault: string): void {
    this.injected.set(fault, (this.injected.get(fault) ?? 0) + 1);
  }

  async #request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    const file = await fileOf(this.#options.files, path);
    if (file) return sendFile(response, file);
    const read: Read = { at: Date.now(), path, status: 0, bytes: 0 };
    if (request.method === 'GET' && path.startsWith('/api/')) this.reads.push(read);
    const body = await bodyOf(request);
    const answer = await this.#answer(request, body);
    read.status = answer.status;
    read.bytes = answer.body.length;
    if (response.destroyed) return;
    response.writeHead(answer.status, endToEnd(answer.headers)).end(answer.body);
  }

  async #answer(request: IncomingMessage, body: Buffer): Promise<Answer> {
    if (this.#refusing) {
      this.#count('503');
      return { status: 503, headers: {}, body: Buffer.alloc(0) };
    }
    await this.#late(this.#requestDelay, 'request late');
    const { rewrite } = this.#options;
    const { method, url: path = '/', headers } = request;
    const asked: Asked = { method, path, validator: headers['if-none-match'] };
    // where answers are changed, the server's validators are not the client's
    if (rewrite) delete headers['if-none-match'];
    let answer = await forward(this.#options.upstream, request, body);
    if (rewrite) answer = rewrite.answer(asked, answer);
    await this.#late(this.#answerDelay, 'answer late');
    return answer;
  }

  /** As late as the faults say, and not before the network is back. */
  async #late(milliseconds: number, fault: string): Promise<void> {
    if (milliseconds > 0) {
      this.#count(fault);
      await pause(milliseconds);
    }
    await this.#dark?.over;
  }

  async #upgrade(request: IncomingMessage, raw: Duplex, head: Buffer): Promise<void> {
    await this.#dark?.over;
    if (this.#refusing) {
      this.#count('WebSocket refused');
      raw.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const address = `ws://127.0.0.1:${this.#options.upstream}${request.url}`;
    const { origin, cookie } = request.headers;
    const headers = { ...(origin && { origin }), ...(cookie && { cookie }) };
    const server = new WebSocket(address, { headers, perMessageDeflate: false });
    server.once('error', () => raw.destroy());
    // within the event: the server's first frame comes right after it
    server.once('open', () => {
      if (raw.destroyed) return server.terminate();
      this.#upgrades.handleUpgrade(request, raw, head, (client) => this.#connect({ client, raw, server }));
    });
  }

  #connect(ends: Ends): void {
    const { watch, rewrite } = this.#options;
    const told: SocketWatch = {
      arrived: (socket, frame) => watch?.arrived?.(socket, frame),
      injected: (fault) => this.#count(fault),
      closed: (socket) => {
        this.#sockets.delete(socket);
        watch?.closed?.(socket);
      },
    };
    this.#sockets.add(new ProxySocket(ends, this.#socketFaults, told, rewrite?.frame));
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function forward(port: number, request: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, url: path, headers } = request;
    const sent = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      bodyOf(answer).then((body) => {
        resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body });
      }, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Without what belongs to one connection alone. */
function endToEnd(headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders {
  const { connection, 'keep-alive': _, 'transfer-encoding': __, 'content-length': ___, ...others } = headers;
  return others;
}

function badGateway(response: ServerResponse, error: Error): void {
  if (!response.headersSent && !response.destroyed) response.writeHead(502).end(error.message);
}
