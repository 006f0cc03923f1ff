//! Events that know their channels, their name and their payload, in Laravel's words.

mod channel;
mod event;
mod model;
mod notification;
mod payload;
mod to_others;
mod type_name;

pub use channel::Channel;
pub use event::Event;
pub use model::{BroadcastModel, ModelEvent};
pub use notification::Notification;
pub use payload::Payload;
pub use to_others::ToOthers;

pub(crate) use model::event_of as model_event;
pub(crate) use notification::event_of as notification_event;

use serde::Serialize;
use std::borrow::Cow;
use type_name::type_name;

/// An event that says itself where it goes.
///
/// ```
/// use echolite_server::{Broadcast, Channel};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct OrderShipped { id: u64, carrier: String }
///
/// impl Broadcast for OrderShipped {
///     fn broadcast_on(&self) -> Vec<Channel> {
///         vec![Channel::private(format!("orders.{}", self.id))]
///     }
/// }
///
/// # async fn example(broadcaster: echolite_server::Broadcaster, socket_id: Option<String>)
/// # -> Result<(), echolite_server::BroadcastError> {
/// let event = OrderShipped { id: 7, carrier: "DHL".into() };
/// broadcaster.broadcast(&event).to_others(socket_id).send().await
/// # }
/// ```
///
/// A page hears it with `Echo.private('orders.7').listen('OrderShipped', ({ carrier }) => …)`.
pub trait Broadcast: Serialize {
    /// The channels it goes to.
    fn broadcast_on(&self) -> Vec<Channel>;

    /// The event's name, as it travels.
    ///
    /// By default `App\Events\` and the type's name, which is what Echo's `listen('OrderShipped')`
    /// waits for. A name of one's own is heard with a dot before: `"order.shipped"` with
    /// `listen('.order.shipped')`.
    fn broadcast_as(&self) -> Cow<'static, str> {
        format!("App\\Events\\{}", type_name::<Self>()).into()
    }

    /// What it carries: by default the event itself.
    fn broadcast_with(&self) -> Payload {
        Payload::of(self)
    }

    /// Whether it is sent at all.
    fn broadcast_when(&self) -> bool {
        true
    }
}

/// The event as the broadcaster takes it; `None` when it is not to be sent.
pub(crate) fn event_of<E: Broadcast + ?Sized>(event: &E) -> Option<Event> {
    event.broadcast_when().then(|| {
        Event::with_payload(event.broadcast_as().into_owned(), event.broadcast_with())
            .on(event.broadcast_on())
    })
}
