import { type Network, network, setNetwork } from './api.js';
import { byId } from './dom.js';
import { choose, onSettings, settings, type Theme } from './settings.js';

const THEMES: Theme[] = ['system', 'light', 'dark'];

/** By day, by night, or as the system has it. */
export function themeButton(): void {
  const button = byId('theme');
  button.addEventListener('click', () => {
    choose({ theme: THEMES[(THEMES.indexOf(settings.theme) + 1) % THEMES.length] ?? 'system' });
  });
  onSettings(() => {
    document.documentElement.dataset.theme = settings.theme;
    button.textContent = `Theme: ${settings.theme}`;
  });
}

/** Whether the network before the server lets WebSockets through; somebody else may have changed it. */
export function networkSwitch(onTrouble: (error: unknown) => void): void {
  const show = async (): Promise<void> => {
    // Without an answer the switch stays as it was.
    const value = await network().catch(() => undefined);
    if (value) check('network', value);
  };
  radios('network', (value) => {
    setNetwork(value as Network).catch((error: unknown) => {
      void show();
      onTrouble(error);
    });
  });
  addEventListener('focus', () => void show());
  void show();
}

/** What the demo is, and what to try: open where there is room for it. */
export function steps(): void {
  byId<HTMLDetailsElement>('steps').open = matchMedia('(min-width: 60rem) and (min-height: 45rem)').matches;
}

/** On a narrow screen the panel is a sheet that one button opens and another closes. */
export function sheet(panelId: string, openId: string, closeId: string): void {
  const button = byId(openId);
  const panel = byId(panelId);
  const set = (isOpen: boolean): void => {
    panel.classList.toggle('is-open', isOpen);
    button.ariaExpanded = String(isOpen);
  };
  button.addEventListener('click', () => set(!panel.classList.contains('is-open')));
  byId(closeId).addEventListener('click', () => {
    set(false);
    button.focus();
  });
}

/** Calls back with the choice among the radio buttons of this name. */
export function radios(name: string, onChoose: (value: string) => void): void {
  for (const input of inputs(name)) {
    input.addEventListener('change', () => input.checked && onChoose(input.value));
  }
}

/** Shows which of them holds. */
export function check(name: string, value: string): void {
  for (const input of inputs(name)) input.checked = input.value === value;
}

function inputs(name: string): NodeListOf<HTMLInputElement> {
  return document.querySelectorAll<HTMLInputElement>(`input[name="${name}"]`);
}
