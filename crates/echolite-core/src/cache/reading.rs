//! How reads of a resource begin and end.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::link::Link;
use super::reaction::{self, Target};
use super::reads::{Flight, Mode};
use super::reconcile::{List, Reconciliation};
use super::resource::Resource;
use super::rows::{self, NoRow, Row, Tombstone};
use super::rules::{self, Known, Reading};
use crate::context::Context;
use crate::{
    Activity, Config, Name, Output, Payload, ReadFailure, ReadReply, ReadRequest, ReadTarget,
    Reason, RequestId,
};

/// So many changed rows are told to live queries one by one; more rebuild them.
const ONE_BY_ONE: usize = 32;

/// What a read did, for people.
struct Done {
    outcome: &'static str,
    changed: usize,
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
        let after = rows::id_text(last)?;
        let url = &*self.config.url;
        let separator = if url.contains('?') { '&' } else { '?' };
        Some(
            format!("{url}{separator}after={}", utf8_percent_encode(&after, NON_ALPHANUMERIC))
                .into(),
        )
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
            Ok(ReadReply::NotModified) => self.on_not_modified(&flight, cx),
            Ok(ReadReply::List { rows, validator, .. }) => {
                self.on_list(&flight, rows, validator, cx)
            }
            Ok(ReadReply::Row(row)) => self.on_row(&flight, row, cx),
            Ok(ReadReply::Gone) => self.on_gone(&flight, cx),
            Err(failure) => return self.on_failure(&flight, failure, link, cx),
        };
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

    /// The rows rest on this read from now on.
    fn settle_list(&mut self, flight: &Flight, overtaken: bool, cx: &mut Context<'_, P>) {
        self.as_of = Some(flight.as_of);
        self.rests_on = flight.began;
        self.trust.list_read(flight.began);
        self.reads.succeeded(ReadTarget::List, overtaken, cx.now.mono);
        self.saving.touch_meta();
    }

    fn on_not_modified(&mut self, flight: &Flight, cx: &mut Context<'_, P>) -> Result<Done, NoRow> {
        let overtaken = self.trust.is_list_doubted_since(flight.began);
        if self.validator.is_none() || flight.target != ReadTarget::List {
            // rows changed by an event while the question was under way: the answer spoke of others
            self.doubt_again(flight, cx);
            self.reads.succeeded(flight.target, overtaken, cx.now.mono);
        } else {
            self.settle_list(flight, overtaken, cx);
        }
        Ok(Done { outcome: "not-modified", changed: 0 })
    }

    /// What this read was to settle is not settled.
    fn doubt_again(&mut self, flight: &Flight, cx: &mut Context<'_, P>) {
        if !self.trust.is_list_doubted_since(flight.began) {
            let reason = self.trust.reason().unwrap_or(Reason::Changed);
            self.doubt(reason, cx);
        }
    }

    fn on_list(
        &mut self,
        flight: &Flight,
        rows: Vec<P>,
        validator: Option<Name>,
        cx: &mut Context<'_, P>,
    ) -> Result<Done, NoRow> {
        let whole = flight.target == ReadTarget::List;
        if flight.target == ReadTarget::Row {
            return Err(NoRow("a list came where one row was read".into()));
        }
        let (began, now) = (flight.began, cx.now);
        let overtaken = self.trust.is_list_doubted_since(began);
        let news =
            Reconciliation::new(&self.rows, &self.config, List { rows, whole }, (began, now))?;
        if news.suspect && !self.accepts_suspect(cx) {
            if self.trust.reason().is_none() {
                self.trust.doubt_list(Reason::LaggingRead);
            }
            return Ok(Done { outcome: "suspect", changed: 0 });
        }
        let (unsure, changed) = (news.unsure, news.put.len() + news.remove.len());
        self.validator = match whole {
            true => validator.filter(|_| news.exact),
            false => self.validator.take().filter(|_| news.exact),
        };
        self.apply(news, flight, cx);
        if whole {
            self.settle_list(flight, overtaken || unsure, cx);
        } else {
            self.reads.succeeded(flight.target, overtaken, cx.now.mono);
        }
        if unsure {
            self.doubt_again(flight, cx);
        }
        Ok(Done { outcome: "rows", changed })
    }

    fn accepts_suspect(&mut self, cx: &mut Context<'_, P>) -> bool {
        let (count, lasting) = self.reads.suspect(cx);
        rules::accepts_suspect(count, lasting)
    }

    fn apply(&mut self, news: Reconciliation<P>, flight: &Flight, cx: &mut Context<'_, P>) {
        let first = self.as_of.is_none();
        let many = news.put.len() + news.remove.len() > ONE_BY_ONE;
        let tombstone =
            |version| Tombstone { version, at: cx.now.wall, touched: flight.began, heard: None };
        let mut noted = Vec::new();
        for row in news.put {
            if many {
                let kind = if self.rows.get(&row.id).is_some() { "update" } else { "insert" };
                noted.push((row.id.clone(), kind));
                self.saving.touch(&row.id);
                self.rows.put(row);
            } else {
                self.put_row(row);
            }
        }
        for id in news.remove {
            let tombstone = tombstone(self.rows.get(&id).and_then(|row| row.version.clone()));
            if many {
                self.saving.touch(&id);
                self.rows.take(&id);
                self.rows.bury(id.clone(), tombstone);
                noted.push((id, "delete"));
            } else {
                self.remove_row(&id, Some(tombstone));
            }
        }
        if many {
            self.rebuild_lives();
        }
        self.note_changes(if first { &[] } else { &noted }, first);
    }

    /// Rule 2 for a single row.
    fn on_row(
        &mut self,
        flight: &Flight,
        payload: P,
        cx: &mut Context<'_, P>,
    ) -> Result<Done, NoRow> {
        let row = Row::new(payload, &self.config, flight.began)?;
        let known = self.rows.known(&row.id);
        let circumstances = self.rows.circumstances(&row.id, flight.began, cx.now.mono);
        let mode = self.config.version_mode;
        let reading = rules::on_listed(known, row.version.as_ref(), circumstances, mode);
        let listed = matches!(known, Known::Row(_));
        if reading == Reading::Suspect && !self.accepts_suspect(cx) {
            return Ok(Done { outcome: "suspect", changed: 0 });
        }
        let mut changed = 0;
        match reading {
            Reading::Keep => {}
            Reading::Unsure => self.trust.doubt_row(flight.url.clone()),
            Reading::Take | Reading::Suspect => {
                let same = self.rows.get(&row.id).is_some_and(|old| old.payload.same(&row.payload));
                if !same {
                    self.put_row(row);
                    self.validator = None;
                    changed = 1;
                }
                if !listed {
                    // deleted meanwhile, or never listed: only the list can say whether it belongs
                    self.doubt(Reason::Provisional, cx);
                }
            }
        }
        self.trust.row_read(&flight.url, flight.began);
        self.reads.succeeded(ReadTarget::Row, false, cx.now.mono);
        Ok(Done { outcome: "row", changed })
    }

    fn on_gone(&mut self, flight: &Flight, cx: &mut Context<'_, P>) -> Result<Done, NoRow> {
        let mut changed = 0;
        if let Target::Row { id, .. } = reaction::target(&self.config, &flight.url) {
            let overlapped = self.rows.circumstances(&id, flight.began, cx.now.mono).overlapped;
            let version = self.rows.get(&id).and_then(|row| row.version.clone());
            if overlapped {
                self.doubt(Reason::Changed, cx);
            } else if self.rows.get(&id).is_some() {
                let (at, touched) = (cx.now.wall, flight.began);
                self.remove_row(&id, Some(Tombstone { version, at, touched, heard: None }));
                self.validator = None;
                changed = 1;
            }
        }
        self.trust.row_read(&flight.url, flight.began);
        self.reads.succeeded(ReadTarget::Row, false, cx.now.mono);
        Ok(Done { outcome: "gone", changed })
    }
}
