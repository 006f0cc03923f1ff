//! Which events the rows include, by the positions of their channels (rules 4b, 7).
//!
//! In memory a position goes with each event that came in, whether it is carried out, or kept in mind until it
//! is (a consultation, a stale row, an event beyond a gap). What is stored is stricter: rows with something
//! kept in mind are stored without positions, because a reload keeps nothing in mind.

use crate::{Name, Position};

/// Positions that moved while the rows stayed are stored every so many events.
const LAG: u64 = 16;

/// Up to where the rows include the events of each channel; a channel of which that cannot be said is missing.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowPositions {
    taken: Vec<(Name, Position)>,
    /// What was handed to the store last.
    stored: Vec<(Name, Position)>,
}

fn find<'a>(positions: &'a [(Name, Position)], channel: &str) -> Option<&'a Position> {
    positions.iter().find(|(name, _)| **name == *channel).map(|(_, position)| position)
}

impl RowPositions {
    /// What the store kept.
    pub(crate) fn restored(stored: Vec<(Name, Position)>) -> Self {
        Self { taken: stored.clone(), stored }
    }

    pub(crate) fn of(&self, channel: &str) -> Option<&Position> {
        find(&self.taken, channel)
    }

    pub(crate) fn all(&self) -> &[(Name, Position)] {
        &self.taken
    }

    /// It can be said of no channel any more.
    pub(crate) fn clear(&mut self) {
        self.taken.clear();
    }

    /// An event at this position comes in; `false` where the rows include it already.
    pub(crate) fn take(&mut self, channel: &Name, at: &Position) -> bool {
        let known = self.taken.iter().position(|(name, _)| name == channel);
        let Some(index) = known else { return true };
        let taken = &mut self.taken[index].1;
        if taken.epoch == at.epoch && taken.offset >= at.offset {
            return false;
        }
        if taken.epoch == at.epoch && taken.offset + 1 == at.offset {
            taken.offset = at.offset;
        } else {
            self.taken.swap_remove(index);
        }
        true
    }

    /// The rows include all that came on this channel.
    pub(crate) fn set(&mut self, channel: &Name, at: Option<&Position>) {
        if self.of(channel) == at {
            return;
        }
        self.taken.retain(|(name, _)| name != channel);
        self.taken.extend(at.map(|at| (channel.clone(), at.clone())));
    }

    /// Whether what is stored would have much more replayed than is needed.
    pub(crate) fn outdates_store(&self) -> bool {
        self.taken.iter().any(|(channel, at)| {
            find(&self.stored, channel)
                .is_none_or(|stored| stored.epoch != at.epoch || stored.offset + LAG <= at.offset)
        })
    }

    /// These positions are handed to the store.
    pub(crate) fn store(&mut self, positions: &Vec<(Name, Position)>) {
        self.stored.clone_from(positions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(epoch: &str, offset: u64) -> Position {
        Position { epoch: epoch.into(), offset }
    }

    fn known(position: Position) -> RowPositions {
        RowPositions::restored(vec![("a".into(), position)])
    }

    #[test]
    fn the_next_event_moves_the_position_and_an_old_one_is_included() {
        let (mut positions, a) = (known(at("e", 5)), Name::from("a"));
        assert!(!positions.take(&a, &at("e", 5)));
        assert!(positions.take(&a, &at("e", 6)));
        assert_eq!(positions.of("a"), Some(&at("e", 6)));
        assert!(positions.take(&"b".into(), &at("e", 1)), "nothing is known of it");
        assert_eq!(positions.of("b"), None);
    }

    #[test]
    fn after_a_gap_or_in_another_epoch_nothing_can_be_said() {
        for next in [at("e", 7), at("f", 6)] {
            let mut positions = known(at("e", 5));
            assert!(positions.take(&"a".into(), &next), "{next:?}");
            assert_eq!(positions.of("a"), None);
        }
    }

    #[test]
    fn the_store_is_outdated_after_many_events_or_an_epoch() {
        for (next, outdated) in
            [(at("e", 4 + LAG), false), (at("e", 5 + LAG), true), (at("f", 1), true)]
        {
            let mut positions = known(at("e", 5));
            positions.set(&"a".into(), Some(&next));
            assert_eq!(positions.outdates_store(), outdated, "{next:?}");
            positions.store(&positions.all().to_vec());
            assert!(!positions.outdates_store());
        }
    }
}
