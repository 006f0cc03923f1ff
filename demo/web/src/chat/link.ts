import Echo, { type Cache, createCache, type Resource } from 'echolite';
import { server } from '../server.js';
import type { Conversation, Message, Notice, Reader, User } from './rows.js';

/** Laravel's notifications come on the user's channel, too, and change no list. */
const NOTIFICATION = 'Illuminate\\Notifications\\Events\\BroadcastNotificationCreated';

/** The lists of one conversation. */
export interface Lists {
  messages: Resource<Message>;
  readers: Resource<Reader>;
}

/** What ties a signed-in user to the server: events as they come, and lists that events keep right. */
export class Link {
  readonly echo = new Echo(server);
  readonly cache: Cache;
  readonly conversations: Resource<Conversation>;
  readonly #lists = new Map<number, Lists>();
  readonly #user: User;

  constructor(user: User) {
    this.#user = user;
    this.cache = createCache({ echo: this.echo, scope: user.id });
    this.conversations = this.cache.resource<Conversation>('conversations', {
      url: '/api/conversations',
      version: 'version',
      strict: true,
      channel: `private:user.${user.id}`,
      on: { '.ConversationChanged': 'patch', [`.${NOTIFICATION}`]: 'ignore' },
      belongs: 'all',
      indexes: ['last_id'],
    });
  }

  /** Calls back with each message that somebody else sent to this user, in whichever conversation. */
  onNotice(callback: (notice: Notice) => void): void {
    this.echo.private(`user.${this.#user.id}`).notification(callback);
  }

  /** The lists of a conversation; kept, so that coming back to it shows them at once. */
  lists(id: number): Lists {
    const known = this.#lists.get(id);
    if (known) return known;
    const url = `/api/conversations/${id}`;
    const channel = `private:conversation.${id}`;
    const lists = {
      messages: this.cache.resource<Message>(`messages.${id}`, {
        url: `${url}/messages`,
        mode: 'append',
        after: 'id',
        version: 'id',
        strict: true,
        channel,
        on: { '.MessageSent': 'patch' },
        belongs: 'all',
        indexes: ['id'],
      }),
      readers: this.cache.resource<Reader>(`readers.${id}`, {
        url: `${url}/members`,
        version: 'version',
        strict: true,
        channel,
        on: { '.MessageRead': 'patch' },
        belongs: 'all',
      }),
    };
    this.#lists.set(id, lists);
    return lists;
  }

  /** Leaves nothing of this user on the device. */
  async end(): Promise<void> {
    this.echo.disconnect();
    await this.cache.clear();
    this.cache.close();
  }
}
