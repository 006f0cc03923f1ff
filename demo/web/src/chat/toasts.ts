import { byId, make } from '../dom.js';
import type { Notice } from './rows.js';
import { signal } from './signal.js';

/** How long a toast stays, in milliseconds, unless it is pointed at or has the focus; and how many at once. */
const STAYS = 6_000;
const MOST = 3;

/** Says in a corner what came in a conversation that is not open; a press opens it. */
export class Toasts {
  readonly #root = byId('toasts');
  readonly #open: (conversation: number) => void;

  constructor(open: (conversation: number) => void) {
    this.#open = open;
  }

  show(notice: Notice): void {
    const toast = make('button', 'toast');
    toast.type = 'button';
    toast.dataset.conversation = String(notice.conversation_id);
    toast.append(
      signal(notice.sender),
      make('b', '', `${notice.sender} in ${notice.title}`),
      make('span', 'toast-text', notice.excerpt),
    );
    toast.addEventListener('click', () => this.#open(notice.conversation_id));
    this.#root.append(toast);
    while (this.#root.childElementCount > MOST) this.#root.firstElementChild?.remove();
    const leave = () => {
      if (toast.matches(':hover, :focus')) setTimeout(leave, STAYS);
      else toast.remove();
    };
    setTimeout(leave, STAYS);
  }

  /** What was announced is being read. */
  clear(conversation: number): void {
    for (const toast of this.#root.querySelectorAll(`[data-conversation="${conversation}"]`)) toast.remove();
  }
}
