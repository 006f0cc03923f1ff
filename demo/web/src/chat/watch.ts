import type { Status } from 'echolite';
import type { Badge } from '../badge.js';
import { byId } from '../dom.js';
import { Composer } from './composer.js';
import { ConversationList } from './conversation-list.js';
import { ConversationView, type Parts } from './conversation-view.js';
import { Deck } from './deck.js';
import { Link } from './link.js';
import { MessageLog } from './message-log.js';
import { Outbox } from './outbox.js';
import { Reading } from './reading.js';
import type { Notice, User } from './rows.js';
import { Sound } from './sound.js';
import { Toasts } from './toasts.js';
import { Typing } from './typing.js';

/** The window of a signed-in user: the list of conversations, and the one that is open. */
export class Watch {
  readonly link: Link;
  readonly #parts: Parts;
  readonly #badge: Badge;
  readonly #outbox = new Outbox();
  readonly #reading = new Reading();
  readonly #composer = new Composer();
  readonly #sound = new Sound();
  readonly #list = new ConversationList((id) => this.#go(id));
  readonly #toasts = new Toasts((id) => this.#go(id));
  #view: ConversationView | undefined;
  /** Of the list of conversations. */
  #status: Status = { state: 'empty' };

  constructor(me: User, badge: Badge) {
    this.link = new Link(me);
    this.#badge = badge;
    const typing = new Typing(() => this.link.echo.connectionStatus() === 'connected');
    this.#parts = {
      link: this.link,
      me,
      log: new MessageLog(me, this.#outbox, this.#reading),
      deck: new Deck(),
      typing,
      outbox: this.#outbox,
      onStatus: (status) => badge.show(status),
    };
    this.#outbox.onChange = (id) => id === this.#view?.id && this.#view.show();
    this.#composer.onTyping = () => typing.whisper(me.id);
    this.#composer.onText = (text) => {
      if (this.#view) this.#outbox.send(this.#view.id, text);
      typing.sent();
    };
    this.#follow();
    this.link.onNotice((notice) => this.#notify(notice));
    byId('back').addEventListener('click', () => this.#go(undefined));
    addEventListener('popstate', () => this.#show(wanted()));
    // What came to the open conversation while nobody looked is in view now.
    document.addEventListener('visibilitychange', () => {
      if (this.#view && document.visibilityState === 'visible') this.#toasts.clear(this.#view.id);
    });
  }

  #follow(): void {
    const badge = this.#badge;
    const conversations = this.link.conversations.live({ orderBy: ['-last_id', 'id'] });
    conversations.subscribe(({ rows, status }) => {
      this.#list.show(rows);
      this.#status = status;
      if (!this.#view) badge.show(status);
      if (this.#view?.id !== wanted() && rows.length > 0) this.#show(wanted());
    });
    const showConnection = (state: string, reason: string): void => {
      badge.connection(state, reason);
      byId('network-help').textContent =
        state === 'connected'
          ? ''
          : 'Without a socket the server is asked every 5 s. Who types and who is here cannot be seen.';
      if (state !== 'connected') return;
      this.#outbox.retry();
      this.#reading.tell();
    };
    showConnection(this.link.cache.connectionState, '');
    this.link.cache.onConnectionChange(showConnection);
    this.link.echo.connector.onConnectionChange((status) => status !== 'connected' && this.#view?.lost());
  }

  #notify(notice: Notice): void {
    this.#sound.ring();
    const isOpen = this.#view?.id === notice.conversation_id && document.visibilityState === 'visible';
    if (!isOpen) this.#toasts.show(notice);
  }

  /** Opens a conversation, or the list alone, and notes it in the address. */
  #go(id: number | undefined): void {
    if (id !== wanted()) history.pushState(null, '', id === undefined ? location.pathname : `?c=${id}`);
    this.#show(id);
  }

  #show(id: number | undefined): void {
    byId('chat').dataset.view = id === undefined ? 'list' : 'conversation';
    if (id === this.#view?.id) return;
    this.#view?.close();
    this.#view = undefined;
    const conversation = id === undefined ? undefined : this.#list.get(id);
    byId('conversation').dataset.id = String(conversation?.id ?? '');
    this.#list.mark(conversation?.id);
    this.#reading.begin(conversation?.id, conversation?.read_up_to ?? 0);
    this.#parts.log.begin(conversation?.read_up_to ?? 0);
    this.#composer.begin(conversation?.id);
    if (!conversation) {
      this.#badge.show(this.#status);
      byId('conversation-title').textContent = 'No conversation is open';
      byId('conversation-topic').textContent = '';
      byId('nothing').hidden = false;
      byId('nothing').textContent = 'Choose a conversation.';
      return;
    }
    this.#toasts.clear(conversation.id);
    this.#view = new ConversationView(conversation, this.#parts);
  }
}

/** The conversation that the address names. */
function wanted(): number | undefined {
  const id = new URLSearchParams(location.search).get('c');
  return id === null ? undefined : Number(id);
}
