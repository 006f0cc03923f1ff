import type { Status, SubscriptionError } from 'echolite';
import { byId } from '../dom.js';
import type { Conversation, User } from './rows.js';

const FORBIDDEN = 403;

/** Says that the server does not let this user into a conversation, and why. */
export class Refused {
  isShown = false;
  readonly #root = byId('refusal');
  readonly #conversation: Conversation;
  readonly #me: User;

  constructor(conversation: Conversation, me: User) {
    this.#conversation = conversation;
    this.#me = me;
    this.hide();
  }

  /** The server refused the conversation's channel. */
  show({ status, error }: SubscriptionError): void {
    // Another status is a trouble that may pass; the badge tells of it.
    if (status === FORBIDDEN) this.#tell(error);
  }

  /** Without a socket no channel is asked for: then the messages themselves are refused. */
  note({ reason, detail }: Status): void {
    const isTrouble = reason === 'refused' || reason === 'read-failed';
    if (isTrouble && !this.#conversation.is_member && !this.isShown) this.#tell(detail ?? '');
  }

  hide(): void {
    this.isShown = false;
    this.#root.hidden = true;
  }

  #tell(detail: string): void {
    this.isShown = true;
    this.#root.hidden = false;
    byId('refusal-title').textContent = `“${this.#conversation.title}” is for its members`;
    byId('refusal-why').textContent =
      `You are signed in as ${this.#me.name}, who is not one of them. The server refused the channel of this ` +
      'conversation, and its messages. Sign in as a member, or ask one to add you.';
    byId('refusal-detail').textContent = detail;
    byId('nothing').hidden = true;
    byId('composer').hidden = true;
  }
}
