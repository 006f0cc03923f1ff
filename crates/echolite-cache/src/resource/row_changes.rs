//! The rows that an event carries: put into the list, taken out of it, or ignored, as the rules decide.

use super::Resource;
use crate::context::Context;
use crate::freshness::Stamp;
use crate::plan::RowPlan;
use crate::rows::{Row, Tombstone, id_text};
use crate::rules::{self, EventDecision};
use crate::{EventOutcome, Membership, Name, Payload, Reason, Version, WarningCode};

/// A new row is poorer if it lacks something that each of so many others has.
const SAMPLE: usize = 8;

/// A field that a row lacks and known ones have.
pub(super) struct Lacking {
    field: Name,
    /// Those are as the list has them: it is the back end that sends less, and the developer is warned.
    is_certain: bool,
}

impl<P: Payload> Resource<P> {
    /// Carries out the plan for each row.
    pub(super) fn on_rows(
        &mut self,
        rows: Vec<RowPlan<P>>,
        seq: Option<u64>,
        cx: &mut Context<'_, P>,
    ) -> (EventOutcome, Option<String>) {
        let mut outcome = EventOutcome::Ignored;
        let mut detail = None;
        for row in rows {
            let result = match row {
                RowPlan::Patch { row, belongs } => self.on_patch(row, belongs, seq, cx),
                RowPlan::Delete { id, version } => Ok(self.on_delete(id, version, seq, cx)),
            };
            match result {
                Ok(one) => outcome = outcome.max(one),
                Err(why) => {
                    self.mark_stale(Reason::Changed, cx);
                    outcome = EventOutcome::Rejected;
                    detail = Some(format!("its row: {why}; the list is read instead"));
                }
            }
        }
        if outcome == EventOutcome::Ignored {
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
    ) -> Result<EventOutcome, String> {
        let touched = self.freshness.now();
        // who was asked of a row that lacks fields did not know all of it
        let belongs = belongs.filter(|belongs| *belongs || !self.is_half_known(&payload));
        let (payload, lacking) = self.completed(payload);
        let mut row = Row::new(payload, &self.config, touched).map_err(|no_row| no_row.0)?;
        row.seq = seq;
        let appended = self.is_appended(&row);
        let decision = self.decide(&row, appended, lacking, cx);
        if belongs.is_none() && self.config.membership == Membership::Undeclared && !appended {
            self.warn(WarningCode::BelongsUndeclared, &[], cx);
        }
        let stored = self.rows.get(&row.id).is_some();
        let outside = self.rows.tombstone(&row.id).is_some_and(|tombstone| tombstone.outside);
        // rule 14: where nothing is declared, only a read tells whether a changed row is in the list
        let doubtful = belongs.is_none() && !appended;
        // one that is not in it is not shown where its URL or the application filtered before
        let hidden = belongs.is_none() && !stored && (outside || self.config.url.contains('?'));
        // a read that leaves it out is not suspect then: it may have left the list
        let may_leave = hidden || stored && doubtful;
        row.heard = (!may_leave).then_some(cx.now.mono);
        row.unordered = self.is_unordered(&row, stored);
        Ok(match decision {
            EventDecision::Ignore => {
                self.rows.ignore(&row.id, touched);
                EventOutcome::Ignored
            }
            EventDecision::Read => {
                self.owe_unpainted(&row, cx);
                self.mark_stale(Reason::Changed, cx);
                EventOutcome::Queued
            }
            _ if belongs == Some(false) && !stored && !outside => self.pass_over(row.id, touched),
            EventDecision::Apply if belongs == Some(false) => {
                self.put_outside(row, cx);
                EventOutcome::Applied
            }
            EventDecision::Apply if !doubtful && !hidden => {
                self.put_row(row);
                self.last_read.drop_validator();
                EventOutcome::Applied
            }
            EventDecision::Apply => {
                if !hidden {
                    self.put_row(row);
                }
                self.last_read.drop_validator();
                self.order.doubt_members(seq.is_some());
                self.mark_stale(Reason::Membership, cx);
                if stored { EventOutcome::Applied } else { EventOutcome::Provisional }
            }
            EventDecision::Provisional => {
                self.owe_painted(&mut row, hidden, cx);
                if belongs == Some(false) {
                    self.put_outside(row, cx);
                } else if !hidden {
                    self.put_row(row);
                }
                self.last_read.drop_validator();
                self.mark_stale(Reason::Provisional, cx);
                EventOutcome::Provisional
            }
        })
    }

    /// A row that nothing orders and that is not painted only says that something changed.
    fn owe_unpainted(&mut self, row: &Row<P>, cx: &mut Context<'_, P>) {
        if row.unordered {
            self.owe_second_read(true, cx);
        }
    }

    /// A second read decides of a row that nothing orders; what is not painted cannot contradict a read.
    fn owe_painted(&mut self, row: &mut Row<P>, hidden: bool, cx: &mut Context<'_, P>) {
        if row.unordered {
            self.owe_second_read(hidden, cx);
            row.touched = self.freshness.now();
        }
    }

    /// The row of an event is not in the list, and was not known: a read that began before may still bring it.
    fn pass_over(&mut self, id: Name, now: Stamp) -> EventOutcome {
        self.outsiders.note(id, now);
        EventOutcome::Ignored
    }

    /// Whether nothing orders the row of an event: neither a head nor a version. What follows such a row is as uncertain.
    fn is_unordered(&self, row: &Row<P>, stored: bool) -> bool {
        let (version, mode) = (row.version.as_ref(), self.config.version_mode);
        let ordered = rules::order(version, self.rows.known(&row.id).version(), mode).is_some();
        let painted = || self.rows.is_painted(&row.id, self.second_read.since());
        row.seq.is_none() && (!ordered && (stored || version.is_none()) || painted())
    }

    /// Rule 1 for a row of an event: heads order it where there are any, else versions. One that is `lacking` a field
    /// needs a read, whatever its order.
    fn decide(
        &mut self,
        row: &Row<P>,
        appended: bool,
        lacking: Option<Lacking>,
        cx: &mut Context<'_, P>,
    ) -> EventDecision {
        let (version, seq) = (row.version.as_ref(), row.seq);
        self.compare_versions((&row.id, version), seq, cx);
        let known = self.rows.known(&row.id);
        let decision = match seq {
            Some(_) => EventDecision::Apply,
            None if appended => EventDecision::Apply,
            None => rules::on_patch(known, version, self.config.version_mode),
        };
        match (decision, lacking) {
            (EventDecision::Apply | EventDecision::Provisional, Some(lacking)) => {
                self.warn_of(&lacking, cx);
                EventDecision::Provisional
            }
            (decision, _) => decision,
        }
    }

    /// A row with what is known of the fields that it lacks, and one of these fields where that leaves it in doubt
    /// (rule 1): an event, or a URL of its own, may know less of a row than the list.
    pub(super) fn completed(&self, payload: P) -> (P, Option<Lacking>) {
        let id = id_text(&payload.leaf(&self.config.key));
        let Some(known) = id.as_ref().and_then(|id| self.rows.get(id)) else {
            let lacking = self.lacks_of_others(&payload, id.as_ref());
            return (payload, lacking);
        };
        let Some(field) = payload.lacks(&known.payload) else {
            // what is known may be an event's, too, and not read since
            let in_doubt = self.freshness.is_list_stale();
            let lacking = in_doubt.then(|| self.lacks_of_others(&payload, id.as_ref())).flatten();
            return (payload, lacking);
        };
        let whole = payload.over(&known.payload);
        // within a field nothing is merged
        let lacking = match self.config.merge {
            true => whole.lacks(&known.payload),
            false => Some(field),
        };
        (whole, lacking.map(|field| Lacking { field, is_certain: true }))
    }

    /// Whether a row lacks fields that the known one has, or the others where it is new.
    fn is_half_known(&self, payload: &P) -> bool {
        let id = id_text(&payload.leaf(&self.config.key));
        let known = id.as_ref().and_then(|id| self.rows.get(id));
        match known {
            Some(known) => payload.lacks(&known.payload).is_some(),
            None => self.lacks_of_others(payload, id.as_ref()).is_some(),
        }
    }

    /// A field that other rows have and this one lacks; of an emptied list, one that the last row had. While the list is
    /// stale, one of the others is enough to leave it in doubt: a read follows as it is, and the rest may lack the field
    /// because events brought them.
    fn lacks_of_others(&self, payload: &P, id: Option<&Name>) -> Option<Lacking> {
        if let Some(last) = self.rows.last_seen() {
            return payload.lacks(last).map(|field| Lacking { field, is_certain: true });
        }
        let is_stale = self.freshness.is_list_stale();
        let others = || self.rows.iter().map(|(_, row)| row).filter(|row| Some(&row.id) != id);
        let lacks = |row: &Row<P>| payload.lacks(&row.payload);
        let is_current = |row: &&Row<P>| !is_stale || row.touched <= self.last_read.rests_on;
        let mut lacking = others().filter(is_current).take(SAMPLE).map(lacks);
        let first = lacking.next().flatten();
        match first.filter(|_| lacking.all(|lacking| lacking.is_some())) {
            Some(field) => Some(Lacking { field, is_certain: true }),
            None if is_stale => {
                let field = others().take(SAMPLE).find_map(lacks)?;
                Some(Lacking { field, is_certain: false })
            }
            None => None,
        }
    }

    /// Warns of a row that is poorer than those of the list.
    pub(super) fn warn_of(&mut self, lacking: &Lacking, cx: &mut Context<'_, P>) {
        if lacking.is_certain {
            self.warn(WarningCode::RowPoorer, &["", &lacking.field], cx);
        }
    }

    /// Warns of versions that have no order, where nothing else orders the event.
    fn compare_versions(
        &mut self,
        (id, version): (&Name, Option<&Version>),
        seq: Option<u64>,
        cx: &mut Context<'_, P>,
    ) {
        let (None, Some(new), Some(known)) = (seq, version, self.rows.known(id).version()) else {
            return;
        };
        if known.order(new).is_none() {
            let values = ["", &known.shown(), &new.shown()];
            self.warn(WarningCode::VersionsIncomparable, &values, cx);
        }
    }

    /// A row left the list without being deleted: later events of it are ordered as those of a row in it.
    fn put_outside(&mut self, row: Row<P>, cx: &Context<'_, P>) {
        let Row { id, version, touched, seq, unordered, .. } = row;
        let known = Tombstone::new(version, cx.now.wall, touched);
        self.remove_row(&id, Tombstone { seq, unordered, outside: true, ..known });
        self.last_read.drop_validator();
    }

    /// Whether a row is a new one at the end of an append list: one that was never seen, nor deleted, and comes
    /// after all known ones is not a late update of a row that is gone.
    fn is_appended(&self, row: &Row<P>) -> bool {
        let Some(column) = self.append_key() else { return false };
        let last = self.rows.last_by(column).map(|(_, key)| key);
        self.rows.slot(&row.id).is_none()
            && last.is_none_or(|last| column.compare(last, &row.keys[column.at]).is_lt())
    }

    fn on_delete(
        &mut self,
        id: Name,
        version: Option<Version>,
        seq: Option<u64>,
        cx: &mut Context<'_, P>,
    ) -> EventOutcome {
        self.compare_versions((&id, version.as_ref()), seq, cx);
        // rule 3: an event that was older than the row may be of the next life of its key
        let ignored = self.rows.get(&id).map(|row| row.ignored);
        let lives_again = seq.is_none() && ignored > Some(self.last_read.rests_on);
        let known = self.rows.known(&id);
        let decision = match seq {
            Some(_) => EventDecision::Apply,
            None => rules::on_delete(known, version.as_ref(), self.config.version_mode),
        };
        let unordered = decision == EventDecision::Provisional
            && rules::order(version.as_ref(), known.version(), self.config.version_mode).is_none();
        // a delete without version, or with an older one, still buries the row at the version it had
        let version = match (version, known.version().cloned()) {
            (Some(own), Some(had)) if own.order(&had).is_some_and(|o| o.is_lt()) => Some(had),
            (own, had) => own.or(had),
        };
        if unordered {
            self.owe_second_read(false, cx);
        }
        let tombstone = Tombstone {
            seq,
            unordered,
            heard: Some(cx.now.mono),
            ..Tombstone::new(version, cx.now.wall, self.freshness.now())
        };
        match decision {
            EventDecision::Ignore => {
                self.rows.ignore(&id, tombstone.touched);
                EventOutcome::Ignored
            }
            EventDecision::Read => {
                self.mark_stale(Reason::Changed, cx);
                EventOutcome::Queued
            }
            EventDecision::Apply if !lives_again => {
                self.remove_row(&id, tombstone);
                self.last_read.drop_validator();
                EventOutcome::Applied
            }
            EventDecision::Apply | EventDecision::Provisional => {
                self.remove_row(&id, tombstone);
                self.last_read.drop_validator();
                self.mark_stale(Reason::Provisional, cx);
                EventOutcome::Provisional
            }
        }
    }
}
