//! A whole list, read from the back end, against the rows that are there.

use std::collections::BTreeSet;

use crate::freshness::Stamp;
use crate::rows::{NoRow, Row, Rows};
use crate::rules::{self, Basis, ReadDecision};
use crate::{Membership, Name, Now, Payload, ResourceConfig};

/// The changes that a read of the list asks for.
#[derive(Debug)]
pub(crate) struct Reconciliation<P> {
    /// Rows that are new or different.
    pub(crate) put: Vec<Row<P>>,
    /// Rows that are no longer listed.
    pub(crate) remove: Vec<Name>,
    /// Some row came by an event during the read, and which is right cannot be said.
    pub(crate) unsure: bool,
    /// Afterwards the rows are those of the read, to the last.
    pub(crate) exact: bool,
    /// The read shows something older than what is known, the youngest of which came to be known then.
    pub(crate) suspect: Option<Stamp>,
    /// An id that the list has more than once; the last of its rows counts.
    pub(crate) twice: Option<Name>,
    /// It contradicts a painted row, which stays until a second read decides.
    pub(crate) contradicted: bool,
}

/// A list that was read.
#[derive(Debug)]
pub(crate) struct List<P> {
    pub(crate) rows: Vec<P>,
    /// Whether rows that are not among them are gone.
    pub(crate) whole: bool,
    /// The measure by which its rows are compared with those that came by events.
    pub(crate) basis: Basis,
    /// Rows that events painted since then, with nothing to order them, stay although this read contradicts them.
    pub(crate) painted_since: Option<Stamp>,
}

impl<P: Payload> Reconciliation<P> {
    /// Compares a list that was read with the rows that are there (rule 2). Rows that are the same are left
    /// out, so that nothing repaints for nothing.
    ///
    /// # Errors
    /// [`NoRow`] when an element of the list is no row.
    pub(crate) fn new(
        rows: &Rows<P>,
        config: &ResourceConfig,
        list: List<P>,
        (began, now): (Stamp, Now),
    ) -> Result<Self, NoRow> {
        let mut this = Self {
            put: Vec::new(),
            remove: Vec::new(),
            unsure: false,
            exact: true,
            suspect: None,
            twice: None,
            contradicted: false,
        };
        // rule 14: a row that was read by its URL is of a later head than the list, which does not say whether it belongs
        let outlives =
            |by_head| config.membership != Membership::All && by_head == Some(ReadDecision::Keep);
        let mut listed = vec![false; rows.slots()];
        let mut unknown = BTreeSet::new();
        for (index, payload) in list.rows.into_iter().enumerate() {
            let row = Row::new(payload, config, began)
                .map_err(|NoRow(why)| NoRow(format!("row {index}: {why}")))?;
            let again = match rows.slot(&row.id) {
                Some(slot) => std::mem::replace(&mut listed[slot as usize], true),
                None => !unknown.insert(row.id.clone()),
            };
            if again {
                this.twice = Some(row.id.clone());
                this.put.retain(|before| before.id != row.id);
            }
            let circumstances = rows.circumstances(&row.id, began, now.mono);
            let (known, mode) = (rows.known(&row.id), config.version_mode);
            let by_head = rules::by_head(list.basis, rows.seq(&row.id), circumstances.overlapped);
            this.unsure |= outlives(by_head);
            let reading = by_head.unwrap_or_else(|| {
                rules::on_listed(known, row.version.as_ref(), circumstances, mode)
            });
            let same = rows.get(&row.id).is_some_and(|old| is_same(old, &row));
            if this.takes(reading, || rows.touched(&row.id)) && !same {
                match rows.is_painted(&row.id, list.painted_since) {
                    true => this.contradict(),
                    false => this.put.push(row),
                }
            }
        }
        if !list.whole {
            this.exact = this.put.is_empty();
            return Ok(this);
        }
        for (_, row) in rows.iter().filter(|(slot, _)| !listed[*slot as usize]) {
            let circumstances = rows.circumstances(&row.id, began, now.mono);
            let by_head = rules::by_head(list.basis, row.seq, circumstances.overlapped);
            this.unsure |= outlives(by_head);
            let reading =
                by_head.unwrap_or_else(|| rules::on_unlisted(row.version.as_ref(), circumstances));
            if this.takes(reading, || row.touched) {
                match rows.is_painted(&row.id, list.painted_since) {
                    true => this.contradict(),
                    false => this.remove.push(row.id.clone()),
                }
            }
        }
        Ok(this)
    }

    /// A painted row stays: the rows are not those of the read.
    fn contradict(&mut self) {
        (self.exact, self.contradicted) = (false, true);
    }

    fn takes(&mut self, reading: ReadDecision, touched: impl FnOnce() -> Stamp) -> bool {
        match reading {
            ReadDecision::Take => return true,
            ReadDecision::Keep => self.exact = false,
            ReadDecision::Unsure => (self.exact, self.unsure) = (false, true),
            ReadDecision::Suspect => {
                self.suspect = self.suspect.max(Some(touched()));
                return true;
            }
        }
        false
    }
}

/// By content, even where versions are strict: a back end that was restored from a backup gives them out again.
fn is_same<P: Payload>(old: &Row<P>, new: &Row<P>) -> bool {
    old.version == new.version && old.payload.same(&new.payload)
}
