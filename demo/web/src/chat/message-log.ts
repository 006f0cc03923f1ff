import { byId, make } from '../dom.js';
import { dayOf } from './clock.js';
import { continues, Entry, pending } from './entry.js';
import type { Outbox } from './outbox.js';
import type { Reading } from './reading.js';
import type { Message, Reader, User } from './rows.js';

/** So near to its end, in pixels, the log follows what comes. */
const NEAR = 80;

/** The messages of the open conversation, as a watch's log: oldest first, a line where the unread ones begin. */
export class MessageLog {
  readonly #scroller = byId('messages');
  readonly #list = byId('message-list');
  readonly #newer = byId('newer');
  readonly #entries = new Map<number, Entry>();
  readonly #me: User;
  readonly #outbox: Outbox;
  readonly #reading: Reading;
  #messages: readonly Message[] = [];
  #readers: readonly Reader[] = [];
  #readAtFirst = 0;
  #missed = 0;
  #isFirst = true;

  constructor(me: User, outbox: Outbox, reading: Reading) {
    this.#me = me;
    this.#outbox = outbox;
    this.#reading = reading;
    this.#newer.addEventListener('click', () => this.#toEnd());
    this.#scroller.addEventListener('scroll', () => this.#isNear() && this.#miss(0), { passive: true });
    // A keyboard that comes up, or a line more in the composer, must not hide the last message.
    let height = 0;
    new ResizeObserver(() => {
      const { clientHeight, scrollTop, scrollHeight } = this.#scroller;
      if (scrollHeight - scrollTop - height < NEAR) this.#toEnd();
      height = clientHeight;
    }).observe(this.#scroller);
  }

  /** Begins with another conversation, of which this user has read up to a message. */
  begin(readUpTo: number): void {
    this.#entries.clear();
    this.#list.replaceChildren();
    this.#messages = [];
    this.#readers = [];
    this.#readAtFirst = readUpTo;
    this.#isFirst = true;
    this.#miss(0);
    this.#scroller.dataset.total = '0';
  }

  show(conversation: number, messages: readonly Message[]): void {
    const last = this.#messages.at(-1)?.id ?? 0;
    const news = messages.filter(({ id, sender_id }) => id > last && sender_id !== this.#me.id).length;
    const follows = this.#isNear();
    this.#messages = messages;
    this.#outbox.settle(conversation, messages);
    const outgoing = this.#outbox.of(conversation);
    const isMore = outgoing.length > this.#list.querySelectorAll('.is-pending').length;
    this.#place([...this.#lines(), ...outgoing.map((one) => pending(one, this.#me.name, this.#outbox))]);
    this.#scroller.dataset.total = String(messages.length);
    this.#mark();
    if (this.#isFirst && messages.length > 0) this.#toFirst();
    else if (follows || isMore) this.#toEnd();
    else if (news > 0) this.#miss(this.#missed + news);
  }

  /** Shows who has read up to where. */
  showReaders(readers: readonly Reader[]): void {
    this.#readers = readers;
    const follows = this.#isNear();
    this.#mark();
    if (follows) this.#toEnd();
  }

  /** Headings of days, the line above what was unread, and the messages. */
  #lines(): HTMLElement[] {
    const lines: HTMLElement[] = [];
    let before: Message | undefined;
    let day = '';
    let isRead = this.#readAtFirst > 0;
    for (const message of this.#messages) {
      const today = dayOf(message.sent_at);
      if (today !== day) lines.push(make('li', 'day narrow', today));
      const isFirstUnread = isRead && message.id > this.#readAtFirst;
      if (isFirstUnread) {
        isRead = false;
        if (message.sender_id !== this.#me.id) lines.push(make('li', 'unread-line narrow', 'New'));
      }
      const { element } = this.#entry(message);
      const isContinued = today === day && !isFirstUnread && continues(message, before);
      element.classList.toggle('is-continued', isContinued);
      lines.push(element);
      [before, day] = [message, today];
    }
    return lines;
  }

  #entry(message: Message): Entry {
    const known = this.#entries.get(message.id);
    if (known) return known;
    const entry = new Entry(message, message.sender_id === this.#me.id);
    this.#entries.set(message.id, entry);
    this.#reading.watch(entry.end, message.id);
    return entry;
  }

  /** Puts the lines into the list; what stands where it belongs is not touched. */
  #place(lines: HTMLElement[]): void {
    const wanted = new Set<Element>(lines);
    for (const line of [...this.#list.children]) if (!wanted.has(line)) line.remove();
    lines.forEach((line, at) => {
      if (this.#list.children[at] !== line) this.#list.insertBefore(line, this.#list.children[at] ?? null);
    });
  }

  /** Each of the others' flags stands at the last message that they have read. */
  #mark(): void {
    const at = new Map<number, Reader[]>();
    for (const reader of this.#readers) {
      if (reader.id === this.#me.id) continue;
      const last = this.#messages.findLast(({ id }) => id <= reader.read_up_to);
      if (last) at.set(last.id, [...(at.get(last.id) ?? []), reader]);
    }
    for (const [id, entry] of this.#entries) entry.mark(at.get(id) ?? []);
  }

  #toFirst(): void {
    this.#isFirst = false;
    const line = this.#list.querySelector<HTMLElement>('.unread-line');
    if (line) this.#scroller.scrollTop = line.offsetTop - this.#scroller.clientHeight / 3;
    else this.#toEnd();
  }

  #toEnd(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#miss(0);
  }

  #isNear(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  /** Below the view are so many messages that came meanwhile. */
  #miss(count: number): void {
    this.#missed = count;
    this.#newer.hidden = count === 0;
    this.#newer.textContent = `${count} new ↓`;
  }
}
