//! What the answers to reads make of the rows.

use super::heads::{Epoch, Reach};
use super::reaction::{self, Target};
use super::reading::Done;
use super::reads::Flight;
use super::reconcile::{List, Reconciliation};
use super::resource::{Resource, Subscription};
use super::rows::{NoRow, Row, Tombstone};
use super::rules::{self, Basis, Reading};
use super::trust::Stamp;
use crate::context::Context;
use crate::{Head, Name, Payload, ReadTarget, Reason};

/// So many changed rows are told to live queries one by one; more rebuild them.
const ONE_BY_ONE: usize = 32;

impl<P: Payload> Resource<P> {
    /// The rows rest on this read from now on.
    fn settle_list(&mut self, flight: &Flight, overtaken: bool, cx: &mut Context<'_, P>) {
        self.rest_on(flight);
        self.reads.succeeded(ReadTarget::List, overtaken, cx.now.mono);
        // who saves nothing must forget all the same
        for id in self.rows.expire(cx.now.wall) {
            self.saving.touch(&id);
        }
    }

    fn rest_on(&mut self, flight: &Flight) {
        self.as_of = Some(flight.as_of);
        self.rests_on = flight.began;
        self.trust.list_read(flight.began);
        self.saving.touch_meta();
    }

    pub(super) fn on_not_modified(
        &mut self,
        flight: &Flight,
        head: Option<Head>,
        cx: &mut Context<'_, P>,
    ) -> Done {
        let overtaken = self.trust.is_list_doubted_since(flight.began);
        let usable = self.validator.is_some() && flight.target == ReadTarget::List;
        let reach = self.heads.reach(head.as_ref(), overtaken);
        match reach {
            // rows changed by an event while the question was under way: the answer spoke of others
            _ if !usable => {
                self.doubt_again(flight, cx);
                self.reads.succeeded(flight.target, overtaken, cx.now.mono);
            }
            Reach::Behind | Reach::Retired | Reach::Partial => {
                let accepted = self.accepts_suspect((flight.began, self.head_known), cx);
                if accepted {
                    self.read_head(flight, head, true);
                    self.settle_list(flight, overtaken, cx);
                }
            }
            Reach::Full => {
                self.read_head(flight, head, false);
                self.settle_list(flight, overtaken, cx);
            }
            // the rows are as they were, and so is their head; one that is known to be passed says no more
            Reach::Unknown => {
                if !self.heads.is_reached() {
                    self.read_head(flight, None, false);
                }
                self.settle_list(flight, overtaken, cx);
            }
        }
        Done { outcome: "not-modified", changed: 0 }
    }

    /// What this read was to settle is not settled, and only another can: no head, no replay.
    fn doubt_again(&mut self, flight: &Flight, cx: &mut Context<'_, P>) {
        if !self.trust.is_list_doubted_since(flight.began) || self.trust.is_of_link() {
            let reason = self.trust.reason().filter(|reason| !reason.is_of_link());
            self.doubt(reason.unwrap_or(Reason::Changed), cx);
        }
    }

    pub(super) fn on_list(
        &mut self,
        flight: &Flight,
        rows: Vec<P>,
        (validator, head): (Option<Name>, Option<Head>),
        cx: &mut Context<'_, P>,
    ) -> Result<Done, NoRow> {
        let whole = flight.target != ReadTarget::Tail;
        let reach = self.reach(flight, head.as_ref());
        let list = List { rows, whole, basis: self.basis(head.as_ref(), reach) };
        let moment = (flight.began, cx.now);
        let news = Reconciliation::new(&self.rows, &self.config, list, moment)?;
        let old = self.validator.take();
        let validator = if whole { validator } else { old }.filter(|_| news.exact);
        let head = if whole { Some(head) } else { None };
        Ok(self.take_news(flight, news, (validator, head, reach), cx))
    }

    /// What changed since the head that was asked for.
    pub(super) fn on_since(
        &mut self,
        flight: &Flight,
        (changed, deleted): (Vec<P>, &[Name]),
        head: Head,
        cx: &mut Context<'_, P>,
    ) -> Result<Done, NoRow> {
        if flight.target != ReadTarget::Since {
            return Err(NoRow("an answer to `since` came where a list was read".into()));
        }
        let reach = self.reach(flight, Some(&head));
        let basis = self.basis(Some(&head), reach);
        let list = List { rows: changed, whole: false, basis };
        let moment = (flight.began, cx.now);
        let mut news = Reconciliation::new(&self.rows, &self.config, list, moment)?;
        for id in deleted.iter().filter(|id| self.rows.get(id).is_some()) {
            let overlapped = self.rows.circumstances(id, flight.began, cx.now.mono).overlapped;
            match rules::by_head(basis, self.rows.seq(id), overlapped) {
                Some(Reading::Keep) => news.exact = false,
                Some(Reading::Take | Reading::Suspect) => news.remove.push(id.clone()),
                Some(Reading::Unsure) | None => (news.exact, news.unsure) = (false, true),
            }
        }
        let unchanged = news.put.is_empty() && news.remove.is_empty();
        let validator = self.validator.take().filter(|_| unchanged && news.exact);
        Ok(self.take_news(flight, news, (validator, Some(Some(head)), reach), cx))
    }

    fn reach(&self, flight: &Flight, head: Option<&Head>) -> Reach {
        self.heads.reach(head, self.trust.is_list_doubted_since(flight.began))
    }

    /// What the rows of a read may be compared by with those that came by events.
    fn basis(&self, head: Option<&Head>, reach: Reach) -> Basis {
        let counts = matches!(reach, Reach::Full | Reach::Partial);
        match head.filter(|_| counts) {
            None => Basis::Versions,
            Some(head) if !self.heads.is_of(&head.epoch) => Basis::NewEpoch,
            Some(head) if self.heads.reflected().is_some() => Basis::Head(head.seq),
            // what came by events has no head yet
            Some(_) => Basis::Versions,
        }
    }

    /// Takes what a read of the list brought, unless it is suspect. The head is `None` where the rows are not
    /// those of a head (a tail).
    fn take_news(
        &mut self,
        flight: &Flight,
        news: Reconciliation<P>,
        (validator, head, reach): (Option<Name>, Option<Option<Head>>, Reach),
        cx: &mut Context<'_, P>,
    ) -> Done {
        let behind = matches!(reach, Reach::Behind | Reach::Retired);
        let lags = behind || reach == Reach::Partial;
        let known = news.suspect.max(lags.then_some(self.head_known));
        let accepted = known.is_some_and(|known| self.accepts_suspect((flight.began, known), cx));
        if (news.suspect.is_some() || behind) && !accepted {
            // the validator spoke of rows that may not come back
            if self.trust.reason().is_none() {
                self.trust.doubt_list(Reason::LaggingRead);
            }
            return Done { outcome: "suspect", changed: 0 };
        }
        let overtaken = self.trust.is_list_doubted_since(flight.began);
        let (unsure, changed) = (news.unsure, news.put.len() + news.remove.len());
        self.validator = validator;
        self.apply(news, flight, cx);
        match head {
            None => self.reads.succeeded(flight.target, overtaken, cx.now.mono),
            Some(head) => {
                self.read_head(flight, head, accepted);
                match reach {
                    Reach::Partial if !accepted => self.rest_on(flight),
                    _ => self.settle_list(flight, overtaken || unsure, cx),
                }
            }
        }
        if unsure {
            self.doubt_again(flight, cx);
        }
        Done { outcome: "rows", changed }
    }

    /// The rows are those of a read with this head now.
    fn read_head(&mut self, flight: &Flight, head: Option<Head>, accepted: bool) {
        self.head_known = self.head_known.max(flight.began);
        if self.heads.read(head, accepted) == Epoch::Other || accepted {
            // what counted in another epoch, or before a backup was restored, says nothing from here on
            self.rows.forget_seqs();
        }
    }

    /// Whether a suspect read is to be accepted: when it began, and since when is known what it contradicts.
    fn accepts_suspect(&mut self, moments: (Stamp, Stamp), cx: &mut Context<'_, P>) -> bool {
        let (count, lasting) = self.reads.suspect(moments, cx);
        rules::accepts_suspect(count, lasting)
    }

    pub(super) fn apply(
        &mut self,
        news: Reconciliation<P>,
        flight: &Flight,
        cx: &mut Context<'_, P>,
    ) {
        let first = self.as_of.is_none();
        let changed = news.put.len() + news.remove.len();
        if changed > 0 && self.subscription != Subscription::Confirmed {
            // events yet to be replayed may be in these rows already: they are not to be painted over them
            self.positions.clear();
        }
        let many = changed > ONE_BY_ONE;
        let (at, touched) = (cx.now.wall, flight.began);
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
            let version = self.rows.get(&id).and_then(|row| row.version.clone());
            let tombstone = Tombstone::new(version, at, touched);
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

    /// One of the list's rows was read.
    pub(super) fn on_row(
        &mut self,
        flight: &Flight,
        payload: P,
        head: Option<&Head>,
        cx: &mut Context<'_, P>,
    ) -> Result<Done, NoRow> {
        let row = Row::new(payload, &self.config, flight.began)?;
        let done = self.take_row(flight, row, head, cx);
        if done.outcome != "suspect" {
            self.row_was_read(flight, head, cx);
        }
        Ok(done)
    }

    /// Rule 2 for a single row.
    pub(super) fn take_row(
        &mut self,
        flight: &Flight,
        mut row: Row<P>,
        head: Option<&Head>,
        cx: &mut Context<'_, P>,
    ) -> Done {
        let known = self.rows.known(&row.id);
        let circumstances = self.rows.circumstances(&row.id, flight.began, cx.now.mono);
        let reach = self.heads.reach(head, false);
        if matches!(reach, Reach::Behind | Reach::Retired) {
            // one row cannot tell a lagging replica from a restored backup
            self.doubt(Reason::LaggingRead, cx);
            return Done { outcome: "suspect", changed: 0 };
        }
        let basis = self.basis(head, reach);
        let by_head = rules::by_head(basis, self.rows.seq(&row.id), circumstances.overlapped);
        let mode = self.config.version_mode;
        let reading = by_head
            .unwrap_or_else(|| rules::on_listed(known, row.version.as_ref(), circumstances, mode));
        let known = self.rows.touched(&row.id);
        if reading == Reading::Suspect && !self.accepts_suspect((flight.began, known), cx) {
            return Done { outcome: "suspect", changed: 0 };
        }
        let old = self.rows.get(&row.id);
        let listed = old.is_some();
        let same = old.is_some_and(|old| old.payload.same(&row.payload));
        let mut changed = 0;
        match reading {
            Reading::Keep => {}
            Reading::Unsure => self.trust.doubt_row(flight.url.clone()),
            Reading::Take | Reading::Suspect => {
                row.seq = match basis {
                    Basis::Head(seq) => Some(seq),
                    Basis::Versions | Basis::NewEpoch => None,
                };
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
        Done { outcome: "row", changed }
    }

    pub(super) fn on_gone(
        &mut self,
        flight: &Flight,
        cx: &mut Context<'_, P>,
    ) -> Result<Done, NoRow> {
        let mut changed = 0;
        if let Target::Row { id, .. } = reaction::target(&self.config, &flight.url) {
            let circumstances = self.rows.circumstances(&id, flight.began, cx.now.mono);
            let version = self.rows.get(&id).and_then(|row| row.version.clone());
            let moments = (flight.began, self.rows.touched(&id));
            let reading = rules::on_unlisted(version.as_ref(), circumstances);
            let stored = self.rows.get(&id).is_some();
            if reading == Reading::Suspect && stored && !self.accepts_suspect(moments, cx) {
                return Ok(Done { outcome: "suspect", changed: 0 });
            }
            if self.heads.reflected().is_some() || reading == Reading::Unsure {
                // what is not there has no head: only the list's can tell that no replica lags
                self.doubt(Reason::Changed, cx);
            }
            if reading != Reading::Unsure && stored {
                let (at, touched) = (cx.now.wall, flight.began);
                let tombstone = Tombstone::new(version, at, touched);
                self.remove_row(&id, Some(tombstone));
                self.validator = None;
                changed = 1;
            }
        }
        self.row_was_read(flight, None, cx);
        Ok(Done { outcome: "gone", changed })
    }

    fn row_was_read(&mut self, flight: &Flight, head: Option<&Head>, cx: &mut Context<'_, P>) {
        self.trust.row_read(&flight.url, flight.began);
        if !self.owes_row()
            && let Some((url, event)) = self.owed.take()
            && url == flight.url
        {
            self.heads.caught_up(&event, head);
        }
        self.reads.succeeded(ReadTarget::Row, false, cx.now.mono);
    }
}
