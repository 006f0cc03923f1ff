//! The parameter `info`, and the counts that it asks for.

use crate::app::App;
use echolite_protocol::extension::Position;
use echolite_protocol::{Access, ChannelName};
use serde_json::{Map, Value, json};

/// What was asked for: `info=subscription_count,user_count,cache,history`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Info {
    pub(super) subscription_count: bool,
    pub(super) user_count: bool,
    pub(super) cache: bool,
    pub(super) history: bool,
}

impl Info {
    pub(super) fn parse(text: Option<&str>) -> Self {
        let names: Vec<_> = text.unwrap_or_default().split(',').map(str::trim).collect();
        let asked = |name| names.contains(&name);
        Self {
            subscription_count: asked("subscription_count"),
            user_count: asked("user_count"),
            cache: asked("cache"),
            history: asked("history"),
        }
    }
}

/// What was asked about a channel; with `occupied` where it always belongs.
pub(super) fn channel_info(app: &App, channel: &ChannelName, asked: Info, occupied: bool) -> Value {
    let broker = app.broker(channel);
    let count = broker.count(channel);
    let mut about = Map::new();
    if occupied {
        about.insert("occupied".into(), (count > 0).into());
    }
    if asked.subscription_count {
        about.insert("subscription_count".into(), count.into());
    }
    if asked.user_count && channel.access() == Access::Presence {
        about.insert("user_count".into(), broker.member_count(channel).into());
    }
    if asked.cache
        && let Some(data) = broker.last_event(app.now(), channel)
    {
        let data = serde_json::from_str(data.get()).unwrap_or(Value::Null);
        about.insert("cache".into(), data);
    }
    if asked.history
        && let Some((position, held)) = broker.history(channel)
    {
        let Position { epoch, offset } = position;
        let (events, bytes) = (held.events, held.bytes);
        let history = json!({ "epoch": epoch, "offset": offset, "events": events, "bytes": bytes });
        about.insert("history".into(), history);
    }
    about.into()
}
