//! What is said of a resource, to whom it concerns: status and rows to live queries, single rows to who asked,
//! changes to the store.

use super::link::{Link, Socket};
use super::resource::{Resource, Subscription};
use crate::context::Context;
use crate::{Activity, Head, Meta, Mono, Output, Payload, Reason, Status, StatusState, Term};

/// So many statuses are remembered, for people who ask why a list was stale.
const REMEMBERED: usize = 8;

impl<P: Payload> Resource<P> {
    pub(super) fn status(&self, link: Link, now: Mono) -> Status {
        Status { state: self.state(link, now), as_of: self.as_of }
    }

    fn state(&self, link: Link, now: Mono) -> StatusState {
        let unreachable = self.reads.failure().filter(|failure| failure.status.is_none());
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
            Some(reason) if self.as_of.is_none() => StatusState::Empty(reason),
            Some(reason) => StatusState::Stale(reason),
        }
    }

    /// Why the rows may not be called fresh, the most telling reason first.
    fn reason(&self, link: Link, now: Mono) -> Option<Reason> {
        let doubt = self.trust.reason();
        if let Some(failure) = self.reads.failure()
            && doubt.is_some()
        {
            return Some(Reason::ReadFailed { message: failure.message.clone() });
        }
        if let Subscription::Refused { channel, message } = &self.subscription {
            return Some(Reason::Refused { channel: channel.clone(), message: message.clone() });
        }
        match link.socket {
            Socket::Absent if self.is_observed() => return Some(Reason::Polling),
            Socket::Absent => return Some(Reason::Disconnected),
            Socket::Opening => return Some(doubt.unwrap_or(Reason::Connecting)),
            Socket::Up if link.uncertain => return Some(Reason::Uncertain),
            Socket::Up => {}
        }
        if doubt.is_some() && self.reads.is_suspecting() {
            return Some(Reason::LaggingRead);
        }
        if doubt == Some(Reason::Changed) && self.reads.is_changing() {
            return Some(Reason::Changing);
        }
        // an application in the same thread has answered before anybody could look
        if self.consultations.iter().any(|consultation| consultation.asked < now) {
            return Some(doubt.unwrap_or(Reason::Changed));
        }
        if !self.held.is_empty() {
            return Some(Reason::Gap);
        }
        if doubt.is_none() && !self.heads.is_reached() {
            return Some(if self.owes_row() { Reason::RowOutdated } else { Reason::LaggingRead });
        }
        match self.subscription {
            Subscription::Confirmed => doubt,
            _ => Some(doubt.unwrap_or(Reason::Subscribing)),
        }
    }

    /// Tells status and rows to whoever looks, where they changed.
    pub(super) fn tell(&mut self, link: Link, cx: &mut Context<'_, P>) {
        self.told_at = cx.now.mono;
        let status = self.status(link, cx.now.mono);
        if status.state != self.told.state {
            let (resource, to) = (self.config.name.clone(), status.clone());
            let from = std::mem::replace(&mut self.told, status.clone());
            if self.last_told.len() == REMEMBERED {
                self.last_told.remove(0);
            }
            self.last_told.push((cx.now.wall, status.state.clone()));
            cx.emit(Output::Activity(Activity::Status { resource, from, to }));
        }
        for live in &mut self.lives {
            if let Some(update) = live.flush(&self.rows, &status) {
                cx.emit(update);
            }
        }
    }

    /// Whether there is something to be stored, by whoever owns the store.
    pub(super) fn may_be_stored(&self) -> bool {
        self.config.persist && !self.loading && self.as_of.is_some()
    }

    /// The head to be stored. One whose rows are in doubt is not: the doubt is not stored with them, and the head
    /// alone would vouch for them (rule 7).
    fn vouching_head(&self) -> Option<Head> {
        let certain = self.trust.is_of_link() && self.trust.doubted_rows().next().is_none();
        self.heads.reflected().filter(|_| certain).cloned()
    }

    /// Commits what changed, where this engine owns the store.
    pub(super) fn save(&mut self, term: Option<Term>, cx: &mut Context<'_, P>) {
        let Some(term) = term.filter(|_| self.may_be_stored()) else {
            return;
        };
        let meta = Meta {
            schema: self.config.schema,
            validator: self.validator.clone(),
            as_of: self.as_of,
            reflected: self.vouching_head(),
            positions: self.storable_positions(),
        };
        let now = (cx.now.mono, cx.now.wall);
        let header = (&self.config.name, term, meta);
        let begun = self.saving.begin(&mut self.rows, header, now, || cx.next_request());
        if let Some((request, batch)) = begun {
            self.positions.stored.clone_from(&batch.meta.positions);
            cx.emit(Output::Commit(request, batch));
        }
    }
}
