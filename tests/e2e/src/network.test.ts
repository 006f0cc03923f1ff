/** A network that refuses WebSockets: the list goes on by polling, says so, and comes back to the socket. */
import { expect, it } from 'vitest';
import { windowForFile } from './stage.js';

const stage = windowForFile();

it('polls for what changed, and says so', async () => {
  await stage.demo.network('blocked');
  await stage.window.hasReason('polling');
  const poll = () => stage.window.page.waitForResponse(/\/api\/products/, { timeout: 15_000 });
  const nothing = { changed: [], deleted: [], head: expect.any(String) };
  for (const answer of [await poll(), await poll()]) expect(await answer.json()).toEqual(nothing);
});

it('shows by the next poll what was changed', async () => {
  await stage.demo.change(2, { name: 'Seen by a poll' });
  await stage.window.hasName(2, 'Seen by a poll', 20_000);
});

it('goes back to the socket when the network allows it', async () => {
  await stage.demo.network('open');
  await stage.window.hasState('fresh', 60_000);
  const { connection } = await stage.window.status();
  expect(connection).toBe('connected');
  stage.window.answers.length = 0;
  await stage.demo.change(2, { name: 'Seen by the socket' });
  await stage.window.hasName(2, 'Seen by the socket');
  expect(stage.window.answers).toEqual([]);
});
