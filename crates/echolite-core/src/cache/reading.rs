//! How reads of a resource begin and end.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::link::Link;
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
        let (url, validator) = match target {
            ReadTarget::List => (self.config.url.clone(), self.validator.clone()),
            ReadTarget::Tail => match self.tail_url() {
                Some(url) => (url, None),
                None => return,
            },
            ReadTarget::Since => match self.heads.reflected() {
                Some(Head { epoch, seq }) => {
                    (self.url_with("since", &format!("{epoch};{seq}")), None)
                }
                None => return,
            },
            ReadTarget::Row => match self.trust.doubted_rows().next() {
                Some(url) => (url.clone(), None),
                None => return,
            },
        };
        let request = cx.next_request();
        let began = self.trust.now();
        let (at, as_of) = (cx.now.mono, cx.now.wall);
        let flight = Flight { request, target, url: url.clone(), began, at, as_of };
        self.reads.begin(flight, config.poll_interval, cx);
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
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
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
            Ok(ReadReply::NotModified { head }) => Ok(self.on_not_modified(&flight, head, cx)),
            Ok(ReadReply::List { rows, validator, head }) => {
                self.on_list(&flight, rows, (validator, head), cx)
            }
            Ok(ReadReply::Since { changed, deleted, head }) => {
                self.on_since(&flight, (changed, &deleted), head, cx)
            }
            Ok(ReadReply::Row { row, head }) => self.on_row(&flight, row, head.as_ref(), cx),
            Ok(ReadReply::Gone) => self.on_gone(&flight, cx),
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

    fn on_failure(
        &mut self,
        flight: &Flight,
        failure: ReadFailure,
        link: Link,
        cx: &mut Context<'_, P>,
    ) {
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
