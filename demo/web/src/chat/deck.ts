import { byId, make } from '../dom.js';
import type { Reader } from './rows.js';
import { signal } from './signal.js';

/** The members of the open conversation, and which of them have it open now. */
export class Deck {
  readonly #list = byId('deck-members');
  readonly #help = byId('deck-help');
  readonly #toggle = byId('deck-toggle');
  #members: readonly Reader[] = [];
  /** Unknown without a socket. */
  #here: ReadonlySet<number> | undefined;

  showMembers(members: readonly Reader[]): void {
    this.#members = members;
    this.#show();
  }

  showHere(here: ReadonlySet<number> | undefined): void {
    this.#here = here;
    this.#show();
  }

  #show(): void {
    const here = this.#here;
    const isHere = ({ id }: Reader): boolean => here?.has(id) ?? false;
    const members = [...this.#members].sort((a, b) => Number(isHere(b)) - Number(isHere(a)) || a.id - b.id);
    this.#list.dataset.here = here ? [...here].sort((a, b) => a - b).join(' ') : '';
    this.#list.replaceChildren(...members.map((member) => item(member, here && isHere(member))));
    this.#toggle.textContent = here ? `On deck: ${here.size}` : 'On deck';
    if (members.length === 0) this.#help.textContent = '';
    else if (!here) this.#help.textContent = 'Without a socket nobody can say who is here.';
    else this.#help.textContent = `${here.size} of ${members.length} have this conversation open.`;
  }
}

function item(member: Reader, isHere: boolean | undefined): HTMLElement {
  const element = make('li', 'deck-member');
  element.dataset.user = String(member.id);
  element.dataset.here = isHere === undefined ? 'unknown' : String(isHere);
  const place = isHere === undefined ? '' : isHere ? 'here' : 'ashore';
  element.append(signal(member.name), make('b', '', member.name), make('span', 'help', member.trade));
  element.append(make('span', 'deck-place narrow', place));
  return element;
}
