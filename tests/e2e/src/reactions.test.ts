/** What an event leads to, for each reaction and each thing that an event may carry, counted in requests. */
import type { Carries } from '@echolite/test-support';
import { describe, expect, it } from 'vitest';
import { windowForFile } from './stage.js';

type Reaction = 'auto' | 'patch' | 'url' | 'refresh';

const LIST = '/api/products';
const ROW = '/api/products/4';

/** The table of the demo's README: the requests that one event leads to. */
const EXPECTED: Record<Reaction, Record<Carries, string[]>> = {
  auto: { row: [], url: [ROW], id: [LIST] },
  patch: { row: [], url: [LIST], id: [LIST] },
  url: { row: [ROW], url: [ROW], id: [LIST] },
  refresh: { row: [LIST], url: [LIST], id: [LIST] },
};

const stage = windowForFile();

describe.each(Object.keys(EXPECTED) as Reaction[])('reaction %s', (reaction) => {
  it.each(['row', 'url', 'id'] as Carries[])('to an event that carries the %s', async (carries) => {
    await stage.window.choose('reaction', reaction);
    await stage.window.hasState('fresh');
    stage.window.answers.length = 0;
    const name = `${reaction} ${carries}`;
    await stage.demo.change(4, { name }, carries);
    await stage.window.hasName(4, name);
    await stage.window.hasState('fresh');
    expect(stage.window.answers.map(({ path }) => path)).toEqual(EXPECTED[reaction][carries]);
  });
});
