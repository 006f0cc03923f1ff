//! One resource: its rows, how fresh they are, who looks at them.
//!
//! This folder is the upper floor of the cache: it wires machines that know nothing of each other (rows, event order,
//! freshness, read schedule, …), which stand in files beside the folder and never import from it.
//!
//! | file | wires |
//! |---|---|
//! | `events` | an event, from its reaction to its outcome |
//! | `row_changes` | the rows that an event carries |
//! | `read_due` | which read is next, and when |
//! | `read_request` | the beginning and the end of a read |
//! | `read_reply` | the answers to reads of the list and its rows |
//! | `page_reply` | the answers to reads of its pages |
//! | `gets` | rows that somebody asked for one by one |
//! | `recovery` | the channels: subscriptions, replays, positions |
//! | `storing` | what the store keeps, and gives back |
//! | `status` | fresh, or the reason why not |
//! | `timers` | everything that is waited for |

mod events;
mod gets;
mod inspect;
mod page_reply;
mod read_due;
mod read_reply;
mod read_request;
mod recovery;
mod row_changes;
mod status;
mod storing;
mod timers;

use crate::consultations::Consultations;
use crate::context::Context;
use crate::event_order::EventOrder;
use crate::filter::Filter;
use crate::freshness::{Freshness, Stamp};
use crate::last_read::LastRead;
use crate::live::LiveQueries;
use crate::outsiders::Outsiders;
use crate::pages::Pages;
use crate::read_schedule::ReadSchedule;
use crate::row_positions::RowPositions;
use crate::rows::{Row, Rows, Tombstone};
use crate::second_read::SecondRead;
use crate::single_rows::{Get, SingleRows};
use crate::status_log::StatusLog;
use crate::subscription::Subscription;
use crate::unsaved::Unsaved;
use crate::verification::Verification;
use crate::warnings::Warnings;
use crate::{
    Activity, Config, LiveId, Name, Output, Payload, Query, Reason, RequestId, ResourceConfig,
    Status, StatusState, WarningCode,
};

/// Limit for the store to answer (milliseconds); then the list is read without it.
const STORE_PATIENCE: u64 = 5_000;

/// One resource of a cache.
#[derive(Clone, Debug)]
pub(crate) struct Resource<P> {
    config: ResourceConfig,
    rows: Rows<P>,
    freshness: Freshness,
    order: EventOrder<P>,
    /// The read that the rows rest on.
    last_read: LastRead,
    subscription: Subscription,
    /// The events of its channels that the rows include, or that are kept in mind.
    positions: RowPositions,
    consultations: Consultations<P>,
    /// The time for which the rows may be called fresh without another read.
    verification: Verification,
    /// The moment at which the application asked for a refresh, until a read that began later is taken.
    refresh_asked: Option<Stamp>,
    schedule: ReadSchedule,
    second_read: SecondRead,
    pages: Pages<P>,
    single_rows: SingleRows<P>,
    outsiders: Outsiders,
    lives: LiveQueries<P>,
    status_log: StatusLog,
    unsaved: Unsaved,
    warnings: Warnings,
}

impl<P: Payload> Resource<P> {
    /// A resource as it is declared. Where the cache has a store, that is asked for its rows first.
    pub(crate) fn new(config: ResourceConfig, of: &Config, cx: &mut Context<'_, P>) -> Self {
        let loading = of.persist && config.persist;
        if loading {
            cx.emit(Output::Load(config.stored_as()));
        }
        Self {
            config,
            rows: Rows::new(),
            freshness: Freshness::new(Reason::Loading),
            order: EventOrder::new(),
            last_read: LastRead::none(),
            subscription: Subscription::Pending,
            positions: RowPositions::default(),
            consultations: Consultations::new(),
            verification: Verification::new(of.verify_interval, of.read_timeout, cx.now.mono),
            refresh_asked: None,
            schedule: ReadSchedule::new(cx.now.mono),
            second_read: SecondRead::default(),
            pages: Pages::new(),
            single_rows: SingleRows::new(),
            outsiders: Outsiders::default(),
            lives: LiveQueries::new(),
            status_log: StatusLog::new(cx.now.mono),
            unsaved: Unsaved::new(loading.then(|| cx.now.mono + STORE_PATIENCE)),
            warnings: Warnings::default(),
        }
    }

    pub(crate) fn config(&self) -> &ResourceConfig {
        &self.config
    }

    /// Whether events of this channel speak of the resource.
    pub(crate) fn hears(&self, channel: &Name) -> bool {
        self.config.channels.contains(channel)
    }

    /// Whether this answer is for a read of this resource.
    pub(crate) fn awaits_answer(&self, request: RequestId) -> bool {
        self.schedule.flight().is_some_and(|flight| flight.request == request)
    }

    /// The larger the crowd of subscribers, the wider its reads are spread (rule 12).
    pub(crate) fn on_count(&mut self, subscribers: u64) {
        self.schedule.crowd(subscribers);
    }

    // --- commands ----------------------------------------------------------------------------------

    pub(crate) fn open_live(&mut self, id: LiveId, query: Query) -> Result<(), String> {
        let filter = Filter::new(query, &self.config)?;
        self.lives.open(id, filter, &self.rows);
        Ok(())
    }

    pub(crate) fn close_live(&mut self, id: LiveId) {
        self.lives.close(id);
    }

    pub(crate) fn refresh(&mut self, cx: &mut Context<'_, P>) {
        self.freshness.mark_stale(Reason::Requested);
        self.refresh_asked = Some(self.freshness.now());
        self.schedule.requested(cx.now.mono);
    }

    /// Forgets all, and tells whoever looks or waits. Nothing of it comes back.
    pub(crate) fn end(mut self, cx: &mut Context<'_, P>) {
        self.rows = Rows::new();
        self.lives.rebuild(&self.rows);
        self.tell(&Status { state: StatusState::Empty(Reason::Cleared), as_of: None }, cx);
        for Get { request, .. } in self.single_rows.take(|_| true) {
            let message = Reason::Cleared.detail().unwrap_or_default();
            cx.emit(Output::Rejected { id: request, message });
        }
    }

    // --- rows --------------------------------------------------------------------------------------

    fn put_row(&mut self, row: Row<P>) {
        self.unsaved.touch(&row.id);
        let (slot, old) = self.rows.put(row);
        self.lives.update(&self.rows, slot, old.as_ref());
    }

    /// Takes a row out of the list; a tombstone stays.
    fn remove_row(&mut self, id: &Name, tombstone: Tombstone) {
        self.unsaved.touch(id);
        if let Some((slot, old)) = self.rows.take(id) {
            self.lives.update(&self.rows, slot, Some(&old));
        }
        self.rows.bury(id.clone(), tombstone);
    }

    // --- freshness ---------------------------------------------------------------------------------

    /// Marks the list as stale: a read follows, spread with those of others who heard the same.
    pub(crate) fn mark_stale(&mut self, reason: Reason, cx: &mut Context<'_, P>) {
        let already = self.freshness.is_list_stale();
        self.freshness.mark_stale(reason);
        self.schedule.broadcast(already, cx.now.mono, cx.random);
        if self.second_read.is_awaited() {
            self.schedule.hasten(cx.now.mono, cx.random);
        }
    }

    /// An event may have come before its change can be read (rule 4d), unless a replay brought it, or nobody looks.
    /// `unspecific`: it only said that something changed.
    fn owe_second_read(&mut self, unspecific: bool, cx: &mut Context<'_, P>) {
        if self.is_observed() && !self.subscription.awaits_replay() {
            let since = self.freshness.now();
            self.second_read.owe(unspecific, since, cx.now.mono, cx.random);
            let was_away = self.freshness.is_list_stale() && self.freshness.is_of_link();
            if was_away || self.last_read.is_none() {
                self.second_read.outdated();
            }
        }
    }

    /// Tells what only a developer can mend, once for its subject: the first of `values`, or the resource.
    fn warn(&mut self, code: WarningCode, values: &[&str], cx: &mut Context<'_, P>) {
        let subject = values.first().copied().unwrap_or_default().into();
        if self.warnings.is_news(code, &subject) {
            let values = values.iter().map(|value| (*value).into()).collect();
            let resource = self.config.name.clone();
            cx.emit(Output::Activity(Activity::Warning { resource, code, values }));
        }
    }

    /// A head or a replay shows that nothing was missed.
    fn confirm(&mut self, cx: &mut Context<'_, P>) {
        self.freshness.confirm();
        self.verification.confirm(self.last_read.as_of, cx.now, cx.random);
        self.unsaved.confirm();
    }
}
