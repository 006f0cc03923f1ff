import { make } from '../dom.js';
import { clock } from './clock.js';
import type { Outbox, Outgoing } from './outbox.js';
import type { Message, Reader } from './rows.js';
import { signal } from './signal.js';

/** Messages of one sender within this many milliseconds stand under one name. */
const TOGETHER = 10 * 60 * 1000;

/** One message in the log. It never changes but for the marks of who has read up to it. */
export class Entry {
  readonly element = make('li', 'message');
  /** In view when the message was read to its end. */
  readonly end = make('span', 'message-end');
  readonly #marks = make('p', 'message-readers');
  #marked = '';

  constructor(message: Message, isMine: boolean) {
    Object.assign(this.element.dataset, { id: message.id, sender: message.sender_id, mine: isMine });
    const time = make('time', 'message-time narrow', clock(message.sent_at));
    time.dateTime = message.sent_at;
    this.element.append(
      signal(message.sender, 'message-flag'),
      make('b', 'message-sender narrow', message.sender),
      make('p', 'message-text', message.text),
      time,
      this.#marks,
      this.end,
    );
  }

  mark(readers: readonly Reader[]): void {
    const names = readers.map(({ name }) => name).join(', ');
    if (names === this.#marked) return;
    this.#marked = names;
    this.#marks.dataset.readers = names;
    const spoken = make('span', 'only-spoken', names && `Read by ${names}`);
    this.#marks.title = names && `Read by ${names}`;
    this.#marks.replaceChildren(...readers.map(({ name }) => signal(name, 'is-small')), spoken);
  }
}

/** Whether a message goes on where the one before ended. */
export function continues(message: Message, before: Message | undefined): boolean {
  if (before?.sender_id !== message.sender_id) return false;
  return Date.parse(message.sent_at) - Date.parse(before.sent_at) < TOGETHER;
}

/** A message on its way. */
export function pending(outgoing: Outgoing, sender: string, outbox: Outbox): HTMLElement {
  const element = make('li', 'message is-pending');
  Object.assign(element.dataset, { key: outgoing.key, state: outgoing.state, mine: true });
  const note = make('p', 'message-note narrow', NOTES[outgoing.state]);
  if (outgoing.state === 'failed') {
    note.textContent = `Not sent: ${outgoing.why ?? ''} `;
    const again = make('button', 'message-again', 'Send again');
    again.type = 'button';
    again.addEventListener('click', () => outbox.retry());
    note.append(again);
  }
  element.append(
    signal(sender, 'message-flag'),
    make('b', 'message-sender narrow', sender),
    make('p', 'message-text', outgoing.text),
    note,
  );
  return element;
}

const NOTES: Record<Outgoing['state'], string> = {
  sending: 'sending…',
  sent: 'sent; not in the list yet',
  failed: '',
};
