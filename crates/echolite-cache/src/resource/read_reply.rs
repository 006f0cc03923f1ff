//! Answers to reads of the list and of its rows: what they make of the rows, and whether these are fresh then.

use super::Resource;
use crate::context::Context;
use crate::flight::{Flight, Landed};
use crate::freshness::Stamp;
use crate::heads::{EventHead, Reach, ReadEpoch};
use crate::plan::{self, Target};
use crate::reconcile::{List, Reconciliation};
use crate::rows::{NoRow, Row, Tombstone, id_text};
use crate::rules::{self, Basis, ReadDecision};
use crate::{
    Head, Membership, Name, Payload, ReadOutcome, ReadTarget, Reason, RowChange, RowChangeKind,
    WarningCode,
};

/// So many changed rows are given to live queries one by one; more rebuild them.
const ONE_BY_ONE: usize = 32;

/// What a read of the list showed of the events before it.
#[derive(Clone, Copy, Default)]
struct Shown {
    /// It changed a row.
    news: bool,
    /// A painted row stayed in spite of it.
    contradicted: bool,
    /// Events told of heads, and it has none to compare.
    headless: bool,
}

impl<P: Payload> Resource<P> {
    /// The rows rest on this read from now on.
    fn settle_list(&mut self, flight: &Flight, overtaken: bool, cx: &mut Context<'_, P>) {
        self.rest_on(flight, cx);
        self.schedule.succeeded(ReadTarget::List, overtaken, cx.now.mono);
        // who saves nothing must forget all the same
        for id in self.rows.expire(cx.now.wall) {
            self.unsaved.touch(&id);
        }
    }

    fn rest_on(&mut self, flight: &Flight, cx: &Context<'_, P>) {
        self.last_read.rest_on(flight.began, flight.as_of, self.freshness.now());
        self.verification.read((cx.now.mono - flight.at).saturating_add(flight.older), cx.now.mono);
        self.freshness.list_read(flight.began);
        self.unsaved.touch_meta();
    }

    pub(super) fn on_not_modified(
        &mut self,
        flight: &Flight,
        head: Option<Head>,
        cx: &mut Context<'_, P>,
    ) -> Landed {
        let overtaken = self.freshness.is_list_stale_since(flight.began);
        let usable = self.last_read.validator.is_some() && flight.target == ReadTarget::List;
        let reach = self.order.reach(head.as_ref(), overtaken);
        match reach {
            // rows changed by an event while the question was under way: the answer spoke of others
            _ if !usable => {
                self.mark_stale_again(flight, cx);
                self.schedule.succeeded(flight.target, overtaken, cx.now.mono);
            }
            Reach::Behind | Reach::Retired | Reach::Partial => {
                let accepted = self.accepts_suspect((flight.began, self.order.head_known()), cx);
                if accepted {
                    self.read_head(flight, head, true);
                    self.settle_list(flight, overtaken, cx);
                }
            }
            Reach::Full => {
                self.read_head(flight, head, false);
                self.settle_list(flight, overtaken, cx);
                self.settle_second(flight, Shown::default(), cx);
            }
            // the rows are as they were, and so is their head; one that is known to be passed says no more
            Reach::Unknown => {
                let headless = self.order.is_passed();
                if !self.order.is_reached() {
                    self.read_head(flight, None, false);
                }
                self.settle_list(flight, overtaken, cx);
                self.settle_second(flight, Shown { headless, ..Shown::default() }, cx);
            }
        }
        Landed::unchanged(ReadOutcome::NotModified)
    }

    /// Since when painted rows stay, whatever this read says of them.
    fn painted_since(&self, flight: &Flight) -> Option<Stamp> {
        let since = self.second_read.painted_since(flight.begins());
        since.filter(|_| self.may_read_twice())
    }

    /// Whether a second read may decide what this one leaves open: polls and lists that nobody looks at need none.
    fn may_read_twice(&self) -> bool {
        self.subscription.is_confirmed() && self.is_observed()
    }

    /// A read of the list was taken: a second one may have to decide (rule 4d). Until then neither a head nor a replay
    /// makes the list fresh.
    fn settle_second(
        &mut self,
        flight: &Flight,
        Shown { news, contradicted, headless }: Shown,
        cx: &mut Context<'_, P>,
    ) {
        // nobody may look just now: what was owed is, all the same
        if headless && !news {
            let overtaken = self.freshness.is_list_stale_since(flight.began);
            let since = if overtaken { self.freshness.now() } else { flight.began };
            self.second_read.owe(true, since, cx.now.mono, cx.random);
        }
        if !self.subscription.is_confirmed() {
            // a poll, or a read before all channels are joined: the one after the confirmation follows
            return self.second_read.leave_open(news);
        }
        let began = (flight.began, flight.begins());
        if let Some(due) = self.second_read.read(began, news, contradicted)
            && self.freshness.is_of_link()
        {
            self.mark_stale(Reason::LaggingRead, cx);
            self.schedule.wait_until(due);
        }
    }

    /// This read did not settle what it was to settle, and only another can: no head, no replay.
    fn mark_stale_again(&mut self, flight: &Flight, cx: &mut Context<'_, P>) {
        if !self.freshness.is_list_stale_since(flight.began) || self.freshness.is_of_link() {
            let reason = self.freshness.reason().filter(|reason| !reason.is_of_link());
            self.mark_stale(reason.unwrap_or(Reason::Changed), cx);
        }
    }

    pub(super) fn on_list(
        &mut self,
        flight: &Flight,
        rows: Vec<P>,
        (validator, head): (Option<Name>, Option<Head>),
        cx: &mut Context<'_, P>,
    ) -> Result<Landed, NoRow> {
        let whole = flight.target != ReadTarget::Tail;
        let reach = self.reach(flight, head.as_ref());
        let (basis, painted_since) = (self.basis(head.as_ref(), reach), self.painted_since(flight));
        let outsiders = self.brings_outsiders(&rows, flight.began);
        let list = List { rows, whole, basis, painted_since };
        let moment = (flight.began, cx.now);
        let mut news = Reconciliation::new(&self.rows, &self.config, list, moment)?;
        news.unsure |= outsiders;
        let old = self.last_read.validator.take();
        let validator = if whole { validator } else { old }.filter(|_| news.exact);
        let head = if whole { Some(head) } else { None };
        Ok(self.take_news(flight, news, (validator, head, reach), cx))
    }

    /// The changes since the head that was asked for were answered.
    pub(super) fn on_since(
        &mut self,
        flight: &Flight,
        (changed, deleted): (Vec<P>, &[Name]),
        head: Head,
        cx: &mut Context<'_, P>,
    ) -> Result<Landed, NoRow> {
        if flight.target != ReadTarget::Since {
            return Err(NoRow("an answer to `since` came where a list was read".into()));
        }
        let reach = self.reach(flight, Some(&head));
        let basis = self.basis(Some(&head), reach);
        if basis == Basis::NewEpoch {
            // what changed since a head of another epoch nobody can say: the whole list tells
            self.mark_stale(Reason::EpochChanged, cx);
            self.schedule.succeeded(flight.target, false, cx.now.mono);
            return Ok(Landed::unchanged(ReadOutcome::Suspect));
        }
        let omits = self.omits_members(&changed, deleted, &head);
        let painted_since = self.painted_since(flight);
        let outsiders = self.brings_outsiders(&changed, flight.began);
        let list = List { rows: changed, whole: false, basis, painted_since };
        let moment = (flight.began, cx.now);
        let mut news = Reconciliation::new(&self.rows, &self.config, list, moment)?;
        news.unsure |= outsiders;
        for id in deleted.iter().filter(|id| self.rows.get(id).is_some()) {
            let overlapped = self.rows.circumstances(id, flight.began, cx.now.mono).overlapped;
            match rules::by_head(basis, self.rows.seq(id), overlapped) {
                Some(ReadDecision::Keep) => news.exact = false,
                Some(ReadDecision::Take | ReadDecision::Suspect) => news.remove.push(id.clone()),
                Some(ReadDecision::Unsure) | None => (news.exact, news.unsure) = (false, true),
            }
        }
        let unchanged = news.put.is_empty() && news.remove.is_empty();
        let validator = self.last_read.validator.take().filter(|_| unchanged && news.exact);
        let landed = self.take_news(flight, news, (validator, Some(Some(head)), reach), cx);
        if omits {
            self.mark_stale(Reason::Changed, cx);
        }
        Ok(landed)
    }

    /// Whether the changes up to `head` lack a row that an event changed before: only the whole list tells whether it
    /// is still in it (rule 14).
    fn omits_members(&self, changed: &[P], deleted: &[Name], head: &Head) -> bool {
        let Some(known) = self.order.members_before() else { return false };
        let ids: Vec<_> =
            changed.iter().filter_map(|row| id_text(&row.leaf(&self.config.key))).collect();
        let doubtful = |seq: u64| known.seq < seq && seq <= head.seq;
        self.rows.iter().any(|(_, row)| {
            row.seq.is_some_and(doubtful) && !ids.contains(&row.id) && !deleted.contains(&row.id)
        })
    }

    /// Whether a read brings a row that an event said, after it began, not to be in the list.
    fn brings_outsiders(&self, rows: &[P], began: Stamp) -> bool {
        let is_outsider =
            |id: Name| self.rows.get(&id).is_none() && self.outsiders.since(&id, began);
        self.outsiders.any_since(began)
            && rows.iter().filter_map(|row| id_text(&row.leaf(&self.config.key))).any(is_outsider)
    }

    fn reach(&self, flight: &Flight, head: Option<&Head>) -> Reach {
        self.order.reach(head, self.freshness.is_list_stale_since(flight.began))
    }

    /// The measure by which the rows of a read are compared with those that came by events.
    fn basis(&self, head: Option<&Head>, reach: Reach) -> Basis {
        let counts = matches!(reach, Reach::Full | Reach::Partial);
        match head.filter(|_| counts) {
            None => Basis::Versions,
            Some(head) if !self.order.is_of(&head.epoch) => Basis::NewEpoch,
            Some(head) if self.order.reflected().is_some() => Basis::Head(head.seq),
            // what came by events has no head yet
            Some(_) => Basis::Versions,
        }
    }

    /// Takes the rows that a read of the list brought, unless it is suspect. The head is `None` where the rows are not
    /// those of a head (a tail).
    fn take_news(
        &mut self,
        flight: &Flight,
        news: Reconciliation<P>,
        (validator, head, reach): (Option<Name>, Option<Option<Head>>, Reach),
        cx: &mut Context<'_, P>,
    ) -> Landed {
        let behind = matches!(reach, Reach::Behind | Reach::Retired);
        let lags = behind || reach == Reach::Partial;
        let known = news.suspect.max(lags.then_some(self.order.head_known()));
        let accepted = known.is_some_and(|known| self.accepts_suspect((flight.began, known), cx));
        if (news.suspect.is_some() || behind) && !accepted {
            // the validator spoke of rows that may not come back
            if self.freshness.reason().is_none() {
                self.freshness.mark_stale(Reason::LaggingRead);
            }
            return Landed::unchanged(ReadOutcome::Suspect);
        }
        if let Some(id) = &news.twice {
            self.warn(WarningCode::KeyTwice, &["", id], cx);
        }
        let overtaken = self.freshness.is_list_stale_since(flight.began);
        let (unsure, changed) = (news.unsure, news.put.len() + news.remove.len());
        let contradicted = news.contradicted;
        let headless = matches!(head, Some(None)) && self.order.is_passed();
        self.last_read.validator = validator;
        self.apply(news, flight, cx);
        match head {
            None => {
                self.refresh_asked = None;
                self.schedule.succeeded(flight.target, overtaken, cx.now.mono);
            }
            Some(head) => {
                self.read_head(flight, head, accepted);
                match reach {
                    Reach::Partial if !accepted => self.rest_on(flight, cx),
                    _ => self.settle_list(flight, overtaken || unsure, cx),
                }
            }
        }
        if unsure {
            if self.config.membership != Membership::All {
                // a row that it left out and an event showed stays: changes since this head do not name it
                self.order.doubt_members(false);
            }
            self.mark_stale_again(flight, cx);
        }
        self.settle_second(flight, Shown { news: changed > 0, contradicted, headless }, cx);
        Landed { outcome: ReadOutcome::Rows, changed }
    }

    /// The rows are those of a read with this head now.
    fn read_head(&mut self, flight: &Flight, head: Option<Head>, accepted: bool) {
        if self.order.read(head, accepted, flight.began) == ReadEpoch::Other || accepted {
            // what counted in another epoch, or before a backup was restored, says nothing from here on
            self.rows.forget_seqs();
        }
    }

    /// Whether a suspect read is to be accepted. `moments`: when it began, and since when the thing that it
    /// contradicts is known.
    fn accepts_suspect(&mut self, moments: (Stamp, Stamp), cx: &mut Context<'_, P>) -> bool {
        let (count, lasting) = self.schedule.suspect(moments, cx.now.mono, cx.random);
        rules::accepts_suspect(count, lasting)
    }

    pub(super) fn apply(
        &mut self,
        news: Reconciliation<P>,
        flight: &Flight,
        cx: &mut Context<'_, P>,
    ) {
        let first = self.last_read.is_none();
        let changed = news.put.len() + news.remove.len();
        if changed > 0 && !self.subscription.is_confirmed() {
            // events yet to be replayed may be in these rows already: they are not to be painted over them
            self.positions.clear();
        }
        let many = changed > ONE_BY_ONE;
        let (at, touched) = (cx.now.wall, flight.began);
        let mut noted = Vec::new();
        for row in news.put {
            if many {
                let kind = match self.rows.get(&row.id) {
                    Some(_) => RowChangeKind::Update,
                    None => RowChangeKind::Insert,
                };
                noted.push(RowChange { id: row.id.clone(), kind });
                self.unsaved.touch(&row.id);
                self.rows.put(row);
            } else {
                self.put_row(row);
            }
        }
        for id in news.remove {
            let version = self.rows.get(&id).and_then(|row| row.version.clone());
            let tombstone = Tombstone::new(version, at, touched);
            if many {
                self.unsaved.touch(&id);
                self.rows.take(&id);
                self.rows.bury(id.clone(), tombstone);
                noted.push(RowChange { id, kind: RowChangeKind::Delete });
            } else {
                self.remove_row(&id, tombstone);
            }
        }
        if many {
            self.lives.rebuild(&self.rows);
        }
        match first {
            true => self.lives.forget_changes(),
            false => self.lives.note(&noted),
        }
    }

    /// One of the list's rows was read.
    pub(super) fn on_row(
        &mut self,
        flight: &Flight,
        payload: P,
        head: Option<&Head>,
        cx: &mut Context<'_, P>,
    ) -> Result<Landed, NoRow> {
        let (payload, lacking) = self.completed(payload);
        let row = Row::new(payload, &self.config, flight.began)?;
        if !matches!(plan::target(&self.config, &flight.url), Target::Row { id, .. } if id == row.id)
        {
            return Ok(self.on_other_row(flight, cx));
        }
        let landed = self.take_row(flight, row, head, cx);
        if let Some(lacking) = lacking.filter(|_| landed.changed > 0) {
            self.warn_of(&lacking, cx);
            self.mark_stale(Reason::Provisional, cx);
        }
        if landed.outcome != ReadOutcome::Suspect {
            self.row_was_read(flight, head, cx);
        }
        Ok(landed)
    }

    /// The URL of one row answered another: it moved, or is no more. Only the list tells what became of both.
    fn on_other_row(&mut self, flight: &Flight, cx: &mut Context<'_, P>) -> Landed {
        self.freshness.row_read(&flight.url, flight.began);
        self.order.await_row(None);
        self.order.doubt_members(false);
        self.mark_stale(Reason::Changed, cx);
        self.schedule.succeeded(ReadTarget::Row, false, cx.now.mono);
        Landed::unchanged(ReadOutcome::Row)
    }

    /// Rule 2 for a single row.
    pub(super) fn take_row(
        &mut self,
        flight: &Flight,
        mut row: Row<P>,
        head: Option<&Head>,
        cx: &mut Context<'_, P>,
    ) -> Landed {
        let known = self.rows.known(&row.id);
        let circumstances = self.rows.circumstances(&row.id, flight.began, cx.now.mono);
        let reach = self.order.reach(head, false);
        if matches!(reach, Reach::Behind | Reach::Retired) {
            // one row cannot tell a lagging replica from a restored backup
            self.mark_stale(Reason::LaggingRead, cx);
            return Landed::unchanged(ReadOutcome::Suspect);
        }
        let basis = self.basis(head, reach);
        let by_head = rules::by_head(basis, self.rows.seq(&row.id), circumstances.overlapped);
        let mode = self.config.version_mode;
        let reading = by_head
            .unwrap_or_else(|| rules::on_listed(known, row.version.as_ref(), circumstances, mode));
        let known = self.rows.touched(&row.id);
        if reading == ReadDecision::Suspect && !self.accepts_suspect((flight.began, known), cx) {
            return Landed::unchanged(ReadOutcome::Suspect);
        }
        let old = self.rows.get(&row.id);
        let listed = old.is_some();
        let same = old.is_some_and(|old| old.payload.same(&row.payload));
        let mut changed = 0;
        match reading {
            ReadDecision::Keep => {}
            // a second read of the list decides
            _ if !same && self.rows.is_painted(&row.id, self.painted_since(flight)) => {}
            ReadDecision::Unsure => self.freshness.mark_row_stale(flight.url.clone()),
            ReadDecision::Take | ReadDecision::Suspect => {
                row.seq = match basis {
                    Basis::Head(seq) => Some(seq),
                    Basis::Versions | Basis::NewEpoch => None,
                };
                // rule 14: only the list can say whether a row belongs that is not in it, or that changed
                let doubtful = self.config.membership != Membership::All && !(same && listed);
                if doubtful {
                    self.doubt_membership(head.filter(|_| row.seq.is_some()), listed, cx);
                } else if !listed {
                    self.mark_stale(Reason::Provisional, cx);
                }
                if !(same || doubtful && !listed) {
                    self.put_row(row);
                    self.last_read.drop_validator();
                    changed = 1;
                }
            }
        }
        Landed { outcome: ReadOutcome::Row, changed }
    }

    /// A row was read by itself, at this head: the list must say whether it is in it, and as of that head at least.
    fn doubt_membership(&mut self, head: Option<&Head>, listed: bool, cx: &mut Context<'_, P>) {
        let later = |head: &&Head| self.order.reflected().is_some_and(|own| own.seq < head.seq);
        let later = head.filter(later);
        self.order.doubt_members(listed && later.is_some());
        if let Some(Head { epoch, seq }) = later {
            let shown = EventHead { epoch: epoch.clone(), seq: *seq, prev: *seq };
            self.order.require(&shown, || self.freshness.now());
        }
        self.mark_stale(Reason::Membership, cx);
    }

    pub(super) fn on_gone(
        &mut self,
        flight: &Flight,
        cx: &mut Context<'_, P>,
    ) -> Result<Landed, NoRow> {
        let mut changed = 0;
        if let Target::Row { id, .. } = plan::target(&self.config, &flight.url) {
            let circumstances = self.rows.circumstances(&id, flight.began, cx.now.mono);
            let version = self.rows.get(&id).and_then(|row| row.version.clone());
            let moments = (flight.began, self.rows.touched(&id));
            let reading = rules::on_unlisted(version.as_ref(), circumstances);
            let stored = self.rows.get(&id).is_some();
            if reading == ReadDecision::Suspect && stored && !self.accepts_suspect(moments, cx) {
                return Ok(Landed::unchanged(ReadOutcome::Suspect));
            }
            // a route that does not exist answers the same, and what is not there has no head: the list decides
            self.mark_stale(Reason::Changed, cx);
            if reading != ReadDecision::Unsure && stored {
                let (at, touched) = (cx.now.wall, flight.began);
                let tombstone = Tombstone::new(version, at, touched);
                self.remove_row(&id, tombstone);
                self.last_read.drop_validator();
                changed = 1;
            }
        }
        self.row_was_read(flight, None, cx);
        Ok(Landed { outcome: ReadOutcome::Gone, changed })
    }

    fn row_was_read(&mut self, flight: &Flight, head: Option<&Head>, cx: &mut Context<'_, P>) {
        self.freshness.row_read(&flight.url, flight.began);
        if !self.awaits_row() {
            self.order.row_read(&flight.url, head);
        }
        self.schedule.succeeded(ReadTarget::Row, false, cx.now.mono);
    }
}
