/** The demo's back end as if another were behind it, which tells less of its rows: a proxy takes the facts away. */
import { createHash } from 'node:crypto';
import { type Frame, isBroadcast } from './broadcast-frame.js';
import type { Product } from './demo.js';
import type { Answer, Asked, FaultProxyOptions } from './fault-proxy.js';

/**
 * - `heads`: the demo's own: a counter of the list in events and answers, and of each row;
 * - `versions`: the rows' counter alone;
 * - `timestamps`: as Laravel: timestamps of whole seconds, and as `ETag` a digest of the content, which its middleware
 *   `cache.headers:etag` makes;
 * - `none`: the same without timestamps.
 */
export type Facts = 'heads' | 'versions' | 'timestamps' | 'none';

type Json = Record<string, unknown>;

/** A row as such a back end shows it. */
export function rowWith(facts: Facts, row: Product): { id: number } {
  if (facts === 'heads' || facts === 'versions') return row;
  const { version: _, updated_at, ...others } = row;
  if (facts === 'none') return others;
  return { ...others, updated_at: `${updated_at.slice(0, 19)}.000000Z` } as { id: number };
}

/** What a proxy is to change; nothing for the demo's own back end. */
export function rewriteTo(facts: Facts): FaultProxyOptions['rewrite'] {
  if (facts === 'heads') return undefined;
  return {
    // its channel is a plain one, which keeps no last event
    frame: (frame, isKept) => {
      if (isKept || frame.event === 'pusher:cache_miss') return undefined;
      return isBroadcast(frame) ? frameWith(facts, frame) : frame;
    },
    answer: (asked, answer) =>
      asked.path.startsWith('/api/products') ? answerWith(facts, asked, answer) : answer,
  };
}

function frameWith(facts: Facts, frame: Frame): Frame {
  const { head: _, client_refresh: row, ...told } = JSON.parse(frame.data ?? '{}') as Json;
  if (facts !== 'versions') delete told.version;
  const shown = row ? { client_refresh: rowWith(facts, row as Product) } : {};
  return { ...frame, data: JSON.stringify({ ...told, ...shown }) };
}

function answerWith(facts: Facts, { method, validator }: Asked, answer: Answer): Answer {
  if (method !== 'GET' || answer.status !== 200) return answer;
  const { data } = JSON.parse(answer.body.toString()) as { data: Product | Product[] };
  const shown = Array.isArray(data) ? data.map((row) => rowWith(facts, row)) : rowWith(facts, data);
  const body = Buffer.from(JSON.stringify({ data: shown }));
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache', etag };
  if (validator === etag) return { status: 304, headers, body: Buffer.alloc(0) };
  return { status: 200, headers, body };
}
