/** A back end that takes webhooks and keeps what came. */
import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Listening, listen } from './listen.js';

interface Received {
  headers: IncomingHttpHeaders;
  rawBody: string;
}

export interface HookReceiver extends Listening {
  readonly requests: Received[];
}

export async function startReceiver(): Promise<HookReceiver> {
  const requests: Received[] = [];
  const listening = await listen(async (request, response) => {
    requests.push({ headers: request.headers, rawBody: await text(request) });
    response.end();
  });
  return { ...listening, requests };
}
