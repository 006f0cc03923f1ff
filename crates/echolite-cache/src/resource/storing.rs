//! The stored form of a resource: taken from the store once, and committed to it by whoever owns it.

use super::Resource;
use crate::context::Context;
use crate::freshness::Stamp;
use crate::row_positions::RowPositions;
use crate::rows::{Row, Tombstone};
use crate::{Activity, Head, Meta, Mono, Output, Payload, RequestId, Stored, Term};

impl<P: Payload> Resource<P> {
    /// Whether the store has not said yet what it keeps.
    pub(crate) fn is_loading(&self) -> bool {
        self.unsaved.is_loading()
    }

    /// Rows come from the store. Rows that came meanwhile by events or a read stay.
    pub(crate) fn on_loaded(&mut self, stored: Option<Stored<P>>, cx: &mut Context<'_, P>) {
        if !self.unsaved.is_loading() {
            return; // it was waited for no longer, and the channels were joined without its positions
        }
        self.unsaved.loaded();
        let Some(stored) = stored.filter(|stored| stored.meta.schema == self.config.schema) else {
            return;
        };
        if !self.last_read.is_none() {
            return; // the list was read meanwhile: it is the truth, and is written over what is stored
        }
        let untouched = self.rows.is_blank();
        let began = Stamp::START;
        for stored in stored.rows {
            let known = self.rows.slot(&stored.id).is_some();
            match stored.payload {
                _ if known => {}
                None => {
                    let (version, at) = (stored.version, stored.deleted_at);
                    self.rows.bury(stored.id, Tombstone::new(version, at, began));
                }
                Some(payload) => {
                    if let Ok(row) = Row::new(payload, &self.config, began) {
                        self.rows.put(row);
                    }
                }
            }
        }
        if untouched {
            self.last_read.validator = stored.meta.validator;
            self.unsaved.restored();
            self.order.restore(stored.meta.reflected);
            self.positions = RowPositions::restored(stored.meta.positions);
            self.freshness.restore();
            self.subscription.await_replay(cx.now.mono);
        }
        self.last_read.as_of = stored.meta.as_of;
        self.verification.restore(stored.meta.as_of, cx.now);
        let (resource, rows) = (self.config.name.clone(), self.rows.len());
        cx.emit(Output::Activity(Activity::Restored { resource, rows }));
        self.lives.rebuild(&self.rows);
    }

    /// The store has not answered for too long: the list is read without it (rule 9). Whether that is so.
    pub(crate) fn give_up_loading(&mut self, cx: &mut Context<'_, P>) -> bool {
        let given_up = self.unsaved.load_deadline().is_some_and(|until| until <= cx.now.mono);
        if given_up {
            self.unsaved.loaded();
            let message = "the store did not answer; the cache goes on in memory".to_owned();
            cx.emit(Output::Activity(Activity::StoreFailed { message }));
        }
        given_up
    }

    /// This engine owns the store now: another owner may have written since the rows were loaded.
    pub(crate) fn on_owned(&mut self) {
        if !self.unsaved.is_loading() {
            self.unsaved.rewrite();
        }
    }

    /// A commit ended, perhaps one of this resource.
    pub(crate) fn on_committed(&mut self, request: RequestId, ok: bool, now: Mono) {
        self.unsaved.end(request, ok, now);
    }

    /// Whether there is something to be stored, by whoever owns the store.
    pub(super) fn may_be_stored(&self) -> bool {
        self.config.persist && !self.unsaved.is_loading() && !self.last_read.is_none()
    }

    /// The head to be stored. One whose rows are stale is not: the staleness is not stored with them, and by the head
    /// alone they would be taken for fresh (rule 7).
    fn storable_head(&self) -> Option<Head> {
        let certain = self.freshness.is_of_link() && !self.freshness.has_stale_rows();
        self.order.reflected().filter(|_| certain).cloned()
    }

    /// Commits what changed, where this engine owns the store.
    pub(super) fn commit(&mut self, term: Option<Term>, cx: &mut Context<'_, P>) {
        let Some(term) = term.filter(|_| self.may_be_stored()) else {
            return;
        };
        let meta = Meta {
            schema: self.config.schema,
            validator: self.last_read.validator.clone(),
            as_of: self.last_read.as_of,
            reflected: self.storable_head(),
            positions: self.storable_positions(),
        };
        let now = (cx.now.mono, cx.now.wall);
        let header = (&self.config.stored_as(), term, meta);
        let begun = self.unsaved.begin(&mut self.rows, header, now, || cx.next_request());
        if let Some((request, batch)) = begun {
            self.positions.store(&batch.meta.positions);
            cx.emit(Output::Commit(request, batch));
        }
    }
}
