/** The demo for the keyboard, for readers of the screen, and on every width. */
import { type Page, until } from '@echolite/test-support';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import { BOOKS, ChatWindow, ROPE_LOFT } from './chat-window.js';
import { stageForFile } from './stage.js';
import { Window } from './window.js';

const stage = stageForFile();
const LOOKS = [
  [390, 'light', true],
  [768, 'dark', false],
  [1280, 'light', false],
  [1280, 'dark', true],
] as const;

/** What axe finds, in a line each. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const there = globalThis as unknown as { axe: typeof axe };
    const { violations } = await there.axe.run();
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html.slice(0, 200)}`);
  });
}

/** Looks at the page at each width, by day and by night, with its steps open and closed. */
async function isFlawless(page: Page): Promise<void> {
  for (const [width, colorScheme, isOpen] of LOOKS) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await page.locator('#steps').evaluate((steps: HTMLDetailsElement, isOpen) => {
      steps.open = isOpen;
    }, isOpen);
    expect(await findings(page), `at ${width} px, ${colorScheme}`).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `nothing is beside the page at ${width} px`).toBe(0);
  }
}

describe('axe finds nothing', () => {
  it('in the catalogue, and in its editor', async () => {
    const { page } = await Window.fresh(await stage.browser.newContext(), stage.demo);
    await isFlawless(page);
    await page.locator('#add').click();
    expect(await findings(page)).toEqual([]);
    await page.locator('#editor-cancel').click();
    await page.setViewportSize({ width: 390, height: 800 });
    await page.locator('#log-toggle').click();
    await page.locator('#panel.is-open').waitFor();
    expect(await findings(page)).toEqual([]);
  });

  it('in the chat: signed out, signed in, in a conversation, and refused', async () => {
    const page = await (await stage.browser.newContext()).newPage();
    await page.goto(`${stage.demo.url}/chat`);
    await page.locator('#sign-in-users button').first().waitFor();
    await isFlawless(page);
    const ada = await ChatWindow.as(stage, 'ada');
    await isFlawless(ada.page);
    await ada.open(ROPE_LOFT);
    await ada.hasStatus('fresh');
    await isFlawless(ada.page);
    await ada.page.setViewportSize({ width: 1280, height: 800 });
    await ada.open(BOOKS);
    await ada.page.locator('#refusal').waitFor();
    await isFlawless(ada.page);
    const detail = (await ada.page.locator('#refusal-detail').textContent()) ?? '';
    expect(detail.split(`private-conversation.${BOOKS}`), 'its name is said once').toHaveLength(2);
  });
});

describe('the keyboard', () => {
  it('stops at one row of the list, and goes from row to row by arrow keys', async () => {
    const { page } = await Window.fresh(await stage.browser.newContext(), stage.demo);
    const stops = page.locator('.row-name[tabindex="0"]');
    expect(await stops.count()).toBe(1);
    await stops.focus();
    const focused = () =>
      page.evaluate(() => document.activeElement?.closest<HTMLElement>('.row')?.dataset.id);
    const ids = await page
      .locator('.row')
      .evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.id));
    const goes = async (key: string, at: number) => {
      await page.keyboard.press(key);
      await until(`${key} to go to row ${at}`, async () => (await focused()) === ids.at(at));
      expect(await stops.count()).toBe(1);
    };
    await goes('ArrowDown', 1);
    await goes('ArrowDown', 2);
    await goes('ArrowUp', 1);
    await goes('End', -1);
    await goes('ArrowDown', -1);
    await goes('Home', 0);
    await page.keyboard.press('Enter');
    await page.locator('#editor[open]').waitFor();
  });

  it('skips to the list and to the switches', async () => {
    const { page } = await Window.fresh(await stage.browser.newContext(), stage.demo);
    await page.locator('body').press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const inside = await page.evaluate(() => document.activeElement?.closest('#panel') !== null);
    expect(inside).toBe(true);
  });
});

describe('the chat without a conversation', () => {
  it('has nothing to write into, and says so; what was written is kept', async () => {
    const bram = await ChatWindow.as(stage, 'bram');
    const { page } = bram;
    expect(await page.locator('#composer').isVisible()).toBe(false);
    expect(await bram.text('#conversation-title')).toBe('No conversation is open');
    expect(await bram.text('#nothing')).toBe('Choose a conversation.');
    await bram.open(ROPE_LOFT);
    await page.locator('#text').fill('half a thought');
    await page.goBack();
    await page.locator('#composer').waitFor({ state: 'hidden' });
    expect(await bram.text('#conversation-title')).toBe('No conversation is open');
    await bram.open(ROPE_LOFT);
    expect(await page.locator('#text').inputValue()).toBe('half a thought');
  });
});
