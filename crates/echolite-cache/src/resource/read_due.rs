//! The next read of a resource, and when it is due.

use super::Resource;
use crate::key_order::Column;
use crate::link::{Link, Socket};
use crate::read_schedule::Mode;
use crate::subscription::Subscription;
use crate::{Mono, Payload, ReadTarget};

impl<P: Payload> Resource<P> {
    /// Whether somebody looks at the list, or waits for a row that only the list can give.
    pub(super) fn is_observed(&self) -> bool {
        let waits_for_list =
            self.config.row_prefixes.is_empty() && self.single_rows.first().is_some();
        !self.lives.is_empty() || waits_for_list || self.awaits_refresh()
    }

    /// Whether the application asked for a refresh, and no read that began since was taken.
    fn awaits_refresh(&self) -> bool {
        self.refresh_asked.is_some_and(|asked| self.last_read.rests_on < asked)
    }

    pub(super) fn mode(&self, link: Link) -> Mode {
        let subscribed = self.subscription.is_confirmed();
        match link.socket {
            Socket::Up if subscribed && link.uncertain => Mode::Polling { hidden: link.hidden },
            Socket::Up if subscribed => {
                Mode::Live { stale: self.freshness.is_list_stale() || self.is_behind() }
            }
            Socket::Up if matches!(self.subscription, Subscription::Refused { .. }) => {
                Mode::Polling { hidden: link.hidden }
            }
            Socket::Up | Socket::Opening => Mode::Settling { empty: self.last_read.is_none() },
            Socket::Absent => Mode::Polling { hidden: link.hidden },
        }
    }

    /// Whether the changes since the rows' head are all that there is to know.
    fn may_ask_since(&self) -> bool {
        self.config.since
            && self.order.since().is_some()
            && self.freshness.is_answered_by_since()
            && !self.schedule.is_suspecting()
            && self.schedule.failure().is_none()
    }

    /// Whether something is known to exist that the rows do not include, and nothing is on its way.
    fn is_behind(&self) -> bool {
        !self.order.is_reached() && !self.order.has_gap() && !self.awaits_row()
    }

    /// Whether only one row is missing for the rows to be those of the last event's head.
    pub(super) fn awaits_row(&self) -> bool {
        self.order.awaited_row().is_some_and(|url| self.freshness.is_row_stale(url))
    }

    /// The column that orders an append list, if it is one.
    pub(super) fn append_key(&self) -> Option<Column> {
        let path = self.config.append.as_ref()?;
        Column::of(&self.config, path).or_else(|| Column::of(&self.config, &self.config.key))
    }

    /// The next read, and when it is due.
    pub(super) fn read_due(&self, link: Link) -> Option<(Mono, ReadTarget)> {
        if self.unsaved.is_loading() && self.last_read.is_none() {
            return None;
        }
        let list = self.list_due(link);
        let row = self.wanted_row(list.map(|(at, _)| at)).and_then(|_| self.schedule.row_due());
        match row {
            Some(at) => Some((at, ReadTarget::Entry)),
            None => list,
        }
    }

    /// The next read of the list or of one of its rows.
    fn list_due(&self, link: Link) -> Option<(Mono, ReadTarget)> {
        if !self.is_observed() {
            return None;
        }
        let mode = self.mode(link);
        if mode == (Mode::Live { stale: false }) && self.freshness.has_stale_rows() {
            return self.schedule.row_due().map(|at| (at, ReadTarget::Row));
        }
        let at = self.schedule.list_due(mode, self.verification.due())?;
        let appends = matches!(mode, Mode::Polling { .. }) && !self.last_read.is_none();
        let target = match self.append_key() {
            Some(_) if appends && self.rows.len() > 0 => ReadTarget::Tail,
            _ if self.may_ask_since() => ReadTarget::Since,
            _ => ReadTarget::List,
        };
        Some((self.subscription.awaits_until().map_or(at, |until| at.max(until)), target))
    }
}
