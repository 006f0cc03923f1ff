/** The code of docs/laravel.md: it is PHP, and does what the page says, on Debian's Laravel. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '@echolite/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { php } from './run-script.js';

interface Answer {
  status: number;
  head: string;
  etag: string | null;
  body: unknown;
}

interface Sent {
  channels: string[];
  event: string;
  payload: { head: { epoch: string; seq: number; prev: number }; client_refresh?: unknown };
}

interface Day {
  nothing: Answer;
  two: Answer;
  known: Answer;
  row: Answer;
  rolledBack: Answer;
  away: string;
  sent: Sent[];
  since: Answer;
  sentThen: Sent[];
  sinceAll: Answer;
  sincePruned: Answer;
  newEpoch: Answer;
  sentAfterNewEpoch: Sent[];
  outside: string;
}

const page = await readFile(repository('docs/laravel.md'), 'utf8');
/** Blocks that are files, by the path in their first comment; and those that are not. */
const blocks = [...page.matchAll(/^```php\n(.*?)^```$/gms)].map(([, code = '']) => {
  return { path: /^<\?php\n\/\/ (\S+\.php)$/m.exec(code)?.[1], code };
});
const files = blocks.flatMap(({ path, code }) => (path ? [{ path, code }] : []));

let folder: string;
let day: Day;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'echolite-laravel-'));
  for (const { path, code } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), code);
  }
  // SQLite takes an empty file.
  await writeFile(join(folder, 'shop.sqlite'), '');
  day = (await php('feed.php', { folder })) as Day;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('every block', () => {
  it('is a file but one', () => {
    expect(files.length).toBeGreaterThan(10);
    expect(blocks.length - files.length).toBe(1);
  });

  it.each(blocks.map(({ path, code }) => ({ name: path ?? 'a part', code })))(
    'is PHP: $name',
    async ({ code }) => {
      const file = join(folder, 'block.php');
      await writeFile(file, code.startsWith('<?php') ? code : `<?php\n${code}`);
      await promisify(execFile)('/usr/bin/php', ['-d', 'display_errors=stderr', '-l', file]);
    },
  );
});

describe('answers', () => {
  it('carry the head of their rows, as their validator too', () => {
    const { two } = day;
    expect(two.body).toEqual({
      data: [
        [1, 'rope'],
        [2, 'lamp'],
      ],
    });
    expect(two.head).toMatch(/^[0-9a-f]{12};2$/);
    expect(two.etag).toBe(`"${two.head}"`);
    expect(day.row).toMatchObject({ status: 200, head: two.head });
  });

  it('are 304 to who has the list', () => {
    expect(day.known).toEqual({ status: 304, head: day.two.head, etag: day.two.etag, body: null });
  });

  it('have nothing of what was rolled back', () => {
    expect(day.rolledBack).toEqual(day.two);
  });

  it('tell what changed since a head', () => {
    const { since, two } = day;
    const epoch = two.head.split(';')[0];
    const anchors = 'anchor '.repeat(2_000);
    const changed = [
      [1, 'rope'],
      [3, anchors],
    ];
    expect(since.body).toEqual({ changed, deleted: [2], head: `${epoch};5` });
  });

  it('are the whole list where the log does not reach', () => {
    for (const answer of [day.sinceAll, day.sincePruned, day.newEpoch]) {
      expect(answer.body).toMatchObject({ data: expect.arrayContaining([]) });
    }
    expect(day.newEpoch.head.split(';')[0]).not.toBe(day.two.head.split(';')[0]);
  });
});

describe('events', () => {
  it('are sent in the order of heads, without a hole, after the server was away', () => {
    expect(day.away).toBe('the server is away');
    const epoch = day.two.head.split(';')[0];
    expect(day.sent.map(({ payload }) => payload.head)).toEqual([
      { epoch, seq: 1, prev: 0 },
      { epoch, seq: 2, prev: 1 },
    ]);
    expect(day.sent[0]).toMatchObject({
      channels: ['private-cache-products'],
      event: 'App\\Events\\ProductChanged',
      payload: { id: 1, client_refresh: { id: 1, name: 'rope' }, socket: '12.34' },
    });
  });

  it('of one transaction have a head each; a row too large is left out', () => {
    const [incremented, deleted, added] = day.sentThen;
    expect(day.sentThen.map(({ payload }) => payload.head.seq)).toEqual([3, 4, 5]);
    expect(incremented?.payload.client_refresh).toMatchObject({ id: 1, stock: 3 });
    expect(deleted?.payload).toMatchObject({ id: 2, deleted: true });
    expect(Object.keys(added?.payload ?? {}).sort()).toEqual(['head', 'socket']);
  });

  it('of before a new epoch are void', () => {
    expect(day.sentAfterNewEpoch).toEqual([]);
  });

  it('need a transaction', () => {
    expect(day.outside).toContain('belong in one DB::transaction()');
  });
});
