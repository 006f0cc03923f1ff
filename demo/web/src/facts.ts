import { byId, make } from './dom.js';

/** What `cache.inspect()` says of a resource, as far as it is shown here. */
interface Inspected {
  facts?: string[];
  subscription?: string;
  reflected?: string | null;
  required?: string | null;
  validator?: string | null;
  reading?: string | null;
  held?: number;
  tombstones?: number;
}

/** Looking inside costs a little, so it is done at most so often, in milliseconds. */
const PAUSE = 250;

/** The panel of facts: what the back end gives the cache to go by, and what the cache concluded. */
export class Facts {
  readonly #list = byId('facts');
  readonly #inspect: () => Promise<unknown>;
  readonly #resource: string;
  #timer = 0;

  constructor(inspect: () => Promise<unknown>, resource: string) {
    this.#inspect = inspect;
    this.#resource = resource;
  }

  /** Something happened: looks again, soon. */
  refresh(): void {
    if (this.#timer !== 0) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      void this.#look();
    }, PAUSE);
  }

  async #look(): Promise<void> {
    // A cache that is being closed answers nothing; then the last facts stay.
    const all = await this.#inspect().catch(() => undefined);
    const { resources } = (all ?? {}) as { resources?: Record<string, Inspected> };
    const found = resources?.[this.#resource];
    if (found) this.#show(found);
  }

  #show(found: Inspected): void {
    const { facts = [], subscription, reflected, required, validator, reading, held, tombstones } = found;
    const lines: [string, string, string][] = [
      ['facts', 'The back end gives', facts.join(', ') || 'nothing to go by'],
      ['reflected', 'Rows include head', reflected ?? 'not known'],
      ['required', 'Highest head heard of', required ?? 'none'],
      ['subscription', 'Subscription', subscription ?? 'none'],
      ['validator', 'Validator', validator ?? 'none'],
      ['reading', 'Being read', reading ? new URL(reading, location.href).pathname : 'nothing'],
      ['held', 'Events beyond a gap', String(held ?? 0)],
      ['tombstones', 'Deletions remembered', String(tombstones ?? 0)],
    ];
    this.#list.replaceChildren(...lines.map(([name, title, text]) => line(name, title, text)));
  }
}

function line(name: string, title: string, text: string): HTMLElement {
  const pair = make('div', '');
  const value = make('dd', '', text);
  value.dataset.fact = name;
  pair.append(make('dt', '', title), value);
  return pair;
}
