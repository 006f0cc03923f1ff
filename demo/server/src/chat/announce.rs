//! What the chat says of a change: to the conversation, and to each member.

use std::borrow::Cow;

use echolite_server::{BroadcastError, Event, Notification};
use serde::Serialize;
use serde_json::json;

use super::store::{Conversation, Message, Reader, Sent};
use crate::app::App;

/// Of a message, a notification tells so many characters.
const EXCERPT: usize = 140;

/// Somebody else has sent a message.
#[derive(Serialize)]
struct MessageReceived<'a> {
    message_id: i64,
    conversation_id: i64,
    title: &'a str,
    sender_id: i64,
    sender: &'a str,
    excerpt: String,
}

impl Notification for MessageReceived<'_> {
    fn broadcast_id(&self) -> String {
        format!("message-{}", self.message_id)
    }

    fn broadcast_type(&self) -> Cow<'static, str> {
        "MessageReceived".into()
    }
}

impl<'a> MessageReceived<'a> {
    fn new(message: &'a Message, conversation: &'a Conversation) -> Self {
        Self {
            message_id: message.id,
            conversation_id: conversation.id,
            title: &conversation.title,
            sender_id: message.sender_id,
            sender: &message.sender,
            excerpt: message.text.chars().take(EXCERPT).collect(),
        }
    }
}

impl App {
    /// Says that a message was sent; who sends has read.
    pub(super) async fn announce_sent(&self, sent: &Sent) {
        let message = &sent.message;
        let channel = format!("conversation.{}", message.conversation_id);
        let carries = json!({ "client_refresh": message });
        let mut events = vec![
            Event::new("MessageSent", &carries).private(&channel),
            read(message.conversation_id, &sent.reader),
        ];
        events.extend(sent.for_members.iter().map(|(member, seen)| changed(*member, seen)));
        tell(self.broadcaster.send_batch(events).await);

        let others = sent.for_members.iter().filter(|(member, _)| *member != message.sender_id);
        for (member, conversation) in others {
            let user = self.broadcaster.private(&format!("user.{member}"));
            let received = MessageReceived::new(message, conversation);
            tell(user.notification(&received).send().await);
        }
    }

    /// Says how far somebody has read: to the others, and to their own other windows.
    pub(super) async fn announce_read(&self, reader: &Reader, conversation: &Conversation) {
        let events = [read(conversation.id, reader), changed(reader.id, conversation)];
        tell(self.broadcaster.send_batch(events).await);
    }
}

fn read(conversation: i64, reader: &Reader) -> Event {
    let data =
        json!({ "user_id": reader.id, "read_up_to": reader.read_up_to, "client_refresh": reader });
    Event::new("MessageRead", &data).private(&format!("conversation.{conversation}"))
}

fn changed(member: i64, conversation: &Conversation) -> Event {
    Event::new("ConversationChanged", &json!({ "client_refresh": conversation }))
        .private(&format!("user.{member}"))
}

/// A failure is told and never undoes the change.
fn tell(result: Result<(), BroadcastError>) {
    if let Err(error) = result {
        eprintln!("echolite-demo: the change is saved but was not broadcast: {error}");
    }
}
