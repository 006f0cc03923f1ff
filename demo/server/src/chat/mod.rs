//! The chat: conversations among a few people, in the same file and on the same port as the catalogue.

mod announce;
mod api;
mod error;
mod people;
mod seed;
mod session;
mod store;

pub(crate) use api::router;
pub(crate) use session::Visitor;
pub(crate) use store::Chat;

use echolite_server::{Channels, Member, Params};

/// Who may follow what: members their conversations, everybody what is addressed to them.
pub(crate) fn channels(channels: Channels<Visitor>, chat: &Chat) -> Channels<Visitor> {
    let (conversations, rooms) = (chat.clone(), chat.clone());
    channels
        .private("conversation.{id}", move |visitor: Visitor, params: Params| {
            let chat = conversations.clone();
            async move { chat.has(id(&params), visitor.user()).await }
        })
        .private("user.{id}", |visitor: Visitor, params: Params| async move {
            visitor.user().is_some_and(|user| id(&params) == Some(user.id))
        })
        // A room is a conversation that somebody has open.
        .presence("room.{id}", move |visitor: Visitor, params: Params| {
            let chat = rooms.clone();
            async move {
                let user = visitor.user();
                let is_member = chat.has(id(&params), user).await?;
                let user = user.filter(|_| is_member);
                Ok::<_, crate::database::DatabaseError>(user.map(|user| Member::new(user.id, user)))
            }
        })
}

/// The `{id}` of a channel's name, if it is a number.
fn id(params: &Params) -> Option<i64> {
    params["id"].parse().ok()
}
