//! How events come into a resource.

use super::filter;
use super::heads::{EventHead, Place};
use super::reaction::{self, Change, Plan, Target};
use super::resource::{Consultation, Held, Resource};
use super::rows::{Row, Tombstone};
use super::rules::{self, Ruling};
use crate::context::Context;
use crate::{
    Activity, Frame, Name, Output, Payload, Reaction, Reason, RequestId, Verdict, Version,
};

/// So many rows named as outdated at once are read as one list.
const ROW_READS: usize = 8;
/// How long an event beyond a gap waits for what is missing (rule 11), in milliseconds.
const GAP_PATIENCE: u64 = 1_000;

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
        if &*frame.event == "pusher:cache_miss" {
            self.awaiting_head = None;
        }
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
        let head = EventHead::of(&self.config, data);
        let mut place = self.heads.place(head.as_ref());
        let awaited = self.awaiting_head.take().is_some();
        // the last event of a cache channel, heard before the connection was lost
        if awaited && place == Place::Unordered && head.is_some() && self.shows(data, verdict) {
            place = Place::Past;
        }
        if let Some(head) = head.as_ref().filter(|_| place != Place::Retired)
            && self.heads.require(head)
        {
            self.head_known = self.trust.now();
        }
        let (reaction, outcome, detail) = match (place, &head) {
            (Place::Retired, _) => (verdict.reaction, Outcome::Ignored, Some("its epoch is over")),
            (Place::Past, _) => {
                (verdict.reaction, Outcome::Ignored, Some("the rows include it already"))
            }
            (Place::NewEpoch, _) => {
                self.doubt(Reason::EpochChanged, cx);
                (verdict.reaction, Outcome::Queued, None)
            }
            // what came before the subscription will not come any more
            (Place::Gap, _) if awaited => {
                self.doubt(Reason::Missed, cx);
                (verdict.reaction, Outcome::Queued, Some("events before it were missed"))
            }
            (Place::Gap, Some(head)) => {
                self.hold(
                    Held { head: head.clone(), data: data.clone(), verdict: verdict.clone() },
                    cx,
                );
                (verdict.reaction, Outcome::Queued, Some("it waits for an event before it"))
            }
            _ => {
                let next = head.as_ref().filter(|_| place == Place::Next);
                let (reaction, outcome, detail) = self.take_in(data, verdict, next, cx);
                self.report_event(event, (reaction, outcome, detail), cx);
                place = if next.is_some() { Place::Past } else { place };
                return self.heard(awaited, place, cx);
            }
        };
        self.report_event(event, (reaction, outcome, detail.map(str::to_owned)), cx);
        self.heard(awaited, place, cx);
    }

    /// Whether the rows are as this event says.
    fn shows(&self, data: &P, verdict: &Verdict<P>) -> bool {
        let (_, Plan::Rows(changes)) = reaction::plan(&self.config, verdict, data) else {
            return false;
        };
        changes.iter().all(|change| match change {
            Change::Patch { row, .. } => {
                let id = super::rows::id_text(&row.leaf(&self.config.key));
                let known = id.and_then(|id| self.rows.get(&id));
                known.is_some_and(|known| known.payload.same(row))
            }
            Change::Delete { id, .. } => self.rows.get(id).is_none(),
        })
    }

    fn report_event(
        &mut self,
        event: &Name,
        (reaction, outcome, detail): (Reaction, Outcome, Option<String>),
        cx: &mut Context<'_, P>,
    ) {
        let (resource, event, outcome) = (self.config.name.clone(), event.clone(), outcome.name());
        cx.emit(Output::Activity(Activity::Event { resource, event, reaction, outcome, detail }));
    }

    /// After an event: what waited for it follows; the first one after a subscription may show that nothing
    /// was missed (rule 4c).
    fn heard(&mut self, awaited: bool, place: Place, cx: &mut Context<'_, P>) {
        self.release_held(cx);
        if awaited && place == Place::Past && self.heads.is_reached() && self.held.is_empty() {
            self.vouch(cx);
        }
    }

    /// Takes in an event that is in order (`next`), or that only versions can order.
    fn take_in(
        &mut self,
        data: &P,
        verdict: &Verdict<P>,
        next: Option<&EventHead>,
        cx: &mut Context<'_, P>,
    ) -> (Reaction, Outcome, Option<String>) {
        let (reaction, plan) = reaction::plan(&self.config, verdict, data);
        let (outcome, detail) = match plan {
            Plan::Nothing(why) => (Outcome::Ignored, Some(why.to_owned())),
            // its head says that the list changed all the same
            Plan::Untagged if next.is_none() => {
                (Outcome::Ignored, Some("none of its tags is among the resource's `tags`".into()))
            }
            Plan::Untagged | Plan::Refresh => {
                self.doubt(Reason::Changed, cx);
                (Outcome::Queued, None)
            }
            Plan::Misfit(why) => {
                self.doubt(Reason::Changed, cx);
                (Outcome::Rejected, Some(format!("{why}; the list is read instead")))
            }
            Plan::Urls(urls) => {
                let outcome = self.on_urls(&urls, cx);
                let alone = urls.len() == 1 && !self.trust.is_list_doubted();
                let row = self.trust.doubted_rows().last().filter(|_| alone).cloned();
                self.owed = row.zip(next.cloned());
                outcome
            }
            Plan::Rows(changes) => self.on_changes(changes, next.map(|head| head.seq), cx),
        };
        if let Some(head) = next
            && matches!(outcome, Outcome::Ignored | Outcome::Applied | Outcome::Provisional)
        {
            self.heads.reflect(head);
        }
        (reaction, outcome, detail)
    }

    fn hold(&mut self, held: Held<P>, cx: &Context<'_, P>) {
        if self.held.is_empty() {
            self.held_until = cx.now.mono + GAP_PATIENCE;
        }
        self.held.push(held);
    }

    /// Events that waited, as far as what was missing came.
    pub(super) fn release_held(&mut self, cx: &mut Context<'_, P>) {
        loop {
            let place = |held: &Held<P>| self.heads.place(Some(&held.head));
            let ready = self.held.iter().position(|held| place(held) != Place::Gap);
            let Some(at) = ready else { return };
            let Held { head, data, verdict } = self.held.remove(at);
            if self.heads.place(Some(&head)) == Place::Next {
                self.take_in(&data, &verdict, Some(&head), cx);
            }
        }
    }

    /// What was missing did not come: only a read can tell.
    pub(super) fn expire_held(&mut self, cx: &mut Context<'_, P>) {
        if !self.held.is_empty() && self.held_until <= cx.now.mono {
            self.held.clear();
            self.doubt(Reason::Missed, cx);
        }
        self.awaiting_head.take_if(|until| *until <= cx.now.mono);
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
        seq: Option<u64>,
        cx: &mut Context<'_, P>,
    ) -> (Outcome, Option<String>) {
        let mut outcome = Outcome::Ignored;
        let mut detail = None;
        for change in changes {
            let result = match change {
                Change::Patch { row, belongs } => self.on_patch(row, belongs, seq, cx),
                Change::Delete { id, version } => Ok(self.on_delete(id, version, seq, cx)),
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
        seq: Option<u64>,
        cx: &mut Context<'_, P>,
    ) -> Result<Outcome, String> {
        let touched = self.trust.now();
        let mut row = Row::new(payload, &self.config, touched).map_err(|no_row| no_row.0)?;
        let known = self.rows.known(&row.id);
        row.seq = seq;
        // rule 1: heads order where there are any, else versions
        let ruling = match seq {
            Some(_) => Ruling::Apply,
            None if self.is_appended(&row) => Ruling::Apply,
            None => rules::on_patch(known, row.version.as_ref(), self.config.version_mode),
        };
        let stored = self.rows.get(&row.id).is_some();
        let outside = self.rows.tombstone(&row.id).is_some_and(|tombstone| tombstone.outside);
        // rule 14: whether a changed row still belongs to a filtered list only the application can say
        let filtered = belongs.is_none() && (outside || self.config.url.contains('?'));
        // and a read that leaves it out is then nothing to wonder at
        row.heard = (!filtered).then_some(cx.now.mono);
        Ok(match ruling {
            Ruling::Ignore => {
                self.rows.ignore(&row.id, touched);
                Outcome::Ignored
            }
            Ruling::Doubt => {
                self.doubt(Reason::Changed, cx);
                Outcome::Queued
            }
            _ if belongs == Some(false) && !stored && !outside => Outcome::Ignored,
            Ruling::Apply if belongs == Some(false) => {
                self.put_outside(row, cx);
                Outcome::Applied
            }
            Ruling::Apply if !filtered => {
                self.put_row(row);
                self.validator = None;
                Outcome::Applied
            }
            Ruling::Apply | Ruling::Provisional => {
                if belongs == Some(false) {
                    self.put_outside(row, cx);
                } else if stored || !filtered {
                    self.put_row(row);
                }
                self.validator = None;
                self.doubt(Reason::Provisional, cx);
                Outcome::Provisional
            }
        })
    }

    /// A row left the list without being deleted: what comes of it later is ordered as that of a row in it.
    fn put_outside(&mut self, row: Row<P>, cx: &Context<'_, P>) {
        let Row { id, version, touched, heard, seq, .. } = row;
        let known = Tombstone::new(version, cx.now.wall, touched);
        self.remove_row(&id, Some(Tombstone { heard, seq, outside: true, ..known }));
        self.validator = None;
    }

    /// Whether a row is a new one at the end of an append list: what was never seen, nor deleted, and comes
    /// after all that is known, is no late update of a row that is gone.
    fn is_appended(&self, row: &Row<P>) -> bool {
        let Some(at) = self.append_key() else { return false };
        let last = self.rows.last_by(at).map(|(_, key)| key);
        self.rows.slot(&row.id).is_none()
            && last.is_none_or(|last| filter::compare(last, &row.keys[at]).is_lt())
    }

    fn on_delete(
        &mut self,
        id: Name,
        version: Option<Version>,
        seq: Option<u64>,
        cx: &mut Context<'_, P>,
    ) -> Outcome {
        let known = self.rows.known(&id);
        let ruling = match seq {
            Some(_) => Ruling::Apply,
            None => rules::on_delete(known, version.as_ref(), self.config.version_mode),
        };
        // a delete without version, or with an older one, still buries the row at the version it had
        let version = match (version, known.version().cloned()) {
            (Some(own), Some(had)) if own.order(&had).is_some_and(|o| o.is_lt()) => Some(had),
            (own, had) => own.or(had),
        };
        let tombstone = Tombstone {
            seq,
            heard: Some(cx.now.mono),
            ..Tombstone::new(version, cx.now.wall, self.trust.now())
        };
        match ruling {
            Ruling::Ignore => {
                self.rows.ignore(&id, tombstone.touched);
                Outcome::Ignored
            }
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
