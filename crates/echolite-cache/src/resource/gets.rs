//! Rows that somebody asked for one by one: given from the list, or read from their own URLs.

use std::cmp::Ordering;

use super::Resource;
use crate::context::Context;
use crate::flight::{Flight, Landed};
use crate::freshness::Stamp;
use crate::heads::Reach;
use crate::link::Link;
use crate::row_url::row_url;
use crate::rows::{NoRow, Row};
use crate::rules::{self, Known, ReadDecision};
use crate::single_rows::{Get, RowReply};
use crate::version::Version;
use crate::{
    Head, Membership, Mono, Name, Output, Payload, ReadOutcome, ReadTarget, RequestId, StatusState,
    VersionMode,
};

/// A list read that is due within this answers a question as well (milliseconds).
const PATIENCE: u64 = 250;

impl<P: Payload> Resource<P> {
    pub(crate) fn get(&mut self, request: RequestId, id: Name, now: Mono) {
        let asked = self.freshness.now();
        self.single_rows.ask(Get { request, id, asked, at: now });
    }

    /// The URL of the row to be asked for next, unless a read of the list is due that will tell as well.
    pub(super) fn wanted_row(&self, list_due: Option<Mono>) -> Option<Name> {
        let get = self.single_rows.first()?;
        let list_tells = list_due.is_some_and(|at| at <= get.at + PATIENCE)
            && self.schedule.failure().is_none()
            && self.last_read.rests_on < get.asked;
        if list_tells { None } else { row_url(&self.config, &get.id) }
    }

    /// Answers the questions that can be: a row that is in a fresh list is given at once, one that an event deleted since
    /// the list was read is gone.
    pub(super) fn answer_gets(&mut self, link: Link, cx: &mut Context<'_, P>) {
        if self.single_rows.first().is_none() {
            return;
        }
        let fresh = self.status(link, cx.now).state == StatusState::Fresh;
        let (rows, rests_on, taken) = (&self.rows, self.last_read.rests_on, self.last_read.taken);
        let has_urls = !self.config.row_prefixes.is_empty();
        let holds_all = self.config.membership == Membership::All;
        let now = cx.now.mono;
        // where rows have no URLs, only a second read of the list can tell
        let waits = has_urls || self.second_read.is_awaited();
        let answered = self.single_rows.take(|get| {
            // what only an event shows that nothing orders may be older than what a read has contradicted it with
            let painted = waits && rows.is_painted(&get.id, Some(Stamp::START));
            // a read that overlapped events of the row may have left it as it was, though it was changed before
            let since = rows.circumstances(&get.id, rests_on, now);
            let in_doubt = painted || since.overlapped || since.ignored;
            // a stale list tells nothing, unless it was read since
            if !fresh && (rests_on <= get.asked || in_doubt) {
                return false;
            }
            // a list that was read since does not have it, whether it was deleted or made anew outside of it: an event that
            // came during that read may be of before what the read shows
            let deleted = || {
                rows.tombstone(&get.id)
                    .is_some_and(|t| t.heard.is_some() && (holds_all || t.touched > taken))
            };
            // only the list can tell where rows have no URLs
            !has_urls || rows.get(&get.id).is_some() || (fresh && deleted())
        });
        for Get { request, id, .. } in answered {
            let row = self.rows.get(&id).map(|row| row.payload.clone());
            cx.emit(Output::Got(request, row));
        }
    }

    /// The URL of a row answered.
    pub(super) fn on_row_reply(
        &mut self,
        flight: &Flight,
        reply: RowReply<P>,
        head: Option<&Head>,
        cx: &mut Context<'_, P>,
    ) -> Result<Landed, NoRow> {
        let url = &flight.url;
        let (payload, validator, outcome) = match reply {
            RowReply::Gone => {
                self.single_rows.forget(url);
                self.give(flight, None, cx);
                return Ok(Landed::unchanged(ReadOutcome::Gone));
            }
            RowReply::Row(row, validator) => (row, validator, ReadOutcome::Row),
            RowReply::NotModified => match self.single_rows.kept(url) {
                Some((row, validator)) => (row, Some(validator), ReadOutcome::NotModified),
                None => return Err(NoRow("answered 304 to a question without a validator".into())),
            },
        };
        let row = Row::new(payload.clone(), &self.config, flight.began)?;
        if self.rows.get(&row.id).is_some() {
            // it came into the list meanwhile: whoever asked is given that row, unless it may be older than the answer
            let (id, version) = (row.id.clone(), row.version.clone());
            let landed = self.take_row(flight, row, head, cx);
            let listed = self.rows.get(&id).filter(|row| !row.unordered);
            let listed = listed.filter(|row| !self.is_tie(version.as_ref(), row.version.as_ref()));
            let payload = listed.map_or(payload, |row| row.payload.clone());
            self.give(flight, Some(payload), cx);
            return Ok(landed);
        }
        let circumstances = self.rows.circumstances(&row.id, flight.began, cx.now.mono);
        let (known, mode) = (self.rows.known(&row.id), self.config.version_mode);
        let reading = rules::on_listed(known, row.version.as_ref(), circumstances, mode);
        let unordered = self.is_tie(row.version.as_ref(), known.version())
            || self.rows.is_painted(&row.id, Some(Stamp::START));
        let newer =
            rules::order(row.version.as_ref(), known.version(), mode) == Some(Ordering::Greater);
        // an answer of a head behind all that events told is of after their deletions, in their epoch or in a later one
        let includes = self.order.reach(head, false) == Reach::Full && !circumstances.overlapped;
        let is_later = newer || reading == ReadDecision::Take || includes || unordered;
        // an answer from before the row was deleted does not resurrect it
        let is_gone = matches!(known, Known::Tombstone(_)) && !is_later;
        self.single_rows.keep(url, validator, payload.clone());
        self.give(flight, Some(payload).filter(|_| !is_gone), cx);
        Ok(Landed::unchanged(outcome))
    }

    /// Whether two versions are of one second, and so may be of two states.
    fn is_tie(&self, one: Option<&Version>, other: Option<&Version>) -> bool {
        let mode = self.config.version_mode;
        mode == VersionMode::Coarse && rules::order(one, other, mode) == Some(Ordering::Equal)
    }

    /// Answers those who asked before the read began.
    fn give(&mut self, flight: &Flight, row: Option<P>, cx: &mut Context<'_, P>) {
        for get in self.take_gets(flight) {
            cx.emit(Output::Got(get.request, row.clone()));
        }
    }

    /// Nothing came: whoever asked is told why. The list is as it was.
    pub(super) fn reject_gets(&mut self, flight: &Flight, message: &str, cx: &mut Context<'_, P>) {
        for get in self.take_gets(flight) {
            cx.emit(Output::Rejected { id: get.request, message: message.to_owned() });
        }
    }

    /// The list could not be read, and rows have no URLs: whoever waited for it is told why.
    pub(super) fn reject_waiting(
        &mut self,
        flight: &Flight,
        message: &str,
        cx: &mut Context<'_, P>,
    ) {
        if !self.config.row_prefixes.is_empty() {
            return;
        }
        for get in self.single_rows.take(|get| get.asked < flight.began) {
            cx.emit(Output::Rejected { id: get.request, message: message.to_owned() });
        }
    }

    fn take_gets(&mut self, flight: &Flight) -> Vec<Get> {
        debug_assert_eq!(flight.target, ReadTarget::Entry);
        let config = &self.config;
        self.single_rows.take(|get| {
            let url = row_url(config, &get.id);
            get.asked < flight.began && url.as_ref() == Some(&flight.url)
        })
    }
}
