/** Answers that come in pieces, or that never end. */
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type Answer, bordersForFile, json, NEW, OLD } from './borders-stage.js';

const stage = bordersForFile();

describe('an answer in pieces', () => {
  const HEADERS = { 'content-type': 'application/json' };
  const HALF = JSON.stringify(NEW).slice(0, -4);

  it.each<[what: string, Answer, said: RegExp]>([
    [
      'that is cut off',
      (_request, response) => {
        response.writeHead(200, { ...HEADERS, 'content-length': '1000' }).write(HALF);
        setImmediate(() => response.destroy());
      },
      /^\/api\/products/,
    ],
    [
      'that a proxy ends as if it were whole',
      (_request, response) => response.writeHead(200, HEADERS).end(HALF),
      /^\/api\/products answered JSON that is broken off or wrong \(status 200, \d+ characters\)/,
    ],
    [
      'with nothing in it',
      (_request, response) => response.writeHead(200, HEADERS).end(),
      /answered nothing/,
    ],
    [
      'that says 204',
      (_request, response) => response.writeHead(204).end(),
      /answered nothing \(status 204\)/,
    ],
    [
      'in another form than JSON',
      (_request, response) => response.writeHead(200, { 'content-type': 'text/csv' }).end('id,name'),
      /answered something else \(status 200\); expected JSON/,
    ],
    [
      'that says it is compressed, and is not',
      (_request, response) => {
        response.writeHead(200, { ...HEADERS, 'content-encoding': 'gzip' }).end(HALF);
      },
      /^\/api\/products/,
    ],
    [
      'with a part of the list',
      (_request, response) => response.writeHead(206, HEADERS).end(JSON.stringify([])),
      /part/,
    ],
  ])('%s is no list', async (_what, answer, said) => {
    const { shop } = stage;
    const page = await stage.showsOld();
    shop.answer = answer;
    await page.tell();
    const failed = await page.sees('the read to fail', ({ reason }) => reason === 'read-failed');
    expect([failed.rows, failed.detail]).toEqual([OLD, expect.stringMatching(said)]);
    shop.answer = json(NEW);
    await page.isFreshWith(NEW);
    expect(await page.freshRows()).toEqual([NEW]);
  });
});

it('an answer with a byte order mark is a list like any other', async () => {
  const page = await stage.showsOld();
  stage.shop.answer = (_request, response) => response.writeHead(200).end(`\uFEFF${JSON.stringify(NEW)}`);
  await page.tell();
  await page.isFreshWith(NEW);
});

describe('an answer that never ends', () => {
  it.each<[how: string, Answer]>([
    ['and never begins', () => {}],
    [
      'after its first half',
      (_request, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).write('[{"id":1,'),
    ],
    ['though all rows have come', (_request, response) => response.writeHead(200).write(JSON.stringify(NEW))],
  ])('%s is given up, and asked for again', async (_how, answer) => {
    const { shop } = stage;
    const page = await stage.showsOld(json(OLD), { readTimeout: 2_000 });
    shop.answer = answer;
    await page.tell();
    const failed = await page.sees('the read to be given up', ({ reason }) => reason === 'read-failed');
    expect([failed.state, failed.rows]).toEqual(['stale', OLD]);
    expect(failed.detail).toContain('nothing of its answer came for 2 s');
    shop.answer = json(NEW);
    await page.isFreshWith(NEW);
    expect(await page.freshRows()).toEqual([NEW]);
  });

  it('because it is a stream of events is refused at once', async () => {
    const { shop } = stage;
    const page = await stage.showsOld();
    const open: ServerResponse[] = [];
    shop.answer = (_request, response) => {
      open.push(response.writeHead(200, { 'content-type': 'text/event-stream' }));
      response.write(': here\n\n');
    };
    const beats = setInterval(() => open.map((response) => response.write(': still here\n\n')), 100);
    await page.tell();
    const failed = await page.sees('the read to fail', ({ reason }) => reason === 'read-failed');
    clearInterval(beats);
    expect([failed.state, failed.rows]).toEqual(['stale', OLD]);
    expect(failed.detail).toContain('/api/products answered a stream of events (status 200); expected JSON');
    shop.answer = json(NEW);
    await page.isFreshWith(NEW);
    expect(await page.freshRows()).toEqual([NEW]);
  });
});
