//! Everything that a resource knows and concluded, as JSON for people and tests.

use echolite_core::Channels;
use echolite_core::inspect::quoted;

use super::Resource;
use crate::subscription::Subscription;
use crate::surroundings::Surroundings;
use crate::{Head, Mono, Name, Now, Payload, Position, ReadTarget, Reason, StatusState};

impl<P: Payload> Resource<P> {
    /// A JSON object.
    pub(crate) fn inspect(
        &self,
        around: Surroundings<'_>,
        channels: &Channels,
        now: Now,
    ) -> String {
        let status = self.status(around.link, now);
        let (state, reason) = named(&status.state);
        let subscription = match &self.subscription {
            Subscription::Pending => "pending",
            Subscription::Confirmed { .. } => "confirmed",
            Subscription::Refused { .. } => "refused",
        };
        let facts = self.facts(channels);
        let positions = self.inspect_positions(channels);
        let head = |head: Option<&Head>| counter(head.map(|head| (&head.epoch, head.seq)));
        let optional = |text: Option<&str>| text.map_or_else(|| "null".to_owned(), quoted);
        let as_of =
            self.last_read.as_of.map_or_else(|| "null".to_owned(), |wall| wall.0.to_string());
        let outdated =
            self.freshness.stale_rows().map(|url| quoted(url)).collect::<Vec<_>>().join(",");
        let reading = self.schedule.flight().map(|flight| &*flight.url);
        format!(
            "{{\"status\":{},\"reason\":{},\"asOf\":{as_of},\"facts\":[{facts}],\"belongs\":{},\"subscription\":{},\
             \"reflected\":{},\"required\":{},\"held\":{},\"positions\":{{{positions}}},\"rows\":{},\"pages\":{},\"tombstones\":{},\"validator\":{},\"reading\":{},\"outdatedRows\":[{outdated}],\
             \"lastFailure\":{},\"nextRead\":{},\"lastStatuses\":[{}]}}",
            quoted(state),
            optional(reason.map(|reason| reason.code())),
            quoted(self.config.membership.name()),
            quoted(subscription),
            head(self.order.reflected()),
            head(self.order.required()),
            self.order.held(),
            self.rows.len(),
            self.pages.len(),
            self.rows.tombstones().count(),
            optional(self.last_read.validator.as_deref()),
            optional(reading),
            optional(self.schedule.failure().map(|failure| &*failure.message)),
            self.inspect_next_read(around, now.mono),
            self.inspect_statuses(),
        )
    }

    /// A JSON object: what is read next, if nothing happens before, and in how many milliseconds.
    fn inspect_next_read(&self, around: Surroundings<'_>, now: Mono) -> String {
        let due = self.read_due(around.link);
        let Some((at, target)) = due.filter(|_| self.schedule.flight().is_none()) else {
            return "null".to_owned();
        };
        let what = match target {
            ReadTarget::List => "list",
            ReadTarget::Tail => "tail",
            ReadTarget::Since => "since",
            ReadTarget::Page => "page",
            ReadTarget::Row | ReadTarget::Entry => "row",
        };
        format!("{{\"of\":{},\"in\":{}}}", quoted(what), at.0.saturating_sub(now.0))
    }

    /// The elements of a JSON list: the last statuses that were reported, with when and why, the latest last.
    fn inspect_statuses(&self) -> String {
        let statuses = self.status_log.past().iter().map(|(wall, state)| {
            let (state, reason) = named(state);
            let reason = reason.map_or_else(|| "null".to_owned(), |reason| quoted(reason.code()));
            format!("{{\"at\":{},\"status\":{},\"reason\":{reason}}}", wall.0, quoted(state))
        });
        statuses.collect::<Vec<_>>().join(",")
    }

    /// The elements of a JSON list: which facts the back end and the server give.
    fn facts(&self, channels: &Channels) -> String {
        let mut followed = self.config.channels.iter().map(|channel| channels.followed(channel));
        let facts = [
            ("versions", self.config.version.is_some()),
            ("heads", self.order.reflected().is_some()),
            ("positions", followed.any(|followed| followed.is_some())),
        ];
        let given = facts.iter().filter(|(_, given)| *given).map(|(fact, _)| quoted(fact));
        given.collect::<Vec<_>>().join(",")
    }

    /// The fields of a JSON object: for each channel, up to where the rows include its events, and where it is.
    fn inspect_positions(&self, channels: &Channels) -> String {
        let position =
            |position: Option<&Position>| counter(position.map(|p| (&p.epoch, p.offset)));
        let positions = self.config.channels.iter().map(|channel| {
            let of_rows = position(self.positions.of(channel));
            let of_channel = position(channels.followed(channel).map(|followed| &followed.at));
            format!("{}:{{\"rows\":{of_rows},\"channel\":{of_channel}}}", quoted(channel))
        });
        positions.collect::<Vec<_>>().join(",")
    }
}

fn named(state: &StatusState) -> (&'static str, Option<&Reason>) {
    match state {
        StatusState::Empty(reason) => ("empty", Some(reason)),
        StatusState::Stale(reason) => ("stale", Some(reason)),
        StatusState::Fresh => ("fresh", None),
        StatusState::Offline(reason) => ("offline", Some(reason)),
    }
}

/// A head or a position, as headers write them.
fn counter(counter: Option<(&Name, u64)>) -> String {
    counter.map_or_else(|| "null".to_owned(), |(epoch, n)| quoted(&format!("{epoch};{n}")))
}
