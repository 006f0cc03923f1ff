//! When a resource is read next, and what.

use super::link::{Link, Socket};
use super::reads::Mode;
use super::resource::{Resource, Subscription};
use crate::{Config, Mono, Name, Payload, ReadTarget};

impl<P: Payload> Resource<P> {
    pub(super) fn mode(&self, link: Link) -> Mode {
        let subscribed = self.subscription == Subscription::Confirmed;
        match link.socket {
            Socket::Up if subscribed && link.uncertain => Mode::Polling { hidden: link.hidden },
            Socket::Up if subscribed => {
                Mode::Live { doubted: self.trust.is_list_doubted() || self.is_behind() }
            }
            Socket::Up if matches!(self.subscription, Subscription::Refused { .. }) => {
                Mode::Polling { hidden: link.hidden }
            }
            Socket::Up | Socket::Opening => Mode::Settling { empty: self.as_of.is_none() },
            Socket::Absent => Mode::Polling { hidden: link.hidden },
        }
    }

    /// Whether what changed since the rows' head is all there is to know.
    fn may_ask_since(&self) -> bool {
        self.config.since
            && self.heads.reflected().is_some()
            && self.trust.is_of_link()
            && !self.reads.is_suspecting()
            && self.reads.failure().is_none()
    }

    /// Whether something is known to exist that the rows do not include, and nothing is on its way.
    fn is_behind(&self) -> bool {
        !self.heads.is_reached() && self.held.is_empty() && !self.owes_row()
    }

    /// Whether only one row is missing for the rows to be those of the last event's head.
    pub(super) fn owes_row(&self) -> bool {
        let is_owed = |url: &Name| self.owed.as_ref().is_some_and(|(owed, _)| owed == url);
        self.trust.doubted_rows().any(is_owed)
    }

    /// Which of a row's keys orders an append list, if it is one.
    pub(super) fn append_key(&self) -> Option<usize> {
        let path = self.config.append.as_ref()?;
        let index = self.config.indexes.iter().position(|index| index == path);
        Some(index.map_or(0, |at| at + 1))
    }

    /// The next read, and when it is due.
    pub(super) fn due(&self, link: Link, config: &Config) -> Option<(Mono, ReadTarget)> {
        if self.loading && self.as_of.is_none() {
            return None;
        }
        let list = self.list_due(link, config);
        let entry = self.wanted_entry(list.map(|(at, _)| at)).and_then(|_| self.reads.row_due());
        match entry {
            Some(at) => Some((at, ReadTarget::Entry)),
            None => list,
        }
    }

    /// The next read of the list or of one of its rows.
    fn list_due(&self, link: Link, config: &Config) -> Option<(Mono, ReadTarget)> {
        if !self.is_observed() {
            return None;
        }
        let mode = self.mode(link);
        if mode == (Mode::Live { doubted: false }) && self.trust.doubted_rows().next().is_some() {
            return self.reads.row_due().map(|at| (at, ReadTarget::Row));
        }
        let at = self.reads.list_due(mode, config.verify_interval)?;
        let appends = matches!(mode, Mode::Polling { .. }) && self.as_of.is_some();
        let target = match self.append_key() {
            Some(_) if appends && self.rows.len() > 0 => ReadTarget::Tail,
            _ if self.may_ask_since() => ReadTarget::Since,
            _ => ReadTarget::List,
        };
        let awaited = self.awaiting_head.max(self.awaiting_replay);
        Some((at.max(awaited.unwrap_or(at)), target))
    }

    /// When something is due; `owns`: whether this engine owns the store.
    pub(super) fn deadline(&self, link: Link, owns: bool, config: &Config) -> Option<Mono> {
        let due = self.due(link, config).map(|(at, _)| at);
        let unheard =
            self.consultations.iter().map(|asked| asked.asked).filter(|at| *at >= self.told_at);
        let asked = unheard.max().map(|at| at + 1);
        let held = (!self.held.is_empty()).then_some(self.held_until);
        let save = self.saving.deadline().filter(|_| owns && self.may_be_stored());
        let own = [due, asked, held, self.reads.deadline(), save];
        own.into_iter().flatten().min()
    }
}
