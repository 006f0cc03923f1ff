//! How reads of a resource begin and end.

use super::entries::Answer;
use super::link::Link;
use super::pages::Page;
use super::reads::{Flight, Mode};
use super::resource::Resource;
use super::rows::{self, NoRow};
use crate::context::Context;
use crate::{
    Activity, Config, Head, Name, Output, Payload, ReadFailure, ReadReply, ReadRequest, ReadTarget,
    Reason, RequestId,
};

/// What a read did, for people.
pub(super) struct Done {
    pub(super) outcome: &'static str,
    pub(super) changed: usize,
}

impl<P: Payload> Resource<P> {
    /// Begins the read that is due, if one is.
    pub(super) fn read_if_due(&mut self, link: Link, config: &Config, cx: &mut Context<'_, P>) {
        let Some((due, target)) = self.due(link, config) else { return };
        if due > cx.now.mono {
            return;
        }
        let Some(url) = self.target_url(target) else { return };
        if !matches!(target, ReadTarget::Row | ReadTarget::Entry) {
            self.reads.begin_list(config.poll_interval, cx);
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
                let Head { epoch, seq } = self.heads.reflected()?;
                Some(self.url_with("since", &format!("{epoch};{seq}")))
            }
            ReadTarget::Row => self.trust.doubted_rows().next().cloned(),
            ReadTarget::Entry => self.wanted_entry(None),
        }
    }

    pub(super) fn ask(&mut self, target: ReadTarget, url: Name, cx: &mut Context<'_, P>) {
        let validator = match target {
            _ if self.is_paged(target) => self.pages.validator(&url),
            ReadTarget::List => self.validator.clone(),
            ReadTarget::Entry => self.entries.validator(&url),
            ReadTarget::Tail | ReadTarget::Since | ReadTarget::Page | ReadTarget::Row => None,
        };
        let request = cx.next_request();
        let began = self.trust.now();
        let (at, as_of) = (cx.now.mono, cx.now.wall);
        self.reads.begin(Flight { request, target, url: url.clone(), began, at, as_of });
        let resource = self.config.name.clone();
        cx.emit(Output::Read(ReadRequest { request, resource, target, url, validator }));
    }

    /// Where an append list says what is new since its last row.
    fn tail_url(&self) -> Option<Name> {
        let (_, last) = self.rows.last_by(self.append_key()?)?;
        Some(self.url_with("after", &rows::id_text(last)?))
    }

    /// The list's URL with a parameter more.
    fn url_with(&self, parameter: &str, value: &str) -> Name {
        let url = &*self.config.url;
        let separator = if url.contains('?') { '&' } else { '?' };
        let value = rows::encoded(value);
        format!("{url}{separator}{parameter}={value}").into()
    }

    /// Gives up a read that takes too long.
    pub(super) fn expire_read(&mut self, link: Link, cx: &mut Context<'_, P>) {
        if let Some(flight) = self.reads.expire(cx.now.mono) {
            let message = format!("{} did not answer within 30 s", flight.url);
            let failure = ReadFailure { status: None, message, retry_after: None };
            self.on_failure(&flight, failure, link, cx);
        }
    }

    pub(super) fn on_read(
        &mut self,
        request: RequestId,
        result: Result<ReadReply<P>, ReadFailure>,
        link: Link,
        cx: &mut Context<'_, P>,
    ) {
        let Some(flight) = self.reads.end(request) else { return };
        let done = match result {
            Ok(reply) => self.on_reply(&flight, reply, cx),
            Err(failure) => return self.on_failure(&flight, failure, link, cx),
        };
        self.release_held(cx);
        match done {
            Ok(done) => self.report(&flight, done, cx),
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
    ) -> Result<Done, NoRow> {
        let paged = self.is_paged(flight.target);
        match (flight.target, reply) {
            (ReadTarget::Entry, ReadReply::Row { row, validator, head }) => {
                self.on_entry(flight, Answer::Row(row, validator), head.as_ref(), cx)
            }
            (ReadTarget::Entry, ReadReply::NotModified { head }) => {
                self.on_entry(flight, Answer::NotModified, head.as_ref(), cx)
            }
            (ReadTarget::Entry, ReadReply::Gone) => self.on_entry(flight, Answer::Gone, None, cx),
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
            return self.report(flight, Done { outcome: "failed", changed: 0 }, cx);
        }
        let polling = matches!(self.mode(link), Mode::Polling { .. });
        self.reads.failed(failure, polling, cx);
        // a verification that failed: what it was to confirm is not confirmed
        if self.trust.reason().is_none() {
            self.trust.doubt_list(Reason::Unverified);
        }
        self.report(flight, Done { outcome: "failed", changed: 0 }, cx);
    }

    fn report(&mut self, flight: &Flight, done: Done, cx: &mut Context<'_, P>) {
        let (resource, url) = (self.config.name.clone(), flight.url.clone());
        let Done { outcome, changed } = done;
        let took = cx.now.mono - flight.at;
        cx.emit(Output::Activity(Activity::Read { resource, url, outcome, changed, took }));
    }
}
