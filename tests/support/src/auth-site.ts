import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Pusher from 'pusher';
import { fileOf, sendFile } from './site-files.js';

export interface Site {
  readonly url: string;
  /** The authorisation requests so far. */
  readonly authorized: [channel: string, status: number][];
  close(): Promise<void>;
}

export interface SiteOptions {
  /** Files made in memory: path → content. */
  files: Record<string, string>;
  /** Folders served below a path: `/echolite/` → folder. */
  folders?: Record<string, string>;
  /** Signs as Laravel's `/broadcasting/auth` does. */
  sdk: Pusher;
  headers?: Record<string, string>;
}

/** A web application's front: pages, modules, and the route that authorises channels. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const authorized: [string, number][] = [];
  const server = createServer((request, response) => {
    answer(options, authorized, request, response).catch((error: Error) => {
      response.writeHead(500).end(error.message);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    authorized,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  options: SiteOptions,
  authorized: [string, number][],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://site').pathname;
  if (request.method === 'POST' && path === '/broadcasting/auth') {
    const user = String(request.headers['x-user'] ?? 'nobody');
    const reply = authorize(options.sdk, new URLSearchParams(await body(request)), user);
    authorized.push([reply.channel, reply.status]);
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.json));
    return;
  }
  const file = await fileOf({ made: options.files, folders: options.folders }, path);
  if (file) sendFile(response, file, options.headers);
  else response.writeHead(404).end();
}

/**
 * Everybody may join but where the name says `forbidden`; the member is whoever `X-User` says it is. Where it says
 * `forged` the signature is one for another connection.
 */
function authorize(sdk: Pusher, form: URLSearchParams, user: string) {
  const channel = form.get('channel_name') ?? '';
  const socketId = channel.includes('forged') ? '1.1' : (form.get('socket_id') ?? '');
  if (channel.includes('forbidden')) {
    return { channel, status: 403, json: { message: 'This action is unauthorized.' } };
  }
  if (!channel.startsWith('presence-')) {
    return { channel, status: 200, json: sdk.authorizeChannel(socketId, channel) };
  }
  const member = { user_id: user, user_info: { name: user.toUpperCase() } };
  return { channel, status: 200, json: sdk.authorizeChannel(socketId, channel, member) };
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
