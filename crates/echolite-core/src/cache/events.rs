//! How events come into a resource.

use super::reaction::{self, Change, Plan, Target};
use super::resource::{Consultation, Resource};
use super::rows::{Row, Tombstone};
use super::rules::{self, Ruling};
use crate::context::Context;
use crate::{Activity, Frame, Name, Output, Payload, Reason, RequestId, Verdict, Version};

/// So many rows named as outdated at once are read as one list.
const ROW_READS: usize = 8;

/// What became of an event, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Ignored,
    Applied,
    Provisional,
    Queued,
    Rejected,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::Applied => "applied",
            Self::Provisional => "provisional",
            Self::Queued => "queued",
            Self::Rejected => "rejected",
        }
    }
}

impl<P: Payload> Resource<P> {
    /// An event of one of the resource's channels.
    pub(super) fn on_event(&mut self, frame: &Frame<P>, cx: &mut Context<'_, P>) {
        // rule 15: only the back end speaks
        if frame.event.starts_with("client-") {
            return;
        }
        let declared = self.config.on.iter().find(|(event, _)| *event == frame.event);
        let Some((_, reaction)) = declared else { return };
        let reaction = *reaction;
        if self.config.consult {
            let request = cx.next_request();
            let (event, data) = (frame.event.clone(), frame.data.clone());
            let resource = self.config.name.clone();
            let asked = cx.now.mono;
            let consultation =
                Consultation { request, asked, event: event.clone(), data: data.clone() };
            self.consultations.push(consultation);
            cx.emit(Output::Consult { request, resource, event, data });
        } else {
            self.carry_out(&frame.event, &frame.data, &Verdict::declared(reaction), cx);
        }
    }

    pub(super) fn on_verdict(
        &mut self,
        request: RequestId,
        verdict: &Verdict<P>,
        cx: &mut Context<'_, P>,
    ) {
        let asked = self.consultations.iter().position(|asked| asked.request == request);
        if let Some(at) = asked {
            let Consultation { event, data, .. } = self.consultations.remove(at);
            self.carry_out(&event, &data, verdict, cx);
        }
    }

    fn carry_out(&mut self, event: &Name, data: &P, verdict: &Verdict<P>, cx: &mut Context<'_, P>) {
        let (reaction, plan) = reaction::plan(&self.config, verdict, data);
        let (outcome, detail) = match plan {
            Plan::Nothing(why) => (Outcome::Ignored, Some(why.to_owned())),
            Plan::Refresh => {
                self.doubt(Reason::Changed, cx);
                (Outcome::Queued, None)
            }
            Plan::Misfit(why) => {
                self.doubt(Reason::Changed, cx);
                (Outcome::Rejected, Some(format!("{why}; the list is read instead")))
            }
            Plan::Urls(urls) => self.on_urls(&urls, cx),
            Plan::Rows(changes) => self.on_changes(changes, cx),
        };
        let (resource, outcome) = (self.config.name.clone(), outcome.name());
        let event = event.clone();
        cx.emit(Output::Activity(Activity::Event { resource, event, reaction, outcome, detail }));
    }

    pub(super) fn doubt(&mut self, reason: Reason, cx: &mut Context<'_, P>) {
        let already = self.trust.is_list_doubted();
        self.trust.doubt_list(reason);
        self.reads.broadcast(already, cx);
    }

    fn on_urls(&mut self, urls: &[Name], cx: &mut Context<'_, P>) -> (Outcome, Option<String>) {
        for url in urls {
            match reaction::target(&self.config, url) {
                Target::Row { url, id } if self.rows.get(&id).is_some() => {
                    self.trust.doubt_row(url)
                }
                // a row that is not in the list: only the list can say whether it belongs
                Target::Row { .. } | Target::List => self.doubt(Reason::Changed, cx),
                Target::Foreign => {
                    self.doubt(Reason::Changed, cx);
                    let why =
                        format!("{url} is another site's: it is not read, the list is instead");
                    return (Outcome::Rejected, Some(why));
                }
            }
        }
        if self.trust.doubted_rows().count() > ROW_READS {
            self.trust.forget_rows();
            self.doubt(Reason::Changed, cx);
        }
        (Outcome::Queued, None)
    }

    fn on_changes(
        &mut self,
        changes: Vec<Change<P>>,
        cx: &mut Context<'_, P>,
    ) -> (Outcome, Option<String>) {
        let mut outcome = Outcome::Ignored;
        let mut detail = None;
        for change in changes {
            let result = match change {
                Change::Patch { row, belongs } => self.on_patch(row, belongs, cx),
                Change::Delete { id, version } => Ok(self.on_delete(id, version, cx)),
            };
            match result {
                Ok(one) => outcome = outcome.max(one),
                Err(why) => {
                    self.doubt(Reason::Changed, cx);
                    outcome = Outcome::Rejected;
                    detail = Some(format!("{why}; the list is read instead"));
                }
            }
        }
        if outcome == Outcome::Ignored {
            detail = Some("older than what is known, or the same".into());
        }
        (outcome, detail)
    }

    fn on_patch(
        &mut self,
        payload: P,
        belongs: Option<bool>,
        cx: &mut Context<'_, P>,
    ) -> Result<Outcome, String> {
        let touched = self.trust.now();
        let mut row = Row::new(payload, &self.config, touched).map_err(|no_row| no_row.0)?;
        let known = self.rows.known(&row.id);
        let ruling = rules::on_patch(known, row.version.as_ref(), self.config.version_mode);
        let stored = self.rows.get(&row.id).is_some();
        // rule 14: whether a changed row still belongs to a filtered list only the application can say
        let filtered = self.config.url.contains('?') && belongs.is_none();
        // and a read that leaves it out is then nothing to wonder at
        row.heard = (!filtered).then_some(cx.now.mono);
        Ok(match ruling {
            Ruling::Ignore => Outcome::Ignored,
            Ruling::Doubt => {
                self.doubt(Reason::Changed, cx);
                Outcome::Queued
            }
            _ if belongs == Some(false) && !stored => Outcome::Ignored,
            Ruling::Apply if belongs == Some(false) => {
                self.remove_row(&row.id, None);
                self.validator = None;
                Outcome::Applied
            }
            Ruling::Apply if !filtered => {
                self.put_row(row);
                self.validator = None;
                Outcome::Applied
            }
            Ruling::Apply | Ruling::Provisional => {
                if belongs == Some(false) {
                    self.remove_row(&row.id, None);
                } else if stored || !filtered {
                    self.put_row(row);
                }
                self.validator = None;
                self.doubt(Reason::Provisional, cx);
                Outcome::Provisional
            }
        })
    }

    fn on_delete(
        &mut self,
        id: Name,
        version: Option<Version>,
        cx: &mut Context<'_, P>,
    ) -> Outcome {
        let known = self.rows.known(&id);
        let ruling = rules::on_delete(known, version.as_ref(), self.config.version_mode);
        let stored = self.rows.get(&id);
        // a delete without version, or with an older one, still buries the row at the version it had
        let version = match (version, stored.and_then(|row| row.version.clone())) {
            (Some(own), Some(stored)) if own.order(&stored).is_some_and(|o| o.is_lt()) => {
                Some(stored)
            }
            (own, stored) => own.or(stored),
        };
        let tombstone = Tombstone {
            version,
            at: cx.now.wall,
            touched: self.trust.now(),
            heard: Some(cx.now.mono),
        };
        match ruling {
            Ruling::Ignore => Outcome::Ignored,
            Ruling::Doubt => {
                self.doubt(Reason::Changed, cx);
                Outcome::Queued
            }
            Ruling::Apply => {
                self.remove_row(&id, Some(tombstone));
                self.validator = None;
                Outcome::Applied
            }
            Ruling::Provisional => {
                self.remove_row(&id, Some(tombstone));
                self.validator = None;
                self.doubt(Reason::Provisional, cx);
                Outcome::Provisional
            }
        }
    }
}
