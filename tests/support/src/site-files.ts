/** Files that a test serves to pages: made in memory, or out of folders. */
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

export interface Files {
  /** Path → content. */
  made: Record<string, string>;
  /** Folders served below a path: `/echolite/` → folder. */
  folders?: Record<string, string>;
}

export interface File {
  content: string | Buffer;
  type: string;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** The file of a request's URL; the query does not count. */
export async function fileOf({ made, folders }: Files, url: string): Promise<File | undefined> {
  const path = new URL(url, 'http://site').pathname;
  const content = made[path] ?? (await inFolder(folders ?? {}, path));
  if (content === undefined) return undefined;
  return { content, type: TYPES[extname(path) || '.html'] ?? 'application/octet-stream' };
}

export function sendFile(response: ServerResponse, file: File, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': file.type, ...headers }).end(file.content);
}

async function inFolder(folders: Record<string, string>, path: string): Promise<Buffer | undefined> {
  for (const [prefix, folder] of Object.entries(folders)) {
    if (!path.startsWith(prefix)) continue;
    const inside = normalize(path.slice(prefix.length));
    if (inside.startsWith('..')) return undefined;
    return readFile(join(folder, inside)).catch(() => undefined);
  }
  return undefined;
}
