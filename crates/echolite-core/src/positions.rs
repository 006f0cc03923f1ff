//! Positions: the server's counter of a channel, by which missed events are noticed and asked for again.
//!
//! Pure. A channel that keeps history is joined at a position, and each of its events has the next offset: one
//! left out shows, one that comes again is known. After the connection was lost, the subscription names the last
//! offset that was heard, and the server replays what came after it, before anything live.

use crate::{Name, Payload, Scalar};

/// The server's counter of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// New whenever the channel's history is lost.
    pub epoch: Name,
    /// Raised by one with every event.
    pub offset: u64,
}

/// A channel followed event by event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The last event that came, or where the channel stood when it was joined.
    pub at: Position,
    /// Where the channel stood when it was joined: what comes up to there is a replay.
    until: u64,
    /// The last event of a cache channel is told to whoever joins, although it is none that was missed.
    repeats: bool,
}

impl Followed {
    /// Whether events are still being replayed.
    #[must_use]
    pub fn is_replaying(&self) -> bool {
        self.at.offset < self.until
    }
}

/// What an event's offset says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// Nothing.
    Unnumbered,
    /// It is the next one.
    Next(Hearing),
    /// Events before it were missed.
    Gap(Hearing),
    /// It came before.
    Duplicate,
}

/// Whether an event is news to listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hearing {
    /// It is live.
    Live,
    /// It was missed, and is replayed.
    Recovered,
    /// They heard it, or did not listen yet when it was published.
    Known,
}

/// What is known of one channel's position.
#[derive(Clone, Debug, Default)]
pub(crate) struct Track {
    /// None: not joined, or the server keeps no history of it, or cannot vouch for it.
    followed: Option<Followed>,
    /// The position that the subscription under way asks a replay after.
    asked: Option<Position>,
    /// What listeners have heard; kept while the connection is lost.
    heard: Option<Position>,
}

impl Track {
    pub(crate) fn followed(&self) -> Option<&Followed> {
        self.followed.as_ref()
    }

    pub(crate) fn heard(&self) -> Option<&Position> {
        self.heard.as_ref()
    }

    /// The next subscription is to ask for what came after `from`.
    pub(crate) fn ask(&mut self, from: Option<Position>) {
        self.asked = from;
    }

    pub(crate) fn asked(&self) -> Option<&Position> {
        self.asked.as_ref()
    }

    pub(crate) fn on_down(&mut self) {
        self.followed = None;
        self.asked = None;
    }

    /// The server cannot promise delivery any more: what was counted counts no longer.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The server confirmed the subscription, and says where the channel stands. `repeats`: it tells the last
    /// event to whoever joins.
    pub(crate) fn on_joined<P: Payload>(&mut self, data: &P, repeats: bool) {
        let asked = self.asked.take();
        let Some(told) = data.at("position").and_then(position) else { return self.forget() };
        let covered = data.leaf("recovered") == Scalar::Bool(true);
        let replayed = asked
            .filter(|asked| covered && asked.epoch == told.epoch && asked.offset <= told.offset);
        let repeats = repeats && replayed.is_none();
        let until = told.offset;
        let hears = |heard: &Position| heard.epoch == told.epoch && replayed.is_some();
        if !self.heard.as_ref().is_some_and(hears) {
            self.heard = Some(told.clone());
        }
        self.followed = Some(Followed { at: replayed.unwrap_or(told), until, repeats });
    }

    /// An event came, or is known to have been published.
    pub(crate) fn on_event(&mut self, offset: u64) -> Arrival {
        let Some(followed) = &mut self.followed else { return Arrival::Unnumbered };
        let repeated = std::mem::take(&mut followed.repeats) && offset <= followed.until;
        if repeated {
            return Arrival::Unnumbered;
        }
        if offset <= followed.at.offset {
            return Arrival::Duplicate;
        }
        let next = offset == followed.at.offset + 1;
        followed.at.offset = offset;
        let known = self.heard.as_mut().filter(|heard| heard.epoch == followed.at.epoch);
        let hearing = match known {
            Some(heard) if offset <= heard.offset => Hearing::Known,
            known => {
                if let Some(heard) = known {
                    heard.offset = offset;
                }
                if offset <= followed.until { Hearing::Recovered } else { Hearing::Live }
            }
        };
        if next { Arrival::Next(hearing) } else { Arrival::Gap(hearing) }
    }

    /// The server says where the channel stands now. Whether it counts anew.
    pub(crate) fn on_new_epoch(&mut self, epoch: Name, offset: u64) -> bool {
        if self.followed.as_ref().is_some_and(|followed| followed.at.epoch == epoch) {
            return false;
        }
        let at = Position { epoch, offset };
        self.heard = Some(at.clone());
        self.followed = Some(Followed { at, until: offset, repeats: false });
        true
    }
}

fn position<P: Payload>(told: P) -> Option<Position> {
    Some(Position { epoch: told.text("epoch")?, offset: offset(told.leaf("offset"))? })
}

/// An offset: a whole number that JSON carries exactly.
pub(crate) fn offset(leaf: Scalar) -> Option<u64> {
    leaf.integer()?.try_into().ok()
}

#[cfg(all(test, feature = "json"))]
mod tests {
    use super::*;
    use crate::json::Json;
    use serde_json::json;

    fn at(epoch: &str, offset: u64) -> Position {
        Position { epoch: epoch.into(), offset }
    }

    fn joined(asked: Option<Position>, data: serde_json::Value) -> Track {
        let mut track = Track { heard: asked.clone(), ..Track::default() };
        track.ask(asked);
        track.on_joined(&Json::from(data), false);
        track
    }

    fn stands(epoch: &str, offset: u64, recovered: bool) -> serde_json::Value {
        json!({ "position": { "epoch": epoch, "offset": offset }, "recovered": recovered })
    }

    #[test]
    fn events_are_next_known_or_beyond_a_gap() {
        let mut track = joined(None, stands("a", 45, false));
        for (offset, arrival) in [
            (45, Arrival::Duplicate),
            (46, Arrival::Next(Hearing::Live)),
            (46, Arrival::Duplicate),
            (48, Arrival::Gap(Hearing::Live)),
            (47, Arrival::Duplicate),
            (49, Arrival::Next(Hearing::Live)),
        ] {
            assert_eq!(track.on_event(offset), arrival, "{offset}");
        }
    }

    #[test]
    fn a_replay_ends_where_the_channel_was_joined() {
        let mut track = joined(Some(at("a", 41)), stands("a", 43, true));
        assert!(track.followed().unwrap().is_replaying());
        assert_eq!(track.on_event(42), Arrival::Next(Hearing::Recovered));
        assert!(track.followed().unwrap().is_replaying());
        assert_eq!(track.on_event(43), Arrival::Next(Hearing::Recovered));
        assert!(!track.followed().unwrap().is_replaying());
        assert_eq!(track.on_event(44), Arrival::Next(Hearing::Live));
    }

    #[test]
    fn what_is_not_covered_is_not_replayed_whatever_the_server_says() {
        for (data, at) in [
            (stands("a", 45, false), 45),
            (stands("b", 45, true), 45),
            (stands("a", 40, true), 40),
            (json!({ "position": { "epoch": "a", "offset": 45 } }), 45),
        ] {
            let track = joined(Some(self::at("a", 41)), data);
            let followed = track.followed().unwrap();
            assert_eq!((followed.at.offset, followed.is_replaying()), (at, false));
        }
    }

    #[test]
    fn a_channel_without_position_is_not_followed() {
        for data in [
            json!({}),
            json!(null),
            json!({ "position": { "epoch": "a", "offset": -1 }, "recovered": true }),
            json!({ "position": { "epoch": 1, "offset": 1 }, "recovered": true }),
            json!({ "position": { "epoch": "a", "offset": 1.5 }, "recovered": true }),
        ] {
            let mut track = joined(Some(at("a", 41)), data);
            assert_eq!(track.followed(), None);
            assert_eq!(track.on_event(42), Arrival::Unnumbered);
        }
    }

    #[test]
    fn listeners_do_not_hear_again_what_is_replayed_for_the_cache() {
        let mut track = joined(Some(at("a", 41)), stands("a", 43, true));
        track.on_event(42);
        track.on_down();
        track.ask(Some(at("a", 41)));
        track.on_joined(&Json::from(stands("a", 43, true)), false);
        assert_eq!(track.on_event(42), Arrival::Next(Hearing::Known));
        assert_eq!(track.on_event(43), Arrival::Next(Hearing::Recovered));
    }

    #[test]
    fn who_did_not_listen_yet_hears_no_replay() {
        let mut track = Track::default();
        track.ask(Some(at("a", 41)));
        track.on_joined(&Json::from(stands("a", 42, true)), false);
        assert_eq!(track.on_event(42), Arrival::Next(Hearing::Known));
        assert_eq!(track.on_event(43), Arrival::Next(Hearing::Live));
    }

    #[test]
    fn the_last_event_of_a_cache_channel_is_told_once_to_who_joins_it() {
        let mut track = Track::default();
        track.on_joined(&Json::from(stands("a", 45, false)), true);
        assert_eq!(track.on_event(45), Arrival::Unnumbered);
        assert_eq!(track.on_event(45), Arrival::Duplicate);
    }

    #[test]
    fn a_new_epoch_is_told_once() {
        let mut track = joined(None, stands("a", 45, false));
        assert!(!track.on_new_epoch("a".into(), 45));
        assert!(track.on_new_epoch("b".into(), 0));
        assert_eq!(track.on_event(1), Arrival::Next(Hearing::Live));
    }
}
