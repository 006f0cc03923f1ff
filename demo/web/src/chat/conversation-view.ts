import type { LiveQuery, Status } from 'echolite';
import { byId } from '../dom.js';
import type { Deck } from './deck.js';
import type { Link } from './link.js';
import type { MessageLog } from './message-log.js';
import type { Outbox } from './outbox.js';
import { Refused } from './refused.js';
import type { Conversation, Message, Reader, User } from './rows.js';
import type { Typing } from './typing.js';

/** What the window has one of, whichever conversation is open. */
export interface Parts {
  link: Link;
  me: User;
  log: MessageLog;
  deck: Deck;
  typing: Typing;
  outbox: Outbox;
  onStatus: (status: Status) => void;
}

/** One conversation while it is open: its lists are looked at, its channels joined. */
export class ConversationView {
  readonly id: number;
  readonly #parts: Parts;
  readonly #messages: LiveQuery<Message>;
  readonly #readers: LiveQuery<Reader>;
  readonly #refused: Refused;
  #here: Set<number> | undefined;

  constructor(conversation: Conversation, parts: Parts) {
    this.id = conversation.id;
    this.#parts = parts;
    byId('conversation-title').textContent = conversation.title;
    byId('conversation-topic').textContent = conversation.topic;
    this.#refused = new Refused(conversation, parts.me);
    const { messages, readers } = parts.link.lists(this.id);
    this.#join();
    this.#readers = readers.live();
    this.#readers.subscribe(({ rows }) => {
      parts.log.showReaders(rows);
      parts.deck.showMembers(rows);
    });
    this.#messages = messages.live({ orderBy: 'id' });
    let isFirst = true;
    this.#messages.subscribe(({ rows, status, changes }) => {
      const news = isFirst ? [] : changes.filter(({ kind }) => kind === 'insert');
      isFirst = false;
      for (const { id } of news) {
        const sender = rows.find((row) => String(row.id) === id)?.sender_id;
        if (sender !== undefined) parts.typing.stopped(sender);
      }
      this.#refused.note(status);
      this.show();
    });
  }

  /** Paints the messages, and those on their way. */
  show(): void {
    const { rows, status } = this.#messages;
    const { log, outbox, onStatus } = this.#parts;
    log.show(this.id, rows);
    const refused = 'The server does not let you read this conversation.';
    onStatus(this.#refused.isShown ? { ...status, detail: refused } : status);
    const nothing = byId('nothing');
    const isNothing = rows.length === 0 && outbox.of(this.id).length === 0 && !this.#refused.isShown;
    nothing.hidden = !isNothing;
    nothing.textContent =
      status.state === 'empty'
        ? 'Nothing of this conversation is on this device yet. It appears as soon as the server answers.'
        : 'Nothing has been said here yet. Say the first word.';
  }

  /** Leaves the channels; the lists stay in the cache. */
  close(): void {
    this.#messages.close();
    this.#readers.close();
    this.#refused.hide();
    const { echo } = this.#parts.link;
    echo.leave(`conversation.${this.id}`);
    echo.leave(`room.${this.id}`);
  }

  /** Without a connection nobody can say who is there. */
  lost(): void {
    this.#showHere(undefined);
  }

  #join(): void {
    const { link, typing, deck } = this.#parts;
    const channel = link.echo.private(`conversation.${this.id}`);
    channel.subscribed(() => this.#refused.hide());
    channel.error((error) => {
      this.#refused.show(error);
      this.show();
    });
    typing.begin(channel, (user) => this.#readers.rows.find(({ id }) => id === user)?.name);
    deck.showMembers([]);
    this.#showHere(undefined);
    link.echo
      .join<User>(`room.${this.id}`)
      .here((users) => this.#showHere(new Set(users.map(({ id }) => id))))
      .joining(({ id }) => this.#showHere(new Set(this.#here).add(id)))
      .leaving(({ id }) => {
        const here = new Set(this.#here);
        here.delete(id);
        this.#showHere(here);
      })
      // Who may not read the conversation may not enter its room; the channel above has said so.
      .error(() => this.#showHere(undefined));
  }

  #showHere(here: Set<number> | undefined): void {
    this.#here = here;
    this.#parts.deck.showHere(here);
  }
}
