//! The statuses that were reported, for whoever must hear of a change and for people who ask why a list was stale.

use crate::{Mono, Now, Reason, Status, StatusState, Wall};

/// So many statuses are remembered.
const REMEMBERED: usize = 8;

/// The statuses reported of one resource.
#[derive(Clone, Debug)]
pub(crate) struct StatusLog {
    /// The one reported last.
    reported_status: Status,
    /// When something was reported last, a change or not.
    reported_at: Mono,
    /// The last few, the latest last.
    past_statuses: Vec<(Wall, StatusState)>,
}

impl StatusLog {
    /// The log of a resource that is declared now.
    pub(crate) const fn new(now: Mono) -> Self {
        let reported_status = Status { state: StatusState::Empty(Reason::Loading), as_of: None };
        Self { reported_status, reported_at: now, past_statuses: Vec::new() }
    }

    /// Enters the status as it is now. Returns the one before, where the state is another.
    pub(crate) fn report(&mut self, status: &Status, now: Now) -> Option<Status> {
        self.reported_at = now.mono;
        if status.state == self.reported_status.state {
            return None;
        }
        if self.past_statuses.len() == REMEMBERED {
            self.past_statuses.remove(0);
        }
        self.past_statuses.push((now.wall, status.state.clone()));
        Some(std::mem::replace(&mut self.reported_status, status.clone()))
    }

    /// Whether the list was called fresh last.
    pub(crate) fn is_fresh(&self) -> bool {
        self.reported_status.state == StatusState::Fresh
    }

    pub(crate) const fn reported_at(&self) -> Mono {
        self.reported_at
    }

    /// The last few statuses and when they began, the latest last.
    pub(crate) fn past(&self) -> &[(Wall, StatusState)] {
        &self.past_statuses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall: u64) -> Now {
        Now { mono: Mono(wall), wall: Wall(wall) }
    }

    #[test]
    fn a_status_is_news_when_its_state_is_another() {
        let mut log = StatusLog::new(Mono(0));
        let loading = Status { state: StatusState::Empty(Reason::Loading), as_of: None };
        let fresh = Status { state: StatusState::Fresh, as_of: Some(Wall(1)) };
        assert_eq!(log.report(&loading, at(1)), None);
        assert_eq!(log.report(&fresh, at(2)), Some(loading));
        assert_eq!(log.report(&Status { as_of: Some(Wall(2)), ..fresh }, at(3)), None);
        assert_eq!(log.reported_at(), Mono(3));
        assert_eq!(log.past(), [(Wall(2), StatusState::Fresh)]);
    }

    #[test]
    fn the_last_statuses_are_remembered() {
        let mut log = StatusLog::new(Mono(0));
        for n in 1..=REMEMBERED as u64 + 3 {
            let state =
                if n % 2 == 0 { StatusState::Fresh } else { StatusState::Stale(Reason::Gap) };
            log.report(&Status { state, as_of: None }, at(n));
        }
        assert_eq!(log.past().len(), REMEMBERED);
        assert_eq!(log.past()[0].0, Wall(4));
    }
}
