//! Reads of a resource: how each begins, and which machine takes its answer.

use super::Resource;
use crate::context::Context;
use crate::flight::{Flight, Landed};
use crate::link::Link;
use crate::pages::{Began, Page};
use crate::read_schedule::Mode;
use crate::row_url::encoded;
use crate::rows::NoRow;
use crate::single_rows::RowReply;
use crate::surroundings::Surroundings;
use crate::{
    Activity, Config, Head, Mono, Name, Output, Payload, ReadFailure, ReadOutcome, ReadReply,
    ReadRequest, ReadTarget, Reason, RequestId, Scalar, Wall,
};

impl<P: Payload> Resource<P> {
    /// Begins the read that is due.
    pub(super) fn begin_read(&mut self, link: Link, config: &Config, cx: &mut Context<'_, P>) {
        let Some((_, target)) = self.read_due(link) else { return };
        let Some(url) = self.target_url(target) else { return };
        if !matches!(target, ReadTarget::Row | ReadTarget::Entry) {
            self.schedule.begin_list(config.poll_interval, cx.now.mono, cx.random);
        }
        if self.is_paged(target) {
            self.begin_pages(cx);
        }
        self.ask(target, url, cx);
    }

    /// Whether it covers a page of the list, which others may follow.
    fn is_paged(&self, target: ReadTarget) -> bool {
        let of_list = matches!(target, ReadTarget::List | ReadTarget::Since | ReadTarget::Page);
        of_list && self.config.paging.is_some()
    }

    fn target_url(&self, target: ReadTarget) -> Option<Name> {
        match target {
            ReadTarget::List | ReadTarget::Page => Some(self.config.url.clone()),
            ReadTarget::Tail => self.tail_url(),
            ReadTarget::Since => {
                let Head { epoch, seq } = self.order.since()?;
                Some(self.url_with("since", &format!("{epoch};{seq}")))
            }
            ReadTarget::Row => self.freshness.stale_rows().next().cloned(),
            ReadTarget::Entry => self.wanted_row(None),
        }
    }

    pub(super) fn ask(&mut self, target: ReadTarget, url: Name, cx: &mut Context<'_, P>) {
        let of_list = self.is_paged(target) || target == ReadTarget::List;
        let validator = match target {
            // rule 4d: a validator that does not follow the rows must not decide
            _ if of_list && self.second_read.is_awaited() => None,
            _ if self.is_paged(target) => self.pages.validator(&url),
            ReadTarget::List => self.last_read.validator.clone(),
            ReadTarget::Entry => self.single_rows.validator(&url),
            ReadTarget::Tail | ReadTarget::Since | ReadTarget::Page | ReadTarget::Row => None,
        };
        let request = cx.next_request();
        let began = self.freshness.now();
        let (at, as_of, conditional) = (cx.now.mono, cx.now.wall, validator.is_some());
        let url_of = url.clone();
        let flight =
            Flight { request, target, url: url_of, began, at, as_of, conditional, older: 0 };
        self.schedule.begin(flight);
        let resource = self.config.name.clone();
        cx.emit(Output::Read(ReadRequest { request, resource, target, url, validator }));
    }

    /// Where an append list says what is new since its last row.
    fn tail_url(&self) -> Option<Name> {
        let (last, _) = self.rows.last_by(self.append_key()?)?;
        let after = match last.payload.leaf(self.config.append.as_ref()?) {
            Scalar::Text(text) => text,
            Scalar::Number(number) => crate::decimal::text(number).into(),
            _ => return None,
        };
        Some(self.url_with("after", &after))
    }

    /// The list's URL with a parameter more.
    fn url_with(&self, parameter: &str, value: &str) -> Name {
        let url = &*self.config.url;
        let separator = if url.contains('?') { '&' } else { '?' };
        let value = encoded(value);
        format!("{url}{separator}{parameter}={value}").into()
    }

    /// A part of the answer to the read under way came.
    pub(crate) fn on_read_progress(&mut self, now: Mono) {
        self.schedule.progress(now);
    }

    /// Gives up a read of which nothing came for too long.
    pub(super) fn give_up_read(&mut self, around: Surroundings<'_>, cx: &mut Context<'_, P>) {
        let link = around.link;
        if let Some(flight) = self.schedule.give_up() {
            let waited = around.config.read_timeout / 1_000;
            let message = format!("{} did not answer within {waited} s", flight.url);
            let failure = ReadFailure { status: None, message, retry_after: None };
            self.on_failure(&flight, failure, link, cx);
        }
    }

    /// The answer to a read under way is so old: the read counts as begun then, and settles nothing that came to be
    /// known since.
    pub(crate) fn on_aged(&mut self, request: RequestId, age: u64, now: Mono) {
        let Some(flight) = self.schedule.flight_of(request) else { return };
        let older = age.saturating_sub(now - flight.at);
        if older == 0 {
            return;
        }
        flight.older = older;
        flight.as_of = Wall(flight.as_of.0.saturating_sub(older));
        flight.began = flight.began.min(self.freshness.before(Mono(now.0.saturating_sub(age))));
        let &mut Flight { began: stamp, at, as_of, .. } = flight;
        self.pages.age(Began { stamp, at, as_of, older });
    }

    pub(crate) fn on_read(
        &mut self,
        request: RequestId,
        result: Result<ReadReply<P>, ReadFailure>,
        link: Link,
        cx: &mut Context<'_, P>,
    ) {
        let Some(flight) = self.schedule.end(request) else { return };
        let landed = match result {
            Ok(ReadReply::NotModified { .. }) if !flight.conditional => {
                Err(NoRow("answered 304 to a question without a validator".into()))
            }
            Ok(reply) => self.on_reply(&flight, reply, cx),
            Err(failure) => return self.on_failure(&flight, failure, link, cx),
        };
        // one old page makes all pages old
        let older = flight.older > 0
            || (flight.target == ReadTarget::Page && self.schedule.is_answered_old());
        self.schedule.note_age(older && self.freshness.is_list_stale());
        if matches!(flight.target, ReadTarget::Row | ReadTarget::Entry) {
            self.schedule.pace_rows(flight.older > 0, cx.now.mono, cx.random);
        }
        self.release_held(cx);
        match landed {
            Ok(landed) => self.report_read(&flight, landed, cx),
            Err(NoRow(why)) => {
                let message = format!("{}: {why}", flight.url);
                let failure = ReadFailure { status: Some(200), message, retry_after: None };
                self.on_failure(&flight, failure, link, cx);
            }
        }
    }

    fn on_reply(
        &mut self,
        flight: &Flight,
        reply: ReadReply<P>,
        cx: &mut Context<'_, P>,
    ) -> Result<Landed, NoRow> {
        let paged = self.is_paged(flight.target);
        match (flight.target, reply) {
            (ReadTarget::Entry, ReadReply::Row { row, validator, head }) => {
                self.on_row_reply(flight, RowReply::Row(row, validator), head.as_ref(), cx)
            }
            (ReadTarget::Entry, ReadReply::NotModified { head }) => {
                self.on_row_reply(flight, RowReply::NotModified, head.as_ref(), cx)
            }
            (ReadTarget::Entry, ReadReply::Gone) => {
                self.on_row_reply(flight, RowReply::Gone, None, cx)
            }
            (ReadTarget::Row, ReadReply::Row { row, head, .. }) => {
                self.on_row(flight, row, head.as_ref(), cx)
            }
            (ReadTarget::Row, ReadReply::Gone) => self.on_gone(flight, cx),
            (ReadTarget::Row | ReadTarget::Entry, _) => {
                Err(NoRow("something else came where one row was read".into()))
            }
            (_, ReadReply::Page { rows, validator, head, next }) if paged => {
                let url = flight.url.clone();
                self.on_page(flight, Some(Page { url, rows, validator, next }), head, cx)
            }
            (_, ReadReply::List { rows, validator, head }) if paged => {
                let page = Page { url: flight.url.clone(), rows, validator, next: None };
                self.on_page(flight, Some(page), head, cx)
            }
            (_, ReadReply::NotModified { head }) if paged => self.on_page(flight, None, head, cx),
            (_, ReadReply::NotModified { head }) => Ok(self.on_not_modified(flight, head, cx)),
            (_, ReadReply::List { rows, validator, head }) => {
                self.on_list(flight, rows, (validator, head), cx)
            }
            (_, ReadReply::Since { changed, deleted, head }) => {
                self.on_since(flight, (changed, &deleted), head, cx)
            }
            _ => Err(NoRow("something else came where a list was read".into())),
        }
    }

    fn on_failure(
        &mut self,
        flight: &Flight,
        failure: ReadFailure,
        link: Link,
        cx: &mut Context<'_, P>,
    ) {
        if flight.target == ReadTarget::Entry {
            self.reject_gets(flight, &failure.message, cx);
            return self.report_read(flight, Landed::unchanged(ReadOutcome::Failed), cx);
        }
        self.refresh_asked = None;
        self.reject_waiting(flight, &failure.message, cx);
        let polling = matches!(self.mode(link), Mode::Polling { .. });
        self.schedule.failed(failure, polling, cx.now.mono, cx.random);
        // a verification that failed: what it was to confirm is not confirmed
        if self.freshness.reason().is_none() {
            self.freshness.mark_stale(Reason::Unverified);
        }
        self.report_read(flight, Landed::unchanged(ReadOutcome::Failed), cx);
    }

    fn report_read(&mut self, flight: &Flight, landed: Landed, cx: &mut Context<'_, P>) {
        let (resource, url) = (self.config.name.clone(), flight.url.clone());
        let Landed { outcome, changed } = landed;
        let took = cx.now.mono - flight.at;
        cx.emit(Output::Activity(Activity::Read { resource, url, outcome, changed, took }));
    }
}
