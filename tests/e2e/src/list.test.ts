/** The list: it loads, follows what others change, and is there before the server has answered. */
import { describe, expect, it } from 'vitest';
import { stageForEach } from './stage.js';
import { Window } from './window.js';

const stage = stageForEach();

describe('two windows', () => {
  it('show the list, and one repaints what the other changes', async () => {
    const context = await stage.browser.newContext();
    const [one, other] = [await Window.fresh(context, stage.demo), await Window.fresh(context, stage.demo)];
    await one.hasTotal(12);
    await other.hasTotal(12);

    await one.page.locator('.row[data-id="3"]').click();
    await one.page.locator('#editor-name').fill('Changed by hand');
    await one.page.locator('#editor-save').click();

    await other.wasMarked(3);
    await other.hasName(3, 'Changed by hand');
    await one.hasName(3, 'Changed by hand');
    expect((await stage.demo.product(3)).name).toBe('Changed by hand');
    expect([...one.errors, ...other.errors]).toEqual([]);
  });

  it('lose a row that one deletes', async () => {
    const context = await stage.browser.newContext();
    const [one, other] = [await Window.fresh(context, stage.demo), await Window.fresh(context, stage.demo)];
    one.page.on('dialog', (dialog) => dialog.accept());
    await one.page.locator('.row[data-id="5"]').click();
    await one.page.locator('#editor-delete').click();
    await other.hasTotal(11);
    await one.hasTotal(11);
  });
});

describe('a reload', () => {
  it('paints the stored rows before any answer', async () => {
    const context = await stage.browser.newContext();
    const window = await Window.fresh(context, stage.demo);
    await window.isStored();
    // Answers never come, and no socket that could say that nothing was missed.
    await window.page.route('**/api/**', () => {});
    await stage.demo.network('blocked');
    await window.page.reload();
    await window.hasTotal(12);
    expect((await window.status()).state).not.toBe('fresh');

    await stage.demo.network('open');
    await window.page.unrouteAll({ behavior: 'ignoreErrors' });
    await window.page.reload();
    await window.hasState('fresh');
  });

  it('reads nothing where the server can say that nothing was missed', async () => {
    const context = await stage.browser.newContext();
    const window = await Window.fresh(context, stage.demo);
    await window.isStored();
    window.answers.length = 0;
    await window.page.reload();
    await window.hasState('fresh');
    expect(window.answers).toEqual([]);
  });
});
