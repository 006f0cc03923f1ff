import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

export { chromium, type Page };

/**
 * Debian's Chromium, or the one that `ECHOLITE_CHROMIUM` names; headless, with a profile of its own. `without`: arguments
 * that Playwright gives a browser by itself.
 */
export function startBrowser(more: string[] = [], without: string[] = []): Promise<Browser> {
  const executablePath = process.env.ECHOLITE_CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    throw new Error(`${executablePath} is missing; \`cargo xtask setup\` installs it`);
  }
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    ...more,
  ];
  return chromium.launch({ executablePath, args, ignoreDefaultArgs: without });
}
