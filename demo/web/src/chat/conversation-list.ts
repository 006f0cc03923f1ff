import { byId, make } from '../dom.js';
import { when } from './clock.js';
import type { Conversation } from './rows.js';

/** The conversations, the latest first, with what is unread in each. */
export class ConversationList {
  readonly #root = byId('conversations');
  readonly #items = new Map<number, HTMLElement>();
  readonly #open: (id: number) => void;
  #current: number | undefined;
  #rows: readonly Conversation[] = [];

  constructor(open: (id: number) => void) {
    this.#open = open;
  }

  show(rows: readonly Conversation[]): void {
    this.#rows = rows;
    const items = rows.map((row) => this.#item(row));
    // Moving an element takes the focus from it, so only what stands elsewhere is moved.
    items.forEach((item, at) => {
      if (this.#root.children[at] !== item) this.#root.insertBefore(item, this.#root.children[at] ?? null);
    });
    while (this.#root.children.length > items.length) this.#root.lastElementChild?.remove();
    const unread = rows.reduce((sum, row) => sum + (this.#isRead(row) ? 0 : row.unread), 0);
    this.#root.dataset.unread = String(unread);
    document.title = `${unread > 0 ? `(${unread}) ` : ''}Leeway – a chat kept by Echolite`;
  }

  /** Marks the conversation that is open. */
  mark(id: number | undefined): void {
    this.#current = id;
    this.show(this.#rows);
  }

  get(id: number): Conversation | undefined {
    return this.#rows.find((row) => row.id === id);
  }

  /** What is open in a window in view is being read just now. */
  #isRead({ id }: Conversation): boolean {
    return id === this.#current && document.visibilityState === 'visible';
  }

  #item(row: Conversation): HTMLElement {
    let item = this.#items.get(row.id);
    if (!item) {
      item = make('li', 'conversation-item');
      const button = make('button', 'conversation-open');
      button.type = 'button';
      button.addEventListener('click', () => this.#open(row.id));
      item.append(button);
      this.#items.set(row.id, item);
    }
    Object.assign(item.dataset, { id: row.id, unread: row.unread, member: row.is_member });
    const button = item.firstElementChild as HTMLButtonElement;
    button.ariaCurrent = row.id === this.#current ? 'true' : null;
    button.replaceChildren(...parts(row));
    return item;
  }
}

function parts(row: Conversation): HTMLElement[] {
  const title = make('b', 'conversation-name', row.title);
  const at = make('span', 'conversation-when help', row.last_at ? when(row.last_at) : '');
  const last = row.last_text ? `${row.last_sender}: ${row.last_text}` : row.topic;
  const text = make('span', 'conversation-last', row.is_member ? last : 'Members only');
  const unread = make('span', 'unread', row.unread > 0 ? String(row.unread) : '');
  if (row.unread > 0) unread.append(make('span', 'only-spoken', ' unread'));
  return [title, at, text, unread];
}
