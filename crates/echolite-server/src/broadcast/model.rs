//! Changes of models, as Laravel's `BroadcastsEvents` announces them.

use super::channel::Channel;
use super::event::Event;
use super::payload::Payload;
use super::type_name::type_name;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;

/// A row that tells of its changes: `ProductUpdated` with `{"model": …}`.
///
/// ```
/// use echolite_server::{BroadcastModel, ModelEvent};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Product { id: u64, name: String }
///
/// impl BroadcastModel for Product {
///     fn broadcast_key(&self) -> String {
///         self.id.to_string()
///     }
/// }
///
/// # async fn example(broadcaster: echolite_server::Broadcaster)
/// # -> Result<(), echolite_server::BroadcastError> {
/// let boots = Product { id: 7, name: "Boots".into() };
/// // To private-App.Models.Product.7, as Laravel does.
/// broadcaster.model(ModelEvent::Updated, &boots).send().await?;
/// // To a channel of one's choice.
/// broadcaster.private("products").model(ModelEvent::Updated, &boots).send().await
/// # }
/// ```
///
/// A page hears it with `listen('.ProductUpdated', ({ model }) => …)`; a cached resource with
/// `on: { 'model:Product': 'auto' }`.
pub trait BroadcastModel: Serialize {
    /// The row's primary key.
    fn broadcast_key(&self) -> String;

    /// The model's name: by default the type's.
    fn broadcast_name(&self) -> Cow<'static, str> {
        type_name::<Self>().into()
    }

    /// The channels a change goes to: by default the row's own, `private-App.Models.Product.7`.
    fn broadcast_on(&self, _event: ModelEvent) -> Vec<Channel> {
        let (name, key) = (self.broadcast_name(), self.broadcast_key());
        vec![Channel::private(format!("App.Models.{name}.{key}"))]
    }

    /// The event's name: by default `ProductUpdated`. Without a namespace, as Laravel's.
    fn broadcast_as(&self, event: ModelEvent) -> Cow<'static, str> {
        format!("{}{event}", self.broadcast_name()).into()
    }

    /// What it carries: by default the row, as `model`.
    fn broadcast_with(&self, _event: ModelEvent) -> Payload {
        #[derive(Serialize)]
        struct Whole<'a, M: ?Sized> {
            model: &'a M,
        }
        Payload::of(&Whole { model: self })
    }
}

/// What happened to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModelEvent {
    /// It is new.
    Created,
    /// It was changed.
    Updated,
    /// It was deleted, and can be restored.
    Trashed,
    /// It was restored after it had been trashed.
    Restored,
    /// It is gone.
    Deleted,
}

/// The event's part of a name: `Updated`.
impl fmt::Display for ModelEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "Created",
            Self::Updated => "Updated",
            Self::Trashed => "Trashed",
            Self::Restored => "Restored",
            Self::Deleted => "Deleted",
        })
    }
}

/// The change as an event, for no channel yet.
pub(crate) fn event_of<M: BroadcastModel + ?Sized>(event: ModelEvent, model: &M) -> Event {
    Event::with_payload(model.broadcast_as(event).into_owned(), model.broadcast_with(event))
}
