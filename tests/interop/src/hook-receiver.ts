/** A back end that takes webhooks and keeps what came. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  headers: IncomingHttpHeaders;
  rawBody: string;
}

export interface HookReceiver {
  readonly url: string;
  readonly requests: Received[];
  close(): Promise<void>;
}

export async function startReceiver(): Promise<HookReceiver> {
  const requests: Received[] = [];
  const server = createServer(async (request, response) => {
    requests.push({ headers: request.headers, rawBody: await text(request) });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/pusher/webhooks`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
