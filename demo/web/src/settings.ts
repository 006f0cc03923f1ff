import type { Carries } from './api.js';

export type Choice = 'auto' | 'patch' | 'url' | 'refresh';
export type Theme = 'system' | 'light' | 'dark';

/** What a person chose; the same in all windows, because one of them answers for all. */
export interface Settings {
  reaction: Choice;
  carries: Carries;
  theme: Theme;
  /** Whether a message is heard. */
  sound: boolean;
}

const KEY = 'leeway.settings';
const defaults: Settings = { reaction: 'auto', carries: 'row', theme: 'system', sound: false };

function read(): Settings {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings>) };
  } catch {
    return { ...defaults };
  }
}

export const settings: Settings = read();
const listeners: (() => void)[] = [];

/** Calls back now and whenever a choice changes, in this window or another. */
export function onSettings(callback: () => void): void {
  listeners.push(callback);
  callback();
}

export function choose(change: Partial<Settings>): void {
  Object.assign(settings, change);
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

addEventListener('storage', (event) => {
  if (event.key !== KEY) return;
  Object.assign(settings, read());
  for (const listener of listeners) listener();
});
