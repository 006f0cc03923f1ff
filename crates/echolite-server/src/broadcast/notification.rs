//! Notifications, as Laravel broadcasts them.

use super::event::Event;
use super::payload::Payload;
use super::type_name::type_name;
use serde::Serialize;
use serde::ser::Error;
use serde_json::Value;
use std::borrow::Cow;

/// The event that Echo's `.notification(…)` waits for.
const CREATED: &str = "Illuminate\\Notifications\\Events\\BroadcastNotificationCreated";

/// Something a user is told.
///
/// ```
/// use echolite_server::Notification;
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct InvoicePaid { invoice: u64 }
///
/// impl Notification for InvoicePaid {}
///
/// # async fn example(broadcaster: echolite_server::Broadcaster)
/// # -> Result<(), echolite_server::BroadcastError> {
/// // To private-App.Models.User.7, as Laravel does.
/// broadcaster.notify(7, &InvoicePaid { invoice: 12 }).send().await?;
/// // To a channel of one's choice.
/// broadcaster.private("user.7").notification(&InvoicePaid { invoice: 12 }).send().await
/// # }
/// ```
///
/// A page hears it with `Echo.private('App.Models.User.7').notification(({ id, type, invoice }) => …)`.
pub trait Notification: Serialize {
    /// The notification's id: by default a random UUID. Say it when it is stored under one.
    fn broadcast_id(&self) -> String {
        uuid(fastrand::u128(..))
    }

    /// The notification's type: by default `App\Notifications\` and the type's name.
    fn broadcast_type(&self) -> Cow<'static, str> {
        format!("App\\Notifications\\{}", type_name::<Self>()).into()
    }

    /// What it carries, which must be a JSON object: by default the notification itself. Its `id`
    /// and `type` are added.
    fn broadcast_with(&self) -> Payload {
        Payload::of(self)
    }
}

/// The notification as an event, for no channel yet.
pub(crate) fn event_of<N: Notification + ?Sized>(notification: &N) -> Event {
    let data = notification.broadcast_with().0.and_then(|text| serde_json::from_str(&text));
    let payload = data.and_then(|data| match data {
        Value::Object(mut data) => {
            data.insert("id".into(), notification.broadcast_id().into());
            data.insert("type".into(), notification.broadcast_type().into());
            serde_json::to_string(&data)
        }
        _ => Err(serde_json::Error::custom("a notification's payload must be an object")),
    });
    Event::with_payload(CREATED.to_owned(), Payload(payload))
}

/// A random UUID (version 4), of 128 random bits.
fn uuid(bits: u128) -> String {
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::uuid;

    #[test]
    fn an_id_is_a_uuid_of_version_4() {
        assert_eq!(uuid(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
