/** The chat in Firefox: as Chromium's tests, in short. Playwright drives no Firefox of a distribution; BiDi does. */
import { existsSync } from 'node:fs';
import { Demo } from '@echolite/test-support';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROPE_LOFT, USERS } from './chat-window.js';

const FIREFOX = process.env.ECHOLITE_FIREFOX ?? '/usr/bin/firefox-esr';

let browser: Browser;
let demo: Demo;
let ada: Page;
let bram: Page;

beforeAll(async () => {
  if (!existsSync(FIREFOX)) throw new Error(`${FIREFOX} is missing; \`cargo xtask setup\` installs it`);
  demo = await Demo.start();
  browser = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX, headless: true });
  ada = await open(USERS.ada);
  bram = await open(USERS.bram);
});
afterAll(async () => {
  await browser?.close();
  await demo?.end();
});

/** Signs in, with cookies of its own, and follows the rope loft. */
async function open(user: number): Promise<Page> {
  const page = await (await browser.createBrowserContext()).newPage();
  await page.goto(`${demo.url}/chat`);
  await page.locator(`#sign-in-users [data-user="${user}"]`).click();
  await page.waitForSelector('#status[data-status=fresh]');
  await page.locator(`#conversations li[data-id="${ROPE_LOFT}"] button`).click();
  await page.waitForSelector('#deck-members:not([data-here=""])');
  await page.waitForSelector('#status[data-status=fresh]');
  return page;
}

it('carries what one types and says to the other', async () => {
  // it is shown for a moment: who begins to look when all is typed may be late
  const typing = ada.waitForSelector('#typing::-p-text(Bram is typing…)');
  await Promise.all([typing, bram.type('#text', 'From Firefox')]);
  await bram.keyboard.press('Enter');
  await ada.waitForSelector('.message[data-id] .message-text::-p-text(From Firefox)');
});

it('counts as read once its tab is in front', async () => {
  expect(await ada.evaluate(() => document.visibilityState)).toBe('hidden');
  await ada.bringToFront();
  await bram.waitForFunction(() =>
    [...document.querySelectorAll<HTMLElement>('.message')].some(
      (message) =>
        message.textContent?.includes('From Firefox') &&
        message.querySelector<HTMLElement>('.message-readers')?.dataset.readers?.includes('Ada'),
    ),
  );
});

it('is there after a reload', async () => {
  await ada.reload();
  await ada.waitForSelector('#status[data-status=fresh]');
  await ada.waitForSelector('.message[data-id] .message-text::-p-text(From Firefox)');
});
