/** A network that refuses the WebSockets of one visitor. */
import { expect, it } from 'vitest';
import { stageForFile } from './stage.js';
import { Window } from './window.js';

const stage = stageForFile();

it('the network is blocked for the visitor who asks, and for nobody else', async () => {
  const [one, two] = [await stage.browser.newContext(), await stage.browser.newContext()];
  const mine = await Window.fresh(one, stage.demo);
  const other = await Window.fresh(two, stage.demo);
  await mine.choose('network', 'blocked');
  await mine.hasReason('polling');
  await stage.demo.change(3, { name: 'Seen by the socket' });
  await other.hasName(3, 'Seen by the socket');
  expect((await other.status()).connection).toBe('connected');
  await other.page.reload();
  expect(await other.page.locator('input[name=network][value=open]').isChecked()).toBe(true);
  await mine.choose('network', 'open');
  await mine.hasState('fresh', 60_000);
});
