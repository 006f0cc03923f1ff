import { amend, type Carries, Refusal } from './api.js';
import { byId } from './dom.js';
import type { Product } from './product.js';
import { type Choice, choose, onSettings, settings } from './settings.js';
import { check, networkSwitch, radios, sheet, steps, themeButton } from './switches.js';

const REACTIONS: Record<Choice, string> = {
  auto: 'The cache decides by what the event carries: a row is patched in, a URL is fetched, else the list is read.',
  patch: 'The row in the event goes straight into the list. No request; without a row, the list is read.',
  url: 'The event names what is outdated. That one product is fetched; without a URL, the list is read.',
  refresh: 'The event only says that something changed. The whole list is read, once for many events.',
};

const EDITS = 20;
/** Milliseconds between two simulated edits, so that they can be followed by eye. */
const EDIT_EVERY = 120;

export interface Actions {
  /** Rows from which simulated edits choose. */
  rows: () => readonly Product[];
  /** Forgets what is stored on this device. */
  forget: () => void;
  say: (title: string, detail: string) => void;
}

/** The switches: what the cache shall do, what the event carries, what the network allows. */
export function controls({ rows, forget, say }: Actions): void {
  radios('reaction', (reaction) => choose({ reaction: reaction as Choice }));
  radios('carries', (carries) => choose({ carries: carries as Carries }));
  themeButton();
  steps();
  onSettings(showSettings);

  const trouble = (error: unknown): void => {
    if (!(error instanceof Refusal)) throw error;
    say('The server refused', error.message);
  };
  byId('forget').addEventListener('click', forget);
  byId('simulate').addEventListener('click', () => void simulate(rows()).catch(trouble));

  networkSwitch(trouble);
  sheet('panel', 'log-toggle', 'log-close');
}

function showSettings(): void {
  check('reaction', settings.reaction);
  check('carries', settings.carries);
  byId('reaction-help').textContent = REACTIONS[settings.reaction];
}

/** Edits products near the top of the list through the API, as other people would. */
async function simulate(rows: readonly Product[]): Promise<void> {
  const button = byId<HTMLButtonElement>('simulate');
  button.disabled = true;
  try {
    const near = rows.slice(0, 40);
    for (let edit = 0; edit < EDITS; edit++) {
      const product = near[Math.floor(Math.random() * near.length)];
      if (!product) break;
      const stock = Math.floor(Math.random() * 240);
      await amend(product.id, { stock }, settings.carries);
      await new Promise((resolve) => setTimeout(resolve, EDIT_EVERY));
    }
  } finally {
    button.disabled = false;
  }
}
