//! The status of a resource: fresh, or the reason why not; and its report to whoever looks.

use super::Resource;
use crate::context::Context;
use crate::key_order::{Column, class};
use crate::link::{Link, Socket};
use crate::rows::shown;
use crate::subscription::Subscription;
use crate::{Activity, Name, Now, Output, Payload, Reason, Status, StatusState, WarningCode};

impl<P: Payload> Resource<P> {
    pub(super) fn status(&self, link: Link, now: Now) -> Status {
        Status { state: self.state(link, now), as_of: self.last_read.as_of }
    }

    fn state(&self, link: Link, now: Now) -> StatusState {
        let unreachable = self.schedule.failure().filter(|failure| failure.status.is_none());
        let offline = match (link.online, link.socket) {
            (false, socket) if socket != Socket::Up => Some(Reason::NoNetwork),
            (_, Socket::Absent) if unreachable.is_some() => Some(Reason::Unreachable),
            _ => None,
        };
        if let Some(reason) = offline {
            return StatusState::Offline(reason);
        }
        match self.reason(link, now) {
            None => StatusState::Fresh,
            Some(reason) if self.last_read.is_none() => StatusState::Empty(reason),
            Some(reason) => StatusState::Stale(reason),
        }
    }

    /// Why the rows may not be called fresh, the most telling reason first.
    fn reason(&self, link: Link, now: Now) -> Option<Reason> {
        let stale = self.freshness.reason();
        if let Some(failure) = self.schedule.failure()
            && stale.is_some()
        {
            return Some(Reason::ReadFailed { message: failure.message.clone() });
        }
        if let Subscription::Refused { channel, message } = &self.subscription {
            return Some(Reason::Refused { channel: channel.clone(), message: message.clone() });
        }
        match link.socket {
            Socket::Absent if self.is_observed() => return Some(Reason::Polling),
            Socket::Absent => return Some(Reason::Disconnected),
            Socket::Opening => return Some(stale.unwrap_or(Reason::Connecting)),
            Socket::Up if link.uncertain => return Some(Reason::Uncertain),
            Socket::Up => {}
        }
        if stale.is_some() && self.schedule.is_lagging() {
            return Some(Reason::LaggingRead);
        }
        if stale == Some(Reason::Changed) && self.schedule.is_changing() {
            return Some(Reason::Changing);
        }
        // what was not fresh does not become so for the time of an answer
        let is_asked = !self.consultations.is_empty() && !self.status_log.is_fresh();
        if is_asked || self.consultations.is_awaited(now.mono) {
            return Some(stale.unwrap_or(Reason::Changed));
        }
        if self.order.has_gap() {
            return Some(Reason::Gap);
        }
        if stale.is_none() && !self.order.is_reached() {
            return Some(if self.awaits_row() { Reason::RowOutdated } else { Reason::LaggingRead });
        }
        match self.subscription {
            Subscription::Confirmed { .. } if stale.is_none() && self.is_unverified(now) => {
                Some(Reason::Unverified)
            }
            Subscription::Confirmed { .. } => stale,
            _ => Some(stale.unwrap_or(Reason::Subscribing)),
        }
    }

    /// Whether the read that the rows rest on is too long ago (rule 4).
    fn is_unverified(&self, now: Now) -> bool {
        self.verification.is_over(self.last_read.as_of, now)
    }

    /// Reports status and rows to whoever looks, where they changed.
    pub(super) fn report(&mut self, link: Link, cx: &mut Context<'_, P>) {
        let status = self.status(link, cx.now);
        self.tell(&status, cx);
    }

    /// Tells this status, and the rows.
    pub(super) fn tell(&mut self, status: &Status, cx: &mut Context<'_, P>) {
        if let Some(from) = self.status_log.report(status, cx.now) {
            let (resource, to) = (self.config.name.clone(), status.clone());
            cx.emit(Output::Activity(Activity::Status { resource, from, to }));
        }
        self.warn_of_mixed_indexes(cx);
        self.warn_of_unlike_operands(cx);
        for update in self.lives.report(&self.rows, status) {
            cx.emit(Output::Live(update));
        }
    }

    /// Warns of fields that a query puts in order, and that have numbers and texts (or, declared as numbers or dates,
    /// something else).
    fn warn_of_mixed_indexes(&mut self, cx: &mut Context<'_, P>) {
        let is_mixed = |column: &Column| {
            let classes = self.rows.classes(*column);
            let numbers = column.is_number() || classes & class::NUMBER != 0;
            !column.is_text() && numbers && classes & class::TEXT != 0
        };
        let Some(column) = self.lives.ordered().find(is_mixed) else { return };
        let path = self.path_of(column);
        self.warn(WarningCode::IndexMixed, &[&path], cx);
    }

    /// Warns of a query that asks a field for a value of a kind that no row has there.
    fn warn_of_unlike_operands(&mut self, cx: &mut Context<'_, P>) {
        let Some((column, operand)) = self.lives.unlike(&self.rows) else { return };
        let (path, operand) = (self.path_of(column), shown(operand));
        self.warn(WarningCode::OperandUnlike, &[&path, &operand], cx);
    }

    fn path_of(&self, column: Column) -> Name {
        match column.at.checked_sub(1) {
            None => self.config.key.clone(),
            Some(at) => self.config.indexes[at].clone(),
        }
    }
}
