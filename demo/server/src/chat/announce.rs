//! What the chat says of a change: to the conversation, and to each member.

use echolite_server::Event;
use serde_json::json;

use super::store::{Conversation, Reader, Sent};
use crate::app::App;

/// The name under which Laravel broadcasts notifications, and Echo's `notification()` listens.
const NOTIFICATION: &str = "Illuminate\\Notifications\\Events\\BroadcastNotificationCreated";
/// Of a message, a notification tells so many characters.
const EXCERPT: usize = 140;

impl App {
    /// Says that a message was sent; who sends has read.
    pub(super) async fn announce_sent(&self, sent: &Sent) {
        let message = &sent.message;
        let conversation = format!("conversation.{}", message.conversation_id);
        let mut events = vec![
            Event::new("MessageSent", &json!({ "client_refresh": message })).private(&conversation),
            read(message.conversation_id, &sent.reader),
        ];
        for (member, conversation) in &sent.for_members {
            events.push(changed(*member, conversation));
            if *member != message.sender_id {
                let notification = json!({
                    "id": format!("message-{}", message.id),
                    "type": "message",
                    "message_id": message.id,
                    "conversation_id": message.conversation_id,
                    "title": conversation.title,
                    "sender_id": message.sender_id,
                    "sender": message.sender,
                    "excerpt": message.text.chars().take(EXCERPT).collect::<String>(),
                });
                let event = Event::new(NOTIFICATION, &notification);
                events.push(event.private(&format!("user.{member}")));
            }
        }
        self.announce_all(events).await;
    }

    /// Says how far somebody has read: to the others, and to their own other windows.
    pub(super) async fn announce_read(&self, reader: &Reader, conversation: &Conversation) {
        self.announce_all(vec![read(conversation.id, reader), changed(reader.id, conversation)])
            .await;
    }

    /// A failure is told and never undoes the change.
    async fn announce_all(&self, events: Vec<Event>) {
        if let Err(error) = self.broadcaster.send_batch(events).await {
            eprintln!("echolite-demo: the change is saved but was not broadcast: {error}");
        }
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
