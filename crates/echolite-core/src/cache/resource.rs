//! One resource: its rows, what is in doubt about them, who looks at them.
//!
//! Here is what holds it together: status, schedule, telling. How events come in is in `events`, how reads
//! begin and end in `reading`.

use super::filter::Filter;
use super::heads::{EventHead, Heads};
use super::link::{Link, Socket};
use super::live::Live;
use super::reads::{Mode, Reads};
use super::rows::{Row, Rows, Slot, Tombstone};
use super::saving::Saving;
use super::trust::{Stamp, Trust};
use crate::channels::Standing;
use crate::context::Context;
use echolite_protocol::{ChannelName, Stream};

use crate::{
    Activity, Config, LiveId, Meta, Mono, Name, Output, Payload, Query, ReadTarget, Reason,
    RequestId, ResourceConfig, Status, StatusState, Stored, Term, Verdict, Wall,
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
#[derive(Debug)]
pub(super) struct Consultation<P> {
    pub(super) request: RequestId,
    pub(super) asked: Mono,
    pub(super) event: Name,
    pub(super) data: P,
}

/// An event that waits for one before it.
#[derive(Debug)]
pub(super) struct Held<P> {
    pub(super) head: EventHead,
    pub(super) data: P,
    pub(super) verdict: Verdict<P>,
}

/// How long the last event of a cache channel is waited for after the subscription (milliseconds).
const HEAD_PATIENCE: u64 = 2_000;

/// One resource of a cache.
#[derive(Debug)]
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
    /// Events beyond a gap, and until when they wait for what is missing (rule 11).
    pub(super) held: Vec<Held<P>>,
    pub(super) held_until: Mono,
    /// The event whose one row is being read: once it is, the rows include it.
    pub(super) owed: Option<EventHead>,
    /// Until then, the last event of the cache channels may show that nothing was missed (rule 15).
    pub(super) awaiting_head: Option<Mono>,
    lives: Vec<Live<P>>,
    /// Rows asked for, and when.
    gets: Vec<(RequestId, Name, Stamp)>,
    /// When the list read began that the rows rest on.
    pub(super) rests_on: Stamp,
    told: Status,
    told_at: Mono,
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
            held: Vec::new(),
            held_until: Mono(0),
            owed: None,
            awaiting_head: None,
            lives: Vec::new(),
            gets: Vec::new(),
            rests_on: Stamp::default(),
            told,
            told_at: cx.now.mono,
        }
    }

    fn is_observed(&self) -> bool {
        !self.lives.is_empty() || !self.gets.is_empty()
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

    pub(super) fn get(&mut self, request: RequestId, id: Name) {
        let asked = self.trust.now();
        self.gets.push((request, id, asked));
    }

    pub(super) fn refresh(&mut self, cx: &mut Context<'_, P>) {
        self.trust.doubt_list(Reason::Requested);
        self.reads.requested(cx.now.mono);
    }

    /// Forgets all rows, as if nothing was ever read.
    pub(super) fn clear(&mut self, cx: &mut Context<'_, P>) {
        self.rows = Rows::new();
        self.validator = None;
        self.as_of = None;
        self.heads = Heads::default();
        self.held.clear();
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
            self.reads.confirmed(self.as_of.is_none(), cx);
        } else if self.subscription == Subscription::Confirmed {
            self.trust.doubt_list(Reason::Disconnected);
            self.reads.unconfirmed(cx.now.mono);
            self.held.clear();
            self.awaiting_head = None;
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
        let began = Stamp::default();
        for stored in stored.rows {
            let known = self.rows.slot(&stored.id).is_some();
            match stored.payload {
                _ if known => {}
                None => {
                    let (version, at) = (stored.version, stored.deleted_at);
                    self.rows.bury(
                        stored.id,
                        Tombstone { version, at, touched: began, heard: None, seq: None },
                    );
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
            self.trust.restore();
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

    // --- schedule ----------------------------------------------------------------------------------

    pub(super) fn mode(&self, link: Link) -> Mode {
        let subscribed = self.subscription == Subscription::Confirmed;
        match link.socket {
            Socket::Up if subscribed => {
                Mode::Live { doubted: self.trust.is_list_doubted() || self.is_behind() }
            }
            Socket::Up if matches!(self.subscription, Subscription::Refused { .. }) => {
                Mode::Polling { hidden: link.hidden }
            }
            Socket::Up | Socket::Opening => Mode::Settling { empty: self.as_of.is_none() },
            Socket::Absent => Mode::Polling { hidden: link.hidden },
        }
    }

    /// Whether what changed since the rows' head is all there is to know.
    fn may_ask_since(&self) -> bool {
        self.config.since
            && self.heads.reflected().is_some()
            && self.trust.is_of_link()
            && !self.reads.is_suspecting()
            && self.reads.failure().is_none()
    }

    /// Whether something is known to exist that the rows do not include, and nothing is on its way.
    fn is_behind(&self) -> bool {
        !self.heads.is_reached() && self.held.is_empty() && self.owed.is_none()
    }

    /// Which of a row's keys orders an append list, if it is one.
    pub(super) fn append_key(&self) -> Option<usize> {
        let path = self.config.append.as_ref()?;
        let index = self.config.indexes.iter().position(|index| index == path);
        Some(index.map_or(0, |at| at + 1))
    }

    /// The next read, and when it is due.
    pub(super) fn due(&self, link: Link, config: &Config) -> Option<(Mono, ReadTarget)> {
        if !self.is_observed() || (self.loading && self.as_of.is_none()) {
            return None;
        }
        let mode = self.mode(link);
        let list = self.reads.list_due(mode, config.verify_interval);
        let appends = matches!(mode, Mode::Polling { .. }) && self.as_of.is_some();
        let target = match self.append_key() {
            Some(_) if appends && self.rows.len() > 0 => ReadTarget::Tail,
            _ if self.may_ask_since() => ReadTarget::Since,
            _ => ReadTarget::List,
        };
        let list = list.map(|at| (at.max(self.awaiting_head.unwrap_or(at)), target));
        match mode {
            Mode::Live { doubted: false } if self.trust.doubted_rows().next().is_some() => {
                self.reads.row_due().map(|at| (at, ReadTarget::Row))
            }
            _ => list,
        }
    }

    pub(super) fn deadline(&self, link: Link, config: &Config) -> Option<Mono> {
        let due = self.due(link, config).map(|(at, _)| at);
        let unheard =
            self.consultations.iter().map(|asked| asked.asked).filter(|at| *at >= self.told_at);
        let asked = unheard.max().map(|at| at + 1);
        let held = (!self.held.is_empty()).then_some(self.held_until);
        let own = [due, asked, held, self.reads.deadline(), self.saving.deadline()];
        own.into_iter().flatten().min()
    }

    // --- telling -----------------------------------------------------------------------------------

    pub(super) fn status(&self, link: Link, now: Mono) -> Status {
        Status { state: self.state(link, now), as_of: self.as_of }
    }

    fn state(&self, link: Link, now: Mono) -> StatusState {
        let unreachable = self.reads.failure().filter(|failure| failure.status.is_none());
        let offline = match (link.online, link.socket) {
            (false, socket) if socket != Socket::Up => Some(Reason::NoNetwork),
            (_, Socket::Absent) if unreachable.is_some() => Some(Reason::Unreachable),
            _ => None,
        };
        if let Some(reason) = offline {
            return StatusState::Offline(reason);
        }
        match self.reason(link, now) {
            None => StatusState::Fresh,
            Some(reason) if self.as_of.is_none() => StatusState::Empty(reason),
            Some(reason) => StatusState::Stale(reason),
        }
    }

    /// Why the rows may not be called fresh, the most telling reason first.
    fn reason(&self, link: Link, now: Mono) -> Option<Reason> {
        let doubt = self.trust.reason();
        if let Some(failure) = self.reads.failure()
            && doubt.is_some()
        {
            return Some(Reason::ReadFailed { message: failure.message.clone() });
        }
        if let Subscription::Refused { channel, message } = &self.subscription {
            return Some(Reason::Refused { channel: channel.clone(), message: message.clone() });
        }
        match link.socket {
            Socket::Absent if self.is_observed() => return Some(Reason::Polling),
            Socket::Absent => return Some(Reason::Disconnected),
            Socket::Opening => return Some(doubt.unwrap_or(Reason::Connecting)),
            Socket::Up => {}
        }
        if doubt.is_some() && self.reads.is_suspecting() {
            return Some(Reason::LaggingRead);
        }
        if doubt == Some(Reason::Changed) && self.reads.is_changing() {
            return Some(Reason::Changing);
        }
        // an application in the same thread has answered before anybody could look
        if self.consultations.iter().any(|consultation| consultation.asked < now) {
            return Some(doubt.unwrap_or(Reason::Changed));
        }
        if !self.held.is_empty() {
            return Some(Reason::Gap);
        }
        if doubt.is_none() && !self.heads.is_reached() {
            let owed = self.owed.is_some();
            return Some(if owed { Reason::RowOutdated } else { Reason::LaggingRead });
        }
        match self.subscription {
            Subscription::Confirmed => doubt,
            _ => Some(doubt.unwrap_or(Reason::Subscribing)),
        }
    }

    /// Tells status and rows to whoever looks, where they changed.
    pub(super) fn tell(&mut self, link: Link, cx: &mut Context<'_, P>) {
        self.told_at = cx.now.mono;
        let status = self.status(link, cx.now.mono);
        if status.state != self.told.state {
            let (resource, to) = (self.config.name.clone(), status.clone());
            let from = std::mem::replace(&mut self.told, status.clone());
            cx.emit(Output::Activity(Activity::Status { resource, from, to }));
        }
        for live in &mut self.lives {
            if let Some(update) = live.flush(&self.rows, &status) {
                cx.emit(update);
            }
        }
        self.answer_gets(&status, cx);
    }

    /// A row that is there is given at once; its absence only once a read that began later had its say.
    fn answer_gets(&mut self, status: &Status, cx: &mut Context<'_, P>) {
        if self.gets.is_empty() {
            return;
        }
        let settled = status.state == StatusState::Fresh || self.reads.failure().is_some();
        let (rows, rests_on) = (&self.rows, self.rests_on);
        self.gets.retain(|(request, id, asked)| {
            let row = rows.get(id).map(|row| row.payload.clone());
            let answered = row.is_some() || settled || rests_on > *asked;
            if answered {
                cx.out.push_back(Output::Got(*request, row));
            }
            !answered
        });
    }

    /// Commits what changed, where this engine owns the store.
    pub(super) fn save(&mut self, term: Option<Term>, cx: &mut Context<'_, P>) {
        let Some(term) =
            term.filter(|_| self.config.persist && !self.loading && self.as_of.is_some())
        else {
            return;
        };
        let meta = Meta {
            schema: self.config.schema,
            validator: self.validator.clone(),
            as_of: self.as_of,
            reflected: self.heads.reflected().cloned(),
            positions: Vec::new(),
        };
        let now = (cx.now.mono, cx.now.wall);
        let header = (&self.config.name, term, meta);
        let begun = self.saving.begin(&mut self.rows, header, now, || cx.next_request());
        if let Some((request, batch)) = begun {
            cx.emit(Output::Commit(request, batch));
        }
    }
}
