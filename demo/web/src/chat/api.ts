import { send } from '../api.js';
import type { Message, User } from './rows.js';

export interface Session {
  user: User | null;
  /** Who may sign in. */
  users: User[];
}

export async function session(): Promise<Session> {
  return (await (await send('GET', '/api/session')).json()) as Session;
}

export async function signIn(user: User): Promise<void> {
  await send('POST', '/api/session', { user_id: user.id });
}

export async function signOut(): Promise<void> {
  await send('DELETE', '/api/session');
}

/** Sent again under the same key, it is still one message. */
export async function post(conversation: number, text: string, key: string): Promise<Message> {
  const response = await send('POST', `/api/conversations/${conversation}/messages`, { text, key });
  return ((await response.json()) as { data: Message }).data;
}

export async function read(conversation: number, upTo: number): Promise<void> {
  await send('POST', `/api/conversations/${conversation}/read`, { up_to: upTo });
}
