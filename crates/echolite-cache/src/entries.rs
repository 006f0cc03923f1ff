//! Single rows that the list does not have, each read from its own URL.
//!
//! A row of the list is given as the list has it. Of another, only its own URL can tell: it is asked each time, by
//! a read that begins after the question, and what it answered before is kept for its validator alone. So an entry
//! cannot be stale, and whatever events and lists say of its row needs no second place to be written to.

use super::link::Link;
use super::reading::Done;
use super::reads::Flight;
use super::resource::Resource;
use super::rows::{self, NoRow, Row};
use super::rules::{self, Known, Reading};
use super::trust::Stamp;
use crate::context::Context;
use crate::{Head, Mono, Name, Output, Payload, ReadTarget, RequestId, StatusState};

/// Answers kept, at most; beyond, the oldest goes.
const ENTRIES: usize = 100;
/// A list read that is due within this answers a question as well (milliseconds).
const PATIENCE: u64 = 250;

/// Somebody waits for a row.
#[derive(Clone, Debug)]
pub(super) struct Get {
    pub(super) request: RequestId,
    pub(super) id: Name,
    pub(super) asked: Stamp,
    pub(super) at: Mono,
}

/// What a row's URL answered last.
#[derive(Clone, Debug)]
struct Entry<P> {
    url: Name,
    validator: Name,
    row: P,
}

/// What was read of single rows, oldest first.
#[derive(Clone, Debug)]
pub(super) struct Entries<P> {
    entries: Vec<Entry<P>>,
}

impl<P: Payload> Entries<P> {
    pub(super) const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    fn at(&self, url: &str) -> Option<&Entry<P>> {
        self.entries.iter().find(|entry| *entry.url == *url)
    }

    pub(super) fn validator(&self, url: &str) -> Option<Name> {
        Some(self.at(url)?.validator.clone())
    }

    fn keep(&mut self, url: &Name, validator: Option<Name>, row: P) {
        self.entries.retain(|entry| entry.url != *url);
        if let Some(validator) = validator {
            if self.entries.len() == ENTRIES {
                self.entries.remove(0);
            }
            self.entries.push(Entry { url: url.clone(), validator, row });
        }
    }

    fn forget(&mut self, url: &str) {
        self.entries.retain(|entry| *entry.url != *url);
    }
}

/// What the URL of a row answered.
pub(super) enum Answer<P> {
    /// 304.
    NotModified,
    /// The row, and its validator.
    Row(P, Option<Name>),
    /// There is no such row.
    Gone,
}

impl<P: Payload> Resource<P> {
    pub(super) fn get(&mut self, request: RequestId, id: Name, now: Mono) {
        let asked = self.trust.now();
        self.gets.push(Get { request, id, asked, at: now });
    }

    /// The URL of the row to be asked for next, unless a read of the list is due that will tell as well.
    pub(super) fn wanted_entry(&self, list_due: Option<Mono>) -> Option<Name> {
        let get = self.gets.first()?;
        let list_tells = list_due.is_some_and(|at| at <= get.at + PATIENCE)
            && self.reads.failure().is_none()
            && self.rests_on < get.asked;
        if list_tells { None } else { rows::row_url(&self.config, &get.id) }
    }

    /// A row that is there is given at once; one that an event deleted is gone.
    pub(super) fn answer_gets(&mut self, link: Link, cx: &mut Context<'_, P>) {
        if self.gets.is_empty() {
            return;
        }
        let fresh = self.status(link, cx.now.mono).state == StatusState::Fresh;
        let settled = fresh || self.reads.failure().is_some();
        let (rows, rests_on) = (&self.rows, self.rests_on);
        let has_urls = !self.config.row_prefixes.is_empty();
        self.gets.retain(|get| {
            let row = rows.get(&get.id).map(|row| row.payload.clone());
            let deleted =
                || rows.tombstone(&get.id).is_some_and(|t| t.heard.is_some() && !t.outside);
            let absent = match has_urls {
                true => fresh && deleted(),
                // only the list can tell, by a read that began later
                false => settled || rests_on > get.asked,
            };
            let answered = row.is_some() || absent;
            if answered {
                cx.out.push_back(Output::Got(get.request, row));
            }
            !answered
        });
    }

    /// The URL of a row answered.
    pub(super) fn on_entry(
        &mut self,
        flight: &Flight,
        answer: Answer<P>,
        head: Option<&Head>,
        cx: &mut Context<'_, P>,
    ) -> Result<Done, NoRow> {
        let url = &flight.url;
        let (payload, validator, outcome) = match answer {
            Answer::Gone => {
                self.entries.forget(url);
                self.give(flight, None, cx);
                return Ok(Done { outcome: "gone", changed: 0 });
            }
            Answer::Row(row, validator) => (row, validator, "row"),
            Answer::NotModified => match self.entries.at(url) {
                Some(entry) => (entry.row.clone(), Some(entry.validator.clone()), "not-modified"),
                None => return Err(NoRow("answered 304 to a question without a validator".into())),
            },
        };
        let row = Row::new(payload.clone(), &self.config, flight.began)?;
        if self.rows.get(&row.id).is_some() {
            // it came into the list meanwhile: whoever asked is given that row
            let id = row.id.clone();
            let done = self.take_row(flight, row, head, cx);
            let payload = self.rows.get(&id).map(|row| row.payload.clone());
            self.give(flight, payload, cx);
            return Ok(done);
        }
        let circumstances = self.rows.circumstances(&row.id, flight.began, cx.now.mono);
        let (known, mode) = (self.rows.known(&row.id), self.config.version_mode);
        let reading = rules::on_listed(known, row.version.as_ref(), circumstances, mode);
        let deleted = matches!(known, Known::Tombstone(_)) && reading != Reading::Take;
        self.entries.keep(url, validator, payload.clone());
        // an answer from before the row was deleted does not raise the dead
        self.give(flight, Some(payload).filter(|_| !deleted), cx);
        Ok(Done { outcome, changed: 0 })
    }

    /// Answers those who asked before the read began.
    fn give(&mut self, flight: &Flight, row: Option<P>, cx: &mut Context<'_, P>) {
        for request in self.take_gets(flight) {
            cx.emit(Output::Got(request, row.clone()));
        }
    }

    /// Nothing came: whoever asked is told why. The list is as it was.
    pub(super) fn reject_gets(&mut self, flight: &Flight, message: &str, cx: &mut Context<'_, P>) {
        for id in self.take_gets(flight) {
            cx.emit(Output::Rejected { id, message: message.to_owned() });
        }
    }

    fn take_gets(&mut self, flight: &Flight) -> Vec<RequestId> {
        debug_assert_eq!(flight.target, ReadTarget::Entry);
        let mut taken = Vec::new();
        let config = &self.config;
        self.gets.retain(|get| {
            let url = rows::row_url(config, &get.id);
            let answered = get.asked < flight.began && url.as_ref() == Some(&flight.url);
            if answered {
                taken.push(get.request);
            }
            !answered
        });
        taken
    }
}
