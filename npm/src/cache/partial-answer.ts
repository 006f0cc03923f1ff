/** Recognises an answer that is a part of a list: it says itself that more follows, in one of the dialects in use. */

import { at, isObject } from '../common/json.js';

type Envelope = Record<string, unknown>;

/** Fields in which an answer names what follows: a URL, a cursor, the number of a page. */
const NEXT = [
  'next',
  'next_page_url',
  'next_page',
  'nextPage',
  'next_url',
  'nextUrl',
  'next_cursor',
  'nextCursor',
  'next_page_token',
  'nextPageToken',
  'next_token',
  'nextToken',
  'NextToken',
  'nextLink',
  '@odata.nextLink',
  'odata.nextLink',
];

/** Fields that say whether something follows. */
const MORE = [
  'has_more',
  'hasMore',
  'has_next',
  'hasNext',
  'has_more_pages',
  'hasMorePages',
  'has_next_page',
  'hasNextPage',
];

/** Names of the page that this is, of the number of pages, of rows in a page, of rows before it, and of all rows. */
const CURRENT = ['current_page', 'currentPage', 'page', 'number', 'page_number', 'pageNumber'];
const LAST = ['last_page', 'lastPage', 'total_pages', 'totalPages', 'page_count', 'pageCount', 'pages'];
const LIMIT = ['limit', 'per_page', 'perPage', 'page_size', 'pageSize', 'size'];
const OFFSET = ['offset', 'skip'];
const TOTAL = ['total', 'total_count', 'totalCount', 'count', 'totalElements'];

/** Objects in which answers keep these fields, beside the answer itself. */
const INSIDE = [
  'meta',
  'links',
  '_links',
  'pagination',
  'paging',
  'page',
  'pager',
  'pageInfo',
  'page_info',
  'cursor',
  'response_metadata',
  'meta.pagination',
  'meta.pagination.links',
  'meta.page',
  'meta.cursor',
  '_meta',
];

/**
 * The sign in an answer that it is a part of the list, for people; `undefined` where nothing does. `rows` is the path
 * of its rows, where the application names one; `count` how many there are.
 */
export function partOf(
  response: Response,
  json: unknown,
  rows: string | undefined,
  count: number,
): string | undefined {
  return byStatus(response) ?? byHeaders(response.headers) ?? byBody(json, rows, count);
}

function byStatus({ status, headers }: Response): string | undefined {
  const range = headers.get('Content-Range');
  const [, first, last, total] = /(\d+)-(\d+)\/(\d+|\*)/.exec(range ?? '') ?? [];
  if (first !== undefined && (Number(first) > 0 || (total !== '*' && Number(last) + 1 < Number(total)))) {
    return `\`Content-Range: ${range}\``;
  }
  const isWhole = total !== undefined && total !== '*';
  return status === 206 && !isWhole ? 'the status is 206 (a part)' : undefined;
}

function byHeaders(headers: Headers): string | undefined {
  const link = headers.get('Link');
  if (link !== null && hasNextLink(link)) return `\`Link: ${link}\``;
  const next = headers.get('X-Next-Page');
  return next ? `\`X-Next-Page: ${next}\`` : undefined;
}

/** Whether a `Link` header names a next page: `<…>; rel="next"`, with whatever other words and parameters. */
function hasNextLink(link: string): boolean {
  for (const [, parameters = ''] of link.matchAll(/<[^>]*>((?:[^,"]|"[^"]*")*)/g)) {
    const [, quoted, bare] = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters) ?? [];
    const words = (quoted ?? bare ?? '').toLowerCase().split(/\s+/);
    if (words.includes('next')) return true;
  }
  return false;
}

function byBody(json: unknown, rows: string | undefined, count: number): string | undefined {
  for (const [path, envelope] of envelopes(json, rows)) {
    const said = nextIn(envelope) ?? moreIn(envelope) ?? pageIn(envelope) ?? countIn(envelope, count);
    if (said === undefined) continue;
    const value = said.map((field) => `${field}: ${JSON.stringify(envelope[field])}`).join(', ');
    return `\`${path === '' ? '' : `${path}: `}{ ${value} }\``;
  }
  return undefined;
}

/** The objects around the rows, with their paths, and what they keep about pages. */
function envelopes(json: unknown, rows: string | undefined): [path: string, envelope: Envelope][] {
  const names = rows === undefined || rows === '' ? [] : rows.split('.');
  const around = names.map((_, length) => names.slice(0, length).join('.'));
  if (around.length === 0) around.push('');
  const paths = around.flatMap((path) => [path, ...INSIDE.map((name) => (path ? `${path}.${name}` : name))]);
  return paths.flatMap((path): [string, Envelope][] => {
    const envelope = at(json, path);
    return isObject(envelope) ? [[path, envelope]] : [];
  });
}

function nextIn(envelope: Envelope): string[] | undefined {
  const field = NEXT.find((name) => isNext(envelope[name]));
  return field === undefined ? undefined : [field];
}

/** Whether a value names something: `null`, `false`, an empty text and 0 are how the last page ends. */
function isNext(value: unknown): boolean {
  if (isObject(value)) return isNext(value.href) || isNext(value.url);
  return (typeof value === 'string' && value !== '') || (typeof value === 'number' && value > 0);
}

function moreIn(envelope: Envelope): string[] | undefined {
  const field = MORE.find((name) => envelope[name] === true);
  return field === undefined ? undefined : [field];
}

function pageIn(envelope: Envelope): string[] | undefined {
  const current = numberOf(envelope, CURRENT);
  const last = numberOf(envelope, LAST);
  if (current === undefined || last === undefined) return undefined;
  // the list's own URL answers the first page: where that is page 0, pages are counted from there
  const [page, pages] = [current[1] === 0 ? 1 : current[1], last[1]];
  return page < pages ? [current[0], last[0]] : undefined;
}

function countIn(envelope: Envelope, count: number): string[] | undefined {
  const total = numberOf(envelope, TOTAL);
  const limit = numberOf(envelope, LIMIT);
  if (total === undefined || limit === undefined || count < limit[1]) return undefined;
  const before = numberOf(envelope, OFFSET)?.[1] ?? 0;
  return before + count < total[1] ? [limit[0], total[0]] : undefined;
}

/** The first of these fields that is a number, or a text of one. */
function numberOf(envelope: Envelope, names: string[]): [field: string, value: number] | undefined {
  for (const name of names) {
    const value = envelope[name];
    if (typeof value === 'number') return [name, value];
    if (typeof value === 'string' && /^\d+$/.test(value)) return [name, Number(value)];
  }
  return undefined;
}
