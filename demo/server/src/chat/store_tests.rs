use std::path::Path;

use super::*;

fn chat() -> Chat {
    let database = Database::open(Path::new(":memory:")).expect("memory is there");
    Chat::new(database).expect("it can be seeded")
}

const ADA: i64 = 1;
const BRAM: i64 = 2;
const ROPE_LOFT: i64 = 2;
const BOOKS: i64 = 5;

async fn say(chat: &Chat, text: &str, key: &str) -> Sent {
    chat.send(ADA, ROPE_LOFT, text.into(), key.into()).await.expect("it can be written")
}

async fn seen(chat: &Chat, user: i64) -> Conversation {
    let seen = chat.conversation(user, ROPE_LOFT).await.expect("it can be read");
    seen.expect("the conversation is seeded")
}

#[tokio::test]
async fn a_message_counts_as_unread_for_others_until_they_read_it() {
    let chat = chat();
    let before = seen(&chat, BRAM).await;
    let sent = say(&chat, "Soup at noon", "1").await;
    assert_eq!(sent.reader.read_up_to, sent.message.id, "who sends has read");
    assert_eq!(seen(&chat, ADA).await.unread, 0);
    let after = seen(&chat, BRAM).await;
    assert_eq!(after.unread, before.unread + 1);
    assert!(after.version > before.version);

    let read = chat.read(BRAM, ROPE_LOFT, i64::MAX).await.expect("it can be written");
    let (reader, conversation) = read.expect("something is new");
    assert_eq!((reader.read_up_to, conversation.unread), (sent.message.id, 0));
    let again = chat.read(BRAM, ROPE_LOFT, 1).await.expect("it can be written");
    assert!(again.is_none(), "nobody reads backwards");
}

#[tokio::test]
async fn a_message_sent_twice_is_one() {
    let chat = chat();
    let (once, again) = (say(&chat, "Ahoy", "key").await, say(&chat, "Ahoy", "key").await);
    assert!(once.is_new && !again.is_new);
    assert_eq!(once.message.id, again.message.id);
    let (_, new) = chat.messages(ROPE_LOFT, once.message.id - 1).await.expect("it can be read");
    assert_eq!(new.len(), 1);
}

#[tokio::test]
async fn strangers_know_the_title_alone() {
    let chat = chat();
    let all = chat.conversations(ADA).await.expect("it can be read");
    let books = all.iter().find(|one| one.id == BOOKS).expect("it is seeded");
    assert!(!books.is_member && books.last_text.is_none() && books.unread == 0);
}

#[tokio::test]
async fn a_token_is_worth_something_until_its_user_signs_out() {
    let chat = chat();
    let token = chat.sign_in(ADA).await.expect("it can be written").expect("there is Ada");
    let user = chat.signed_in(token.clone()).await.expect("it can be read");
    assert_eq!(user.map(|user| user.name).as_deref(), Some("Ada"));
    chat.sign_out(token.clone()).await.expect("it can be written");
    assert_eq!(chat.signed_in(token).await.expect("it can be read"), None);
    assert_eq!(chat.sign_in(99).await.expect("it can be read"), None);
}
