/** What the chat's API shows. */

export interface User {
  id: number;
  name: string;
  trade: string;
}

/** A message never changes, so its id is its version. */
export interface Message {
  id: number;
  conversation_id: number;
  sender_id: number;
  sender: string;
  text: string;
  /** What the sender's window called it before it had an id. */
  key: string;
  sent_at: string;
}

/** A conversation as this user sees it; of others' conversations, the title alone. */
export interface Conversation {
  id: number;
  title: string;
  topic: string;
  is_member: boolean;
  unread: number;
  /** The last message that this user has read. */
  read_up_to: number;
  last_id: number;
  last_sender: string | null;
  last_text: string | null;
  last_at: string | null;
  version: number;
}

/** A member of a conversation, and how far they have read. */
export interface Reader extends User {
  read_up_to: number;
  version: number;
}

/** What is broadcast to `user.{id}` when somebody else sends a message. */
export interface Notice {
  message_id: number;
  conversation_id: number;
  title: string;
  sender_id: number;
  sender: string;
  excerpt: string;
}
