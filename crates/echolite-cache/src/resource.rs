//! One resource: its rows, what is in doubt about them, who looks at them.
//!
//! What a resource is, and what happens to it from outside. When it is read is in `schedule`, what is said of
//! it in `telling`, how events come in in `events`, how reads begin and end in `reading` and `answers`.

use echolite_core::Standing;
use echolite_protocol::{ChannelName, Stream};

use super::entries::{Entries, Get};
use super::filter::Filter;
use super::heads::{EventHead, Heads};
use super::live::Live;
use super::pages::Pages;
use super::positions::Positions;
use super::reads::Reads;
use super::rows::{Row, Rows, Slot, Tombstone};
use super::saving::Saving;
use super::trust::{Stamp, Trust};
use crate::context::Context;
use crate::{
    Activity, LiveId, Mono, Name, Output, Payload, Query, Reason, RequestId, ResourceConfig,
    Status, StatusState, Stored, Verdict, Wall,
};

/// What the channels of a resource allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subscription {
    /// Not all confirmed.
    Pending,
    /// All confirmed.
    Confirmed,
    /// One refused.
    Refused { channel: Name, message: String },
}

/// An event that the application is being asked about.
#[derive(Clone, Debug)]
pub(super) struct Consultation<P> {
    pub(super) request: RequestId,
    pub(super) asked: Mono,
    pub(super) event: Name,
    pub(super) data: P,
}

/// An event that waits for one before it.
#[derive(Clone, Debug)]
pub(super) struct Held<P> {
    pub(super) head: EventHead,
    pub(super) data: P,
    pub(super) verdict: Verdict<P>,
}

/// How long the last event of a cache channel is waited for after the subscription (milliseconds).
const HEAD_PATIENCE: u64 = 2_000;
/// How long reads wait for a replay to end after the subscription (milliseconds).
const REPLAY_PATIENCE: u64 = 10_000;

/// One resource of a cache.
#[derive(Clone, Debug)]
pub(super) struct Resource<P> {
    pub(super) config: ResourceConfig,
    pub(super) rows: Rows<P>,
    pub(super) trust: Trust,
    pub(super) reads: Reads,
    pub(super) saving: Saving,
    /// The store's answer is awaited.
    pub(super) loading: bool,
    /// The list's validator, as long as nothing but its own read changed the rows (rule 7).
    pub(super) validator: Option<Name>,
    /// When the read that the rows rest on began; none: nothing was ever read.
    pub(super) as_of: Option<Wall>,
    pub(super) subscription: Subscription,
    pub(super) consultations: Vec<Consultation<P>>,
    pub(super) heads: Heads,
    /// When the highest head that is known came to be known.
    pub(super) head_known: Stamp,
    /// Events beyond a gap, and until when they wait for what is missing (rule 11).
    pub(super) held: Vec<Held<P>>,
    pub(super) held_until: Mono,
    /// The event that named one row, by its URL: once that is read, the rows include the event.
    pub(super) owed: Option<(Name, EventHead)>,
    /// Until then, the last event of the cache channels may show that nothing was missed (rule 15).
    pub(super) awaiting_head: Option<Mono>,
    /// Where the channels stand whose events the rows include, or keep in mind.
    pub(super) positions: Positions,
    /// Until then, a replay may show that nothing was missed (rule 4b).
    pub(super) awaiting_replay: Option<Mono>,
    pub(super) lives: Vec<Live<P>>,
    /// Rows asked for.
    pub(super) gets: Vec<Get>,
    pub(super) entries: Entries<P>,
    pub(super) pages: Pages<P>,
    /// When the list read began that the rows rest on.
    pub(super) rests_on: Stamp,
    pub(super) told: Status,
    pub(super) told_at: Mono,
    /// The statuses told last, the latest last.
    pub(super) last_told: Vec<(Wall, StatusState)>,
}

impl<P: Payload> Resource<P> {
    pub(super) fn new(config: ResourceConfig, loading: bool, cx: &mut Context<'_, P>) -> Self {
        if loading {
            cx.emit(Output::Load(config.name.clone()));
        }
        let told = Status { state: StatusState::Empty(Reason::Loading), as_of: None };
        Self {
            config,
            rows: Rows::new(),
            trust: Trust::new(Reason::Loading),
            reads: Reads::new(cx.now.mono),
            saving: Saving::new(),
            loading,
            validator: None,
            as_of: None,
            subscription: Subscription::Pending,
            consultations: Vec::new(),
            heads: Heads::default(),
            head_known: Stamp::START,
            held: Vec::new(),
            held_until: Mono(0),
            owed: None,
            awaiting_head: None,
            positions: Positions::default(),
            awaiting_replay: None,
            lives: Vec::new(),
            gets: Vec::new(),
            entries: Entries::new(),
            pages: Pages::new(),
            rests_on: Stamp::START,
            told,
            told_at: cx.now.mono,
            last_told: Vec::new(),
        }
    }

    /// Whether somebody looks at the list, or waits for a row that only the list can give.
    pub(super) fn is_observed(&self) -> bool {
        !self.lives.is_empty() || (self.config.row_prefixes.is_empty() && !self.gets.is_empty())
    }

    /// Whether this answer is for a read of this resource.
    pub(super) fn awaits(&self, request: RequestId) -> bool {
        self.reads.flight().is_some_and(|flight| flight.request == request)
    }

    // --- queries -----------------------------------------------------------------------------------

    pub(super) fn open_live(&mut self, id: LiveId, query: Query) -> Result<(), String> {
        let filter = Filter::new(query, &self.config)?;
        match self.lives.iter_mut().find(|live| live.id() == id) {
            Some(live) => live.refilter(filter, &self.rows),
            None => self.lives.push(Live::new(id, filter, &self.rows)),
        }
        Ok(())
    }

    pub(super) fn close_live(&mut self, id: LiveId) {
        self.lives.retain(|live| live.id() != id);
    }

    pub(super) fn refresh(&mut self, cx: &mut Context<'_, P>) {
        self.trust.doubt_list(Reason::Requested);
        self.reads.requested(cx.now.mono);
    }

    /// Forgets all rows, as if nothing was ever read.
    pub(super) fn clear(&mut self, cx: &mut Context<'_, P>) {
        self.rows = Rows::new();
        self.validator = None;
        self.pages = Pages::new();
        self.entries = Entries::new();
        self.as_of = None;
        self.heads = Heads::default();
        self.held.clear();
        self.positions.clear();
        self.trust.doubt_list(Reason::Loading);
        self.trust.forget_rows();
        self.saving.rewrite();
        self.reads.requested(cx.now.mono);
        self.rebuild_lives();
    }

    // --- what happens outside ----------------------------------------------------------------------

    /// The channels' standing, after it may have changed.
    pub(super) fn on_standing<'c>(
        &mut self,
        standing: impl Fn(&str) -> Standing<'c>,
        cx: &mut Context<'_, P>,
    ) {
        let mut next = Subscription::Confirmed;
        for channel in &self.config.channels {
            match standing(channel) {
                Standing::Subscribed => {}
                Standing::Pending if next == Subscription::Confirmed => {
                    next = Subscription::Pending
                }
                Standing::Pending => {}
                Standing::Refused(message) => {
                    let message = message.to_owned();
                    next = Subscription::Refused { channel: channel.clone(), message };
                }
            }
        }
        if next == self.subscription {
            return;
        }
        if next == Subscription::Confirmed {
            // rule 4: a read must begin after the confirmation
            self.trust.renew();
            let may_tell = self.heads.reflected().is_some() && self.trust.is_of_link();
            let cached =
                |name: &Name| ChannelName::new(name).is_ok_and(|n| n.stream() == Stream::Cache);
            self.awaiting_head = (may_tell && self.config.channels.iter().all(cached))
                .then_some(cx.now.mono + HEAD_PATIENCE);
            self.awaiting_replay = Some(cx.now.mono + REPLAY_PATIENCE);
            self.reads.confirmed(self.as_of.is_none(), cx);
        } else if self.subscription == Subscription::Confirmed {
            self.trust.doubt_list(Reason::Disconnected);
            self.reads.unconfirmed(cx.now.mono);
            self.held.clear();
            self.awaiting_head = None;
            self.awaiting_replay = None;
        }
        self.subscription = next;
    }

    /// Rule 5: something happened that ends all certainty.
    pub(super) fn revoke(&mut self, reason: Reason, cx: &mut Context<'_, P>) {
        let already = self.trust.is_list_doubted();
        self.trust.doubt_list(reason);
        self.reads.broadcast(already, cx);
    }

    /// Rows come from the store. Rows that came meanwhile by events or a read stay.
    pub(super) fn on_loaded(&mut self, stored: Option<Stored<P>>, cx: &mut Context<'_, P>) {
        self.loading = false;
        let Some(stored) = stored.filter(|stored| stored.meta.schema == self.config.schema) else {
            return;
        };
        if self.as_of.is_some() {
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
            self.validator = stored.meta.validator;
            self.saving.restored();
            self.heads = Heads::restored(stored.meta.reflected);
            self.positions = Positions::restored(stored.meta.positions);
            self.trust.restore();
            if self.subscription == Subscription::Confirmed {
                self.awaiting_replay = Some(cx.now.mono + REPLAY_PATIENCE);
            }
        }
        self.as_of = stored.meta.as_of;
        let (resource, rows) = (self.config.name.clone(), self.rows.len());
        cx.emit(Output::Activity(Activity::Restored { resource, rows }));
        self.rebuild_lives();
    }

    // --- rows --------------------------------------------------------------------------------------

    pub(super) fn rebuild_lives(&mut self) {
        for live in &mut self.lives {
            live.rebuild(&self.rows);
        }
    }

    /// Which rows were shown to be different, where lives were rebuilt; nothing is news in a `first` list.
    pub(super) fn note_changes(&mut self, noted: &[(Name, &'static str)], first: bool) {
        for live in &mut self.lives {
            if first {
                live.forget_changes();
            }
            noted.iter().for_each(|(id, kind)| live.note(id, kind));
        }
    }

    pub(super) fn put_row(&mut self, row: Row<P>) {
        self.saving.touch(&row.id);
        let (slot, old) = self.rows.put(row);
        self.tell_lives(slot, old.as_ref());
    }

    /// Takes a row out of the list; where it was deleted, a tombstone stays.
    pub(super) fn remove_row(&mut self, id: &Name, tombstone: Option<Tombstone>) {
        self.saving.touch(id);
        if let Some((slot, old)) = self.rows.take(id) {
            self.tell_lives(slot, Some(&old));
        }
        if let Some(tombstone) = tombstone {
            self.rows.bury(id.clone(), tombstone);
        }
    }

    fn tell_lives(&mut self, slot: Slot, old: Option<&Row<P>>) {
        for live in &mut self.lives {
            live.update(&self.rows, slot, old);
        }
    }
}
