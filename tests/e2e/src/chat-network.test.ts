/** The chat without a socket, and without a server: nothing is lost, nothing comes twice. */
import { beforeAll, expect, it } from 'vitest';
import { ChatWindow, ROPE_LOFT } from './chat-window.js';
import { stageForFile } from './stage.js';

const stage = stageForFile();
let ada: ChatWindow;
let bram: ChatWindow;

beforeAll(async () => {
  ada = await ChatWindow.as(stage, 'ada');
  bram = await ChatWindow.as(stage, 'bram');
  await ada.follow(ROPE_LOFT);
  await bram.follow(ROPE_LOFT);
});

/** What was said in this file, in the order of its numbers. */
async function said(window: ChatWindow): Promise<string[]> {
  return (await window.messages()).map(({ text }) => text).filter((text) => text.startsWith('No. '));
}

it('is polled for what is new, and says so', async () => {
  await stage.demo.network('blocked');
  await ada.hasStatus('polling');
  await bram.hasStatus('polling');
  expect(await ada.text('#deck-help')).toContain('Without a socket');
  const last = (await ada.messages()).at(-1)?.id;
  ada.reads.length = 0;
  await ada.sees('a poll', async () => ada.reads.length > 0, 20_000);
  expect(ada.reads[0]).toBe(`/api/conversations/${ROPE_LOFT}/messages?after=${last}`);
});

it('shows messages by the next poll', async () => {
  await bram.say('No. 1');
  await bram.say('No. 2');
  await ada.hasMessage('No. 2', 20_000);
  await bram.hasMessage('No. 2', 20_000);
  const pending = (await bram.pending()).map(({ text }) => text);
  for (const text of ['No. 1', 'No. 2']) expect(pending).toContainEqual(expect.stringContaining(text));
  expect(await said(ada)).toEqual(['No. 1', 'No. 2']);
});

it('loses and repeats nothing on the way back to the socket', async () => {
  await bram.say('No. 3');
  await stage.demo.network('open');
  await bram.say('No. 4');
  await ada.hasStatus('fresh', 60_000);
  await bram.hasStatus('fresh', 60_000);
  await bram.say('No. 5');
  await ada.hasMessage('No. 5');
  await bram.hasMessage('No. 5');
  const all = ['No. 1', 'No. 2', 'No. 3', 'No. 4', 'No. 5'];
  expect(await said(ada)).toEqual(all);
  expect(await said(bram)).toEqual(all);
  await ada.sees('Bram on deck again', async () => (await ada.here()).length === 2);
});

it('sends what was written while the server was away, once', async () => {
  await stage.demo.stop();
  await bram.hasStatus('offline');
  await bram.say('No. 6');
  const failed = bram.page.locator('.is-pending[data-state="failed"]');
  await bram.sees('that it was not sent', async () => (await failed.count()) === 1);
  await stage.demo.resume();
  await ada.hasMessage('No. 6', 60_000);
  await bram.hasMessage('No. 6', 60_000);
  await bram.sees('nothing pending', async () => (await bram.page.locator('.is-pending').count()) === 0);
  expect((await said(ada)).filter((text) => text === 'No. 6')).toHaveLength(1);
  expect([...ada.errors, ...bram.errors]).toEqual([]);
});
