//! What the back end's writers do, and what goes wrong.

use echolite_cache::Command;
use echolite_core::json::Json;
use echolite_core::{Command as CoreCommand, Input as CoreInput, PageSignal};
use echolite_server::simulation::Node;
use serde_json::json;

use std::ops::Range;

use crate::back_end::{Event, IDS, Row, Write, is_listed};
use crate::client::Role;
use crate::fault::Fault;
use crate::names::WHISPER;
use crate::network::Connection;
use crate::store_queue::empty_store;
use crate::version_forms::PLAIN;
use crate::world::{Load, Plan, World, node};

/// Faults that are brought about; the others happen by themselves.
const BROUGHT_ABOUT: &[Fault] = &[
    Fault::SocketDropped,
    Fault::SocketDropped,
    Fault::HalfOpen,
    Fault::ConnectRefused,
    Fault::ServerRestarted,
    Fault::PublisherCrashed,
    Fault::Uncertain,
    Fault::Whisper,
    Fault::SubscriptionRefused,
    Fault::AuthorisationFailed,
    Fault::SilentAuthoriser,
    Fault::ReadFailed,
    Fault::LaggingRead,
    Fault::Restored,
    Fault::Storm,
    Fault::Frozen,
    Fault::Slept,
    Fault::Offline,
    Fault::Reloaded,
    Fault::CommitFailed,
    Fault::SlowCommit,
    Fault::StoreLost,
    Fault::StoreVanished,
    Fault::StoreVanished,
    Fault::OwnerKilled,
    Fault::LateCommit,
    Fault::LateCommit,
];

impl World {
    // --- the back end's writers --------------------------------------------------------------------

    pub fn write(&mut self) {
        if self.is_quiet {
            return;
        }
        if self.lasts(self.trouble.stopped) {
            return self.plan_at(self.trouble.stopped, Plan::Write);
        }
        let mut writes = vec![self.choose_write()];
        if self.chance(6) {
            let second = self.choose_write();
            if id_of(second) != id_of(writes[0]) {
                self.note(Fault::Transaction);
                writes.push(second);
            }
        }
        let now = self.now;
        self.say(|| format!("the back end commits {writes:?}"));
        let events = self.back.commit(now, &writes, &mut self.random);
        self.note_habits(&events);
        // a crash between commit and publish
        let is_lost = self.habits.verifies_soon() && self.chance(12);
        for event in events {
            if is_lost {
                self.note(Fault::NeverPublished);
                self.say(|| format!("event {event} is never published"));
                self.back.lose(event);
            } else {
                self.publish_later(event);
            }
        }
        let pause = match (self.load, self.random.u8(0..3)) {
            _ if self.lasts(self.trouble.storm) => 10..100,
            (Load::Light, _) => 3_000..10_000,
            (Load::Heavy, 0) => 20..21,
            (Load::Heavy, _) => 50..4_000,
        };
        let pause = self.random.u64(pause);
        self.plan(pause, Plan::Write);
    }

    /// Notes what the events that follow from a transaction show of the back end's habits.
    fn note_habits(&mut self, events: &Range<usize>) {
        if std::mem::take(&mut self.back.began_life) {
            self.note(Fault::KeyUsedAgain);
        }
        for event in events.clone() {
            let Event { carries_rows, changes, is_poor, .. } = &self.back.events[event];
            let (carries_rows, is_poor) = (*carries_rows, *is_poor);
            let changes = &self.back.changes[changes.clone()];
            let leaves = changes.iter().any(|change| {
                let listed = |row: &Option<Row>| row.as_ref().is_some_and(|row| is_listed(row));
                listed(&change.before) && change.row.is_some() && !listed(&change.row)
            });
            if leaves {
                self.note(Fault::LeftFilter);
            }
            if carries_rows && self.habits.versions != PLAIN {
                self.note(Fault::VersionForms);
            }
            if is_poor {
                self.note(Fault::PoorerRow);
            }
        }
    }

    fn choose_write(&mut self) -> Write {
        let id = self.random.u64(1..=IDS);
        let last = self.back.last_change(id, self.back.changes.len());
        if last.is_some_and(|at| self.back.changes[at].at / 1_000 == self.now / 1_000) {
            self.note(Fault::EqualTimestamps);
        }
        match (self.back.row(id).is_some(), self.random.u8(0..8)) {
            (true, 0) => {
                self.note(Fault::HardDeleted);
                Write::Delete(id)
            }
            (true, 1) => {
                self.note(Fault::SoftDeleted);
                Write::Trash(id)
            }
            (true, _) => Write::Put(id),
            (false, _) => {
                if last.is_some() {
                    self.note(Fault::Recreated);
                }
                Write::Put(id)
            }
        }
    }

    /// Queued events of different writers may swap; those with heads come from an outbox, in order, or the last
    /// event of a channel would not be that of the highest head.
    fn publish_later(&mut self, event: usize) {
        let mut delay = if self.random.bool() { 0 } else { self.random.u64(0..1_500) };
        if self.back.kind.heads {
            delay = delay.max(self.outbox_busy.saturating_sub(self.now));
            self.outbox_busy = self.now + delay;
            self.outbox.push_back(event);
        }
        self.plan(delay, Plan::Publish(event));
    }

    // --- what goes wrong ---------------------------------------------------------------------------

    pub fn mischief(&mut self) {
        if self.is_quiet {
            return;
        }
        let at = self.random.usize(0..BROUGHT_ABOUT.len());
        self.bring_about(BROUGHT_ABOUT[at]);
        let pause = match self.load {
            Load::Light => self.random.u64(8_000..25_000),
            Load::Heavy => self.random.u64(300..4_000),
        };
        self.plan(pause, Plan::Fault);
    }

    fn bring_about(&mut self, fault: Fault) {
        self.say(|| format!("fault: {}", fault.words()));
        let for_a_while = self.now + self.random.u64(500..6_000);
        match fault {
            Fault::ConnectRefused => {
                self.trouble.server_down = for_a_while;
                self.drop_socket();
            }
            Fault::ServerRestarted => {
                self.note(fault);
                let node = self.another_node();
                self.restart(node);
                self.trouble.server_down = self.now + self.random.u64(0..3_000);
            }
            Fault::PublisherCrashed => self.crash_publisher(),
            Fault::SubscriptionRefused => {
                self.trouble.refusing = for_a_while;
                self.drop_socket();
            }
            Fault::AuthorisationFailed => {
                self.trouble.not_authorising = for_a_while;
                self.drop_socket();
            }
            Fault::SilentAuthoriser if self.habits.silent_authoriser => {
                self.trouble.not_signing = for_a_while;
                self.drop_socket();
            }
            Fault::SilentAuthoriser => {}
            Fault::ReadFailed => {
                self.trouble.reads_fail = for_a_while;
                self.ask_for_read();
            }
            Fault::Uncertain => self.mark_uncertain(for_a_while),
            Fault::LaggingRead => self.trouble.replica_lags = for_a_while + 8_000,
            Fault::Restored if self.back.kind.heads => self.restore(),
            // without epochs, versions of a backup's rows must not come again
            Fault::Restored if self.habits.keys_again => {}
            Fault::Restored => self.stop(),
            Fault::Storm => {
                self.note(fault);
                self.trouble.storm = for_a_while;
                self.plan(0, Plan::Write);
            }
            Fault::CommitFailed
            | Fault::SlowCommit
            | Fault::StoreLost
            | Fault::StoreVanished
            | Fault::LateCommit => self.trouble_store(fault, for_a_while),
            _ => self.trouble_page(fault),
        }
    }

    fn another_node(&mut self) -> Node {
        let seed: u64 = self.random.u64(..);
        node(seed)
    }

    /// Events wait in the outbox until the publisher is up again; the order of heads is kept.
    fn crash_publisher(&mut self) {
        let until = self.now + self.random.u64(2_000..10_000);
        self.trouble.publisher_down = until;
        self.outbox_busy = self.outbox_busy.max(until);
    }

    /// Versions do not tell a backup's rows from late ones. Who has no epochs stops the application before they
    /// restore one, and the server too, until nothing of before is on its way.
    fn stop(&mut self) {
        if self.lasts(self.trouble.stopped) {
            return;
        }
        let arrivals = self.connections.iter().filter(|connection| connection.is_open());
        let last = arrivals.map(Connection::last_arrival).max().unwrap_or(self.now);
        let until = last.max(self.now) + self.random.u64(1..3_000);
        let node = self.another_node();
        self.restart(node);
        self.trouble.server_down = until;
        self.trouble.stopped = until;
        self.plan_at(until, Plan::Restore);
    }

    /// The rows of a while ago are those of now. Nothing is written or published while that is done.
    pub fn restore(&mut self) {
        if self.is_quiet {
            return;
        }
        let ago = self.random.u64(500..20_000);
        let length = self.back.length_at(self.now.saturating_sub(ago));
        if length == 0 || length == self.back.changes.len() {
            return;
        }
        self.note(Fault::Restored);
        let now = self.now;
        let event = self.back.restore(now, length, &mut self.random);
        self.publish_later(event);
    }

    fn trouble_store(&mut self, fault: Fault, until: u64) {
        let at = self.random.usize(0..2);
        let scope = &mut self.scopes[at];
        match fault {
            Fault::CommitFailed => scope.commits_fail_until = until,
            Fault::SlowCommit => scope.commits_slow_until = until,
            Fault::StoreLost => {
                self.note(fault);
                self.lose_store(at);
            }
            // noted when its owner finds out
            Fault::StoreVanished => self.empty_store(at),
            _ => {
                scope.commits_slow_until = until;
                self.plan(0, Plan::Steal(at));
            }
        }
    }

    /// The store is gone when the pages come back.
    fn lose_store(&mut self, scope: usize) {
        let pages = 0..self.clients.len();
        let of_scope = |at: &usize| {
            let client = &self.clients[*at];
            client.scope == scope && client.role == Role::Cache && client.is_alive
        };
        let pages: Vec<usize> = pages.filter(of_scope).collect();
        if pages.iter().any(|at| !self.clients[*at].is_awake()) {
            return;
        }
        for at in pages {
            self.kill(at);
            let after = self.random.u64(20..500);
            self.plan(after, Plan::Boot(at));
        }
        self.empty_store(scope);
    }

    /// The browser has evicted what it kept: every connection is to a store in which nothing is.
    fn empty_store(&mut self, scope: usize) {
        (self.scopes[scope].store, self.scopes[scope].newest) = (empty_store(self.now), 0);
        for client in self.clients.iter_mut().filter(|client| client.scope == scope) {
            client.store_queue.connection = None;
        }
    }

    /// A page that shows the list, and is awake.
    fn victim(&mut self) -> Option<usize> {
        let at = self.random.usize(0..self.clients.len());
        let client = &self.clients[at];
        (client.role == Role::Cache && client.is_awake()).then_some(at)
    }

    fn drop_socket(&mut self) {
        if let Some(connection) = self.victim().and_then(|at| self.clients[at].connection) {
            self.note(Fault::SocketDropped);
            self.cut(connection);
        }
    }

    fn ask_for_read(&mut self) {
        if let Some(at) = self.victim() {
            self.input(at, Command::Refresh("products".into()));
        }
    }

    fn trouble_page(&mut self, fault: Fault) {
        if fault == Fault::Whisper {
            return self.whisper();
        }
        let Some(at) = self.victim() else { return };
        match fault {
            Fault::HalfOpen => {
                let Some(connection) = self.clients[at].connection else { return };
                self.note(fault);
                self.connections[connection].is_dead = true;
            }
            Fault::Frozen => self.freeze(at),
            Fault::Slept => self.sleep(at),
            Fault::Offline => self.go_offline(at),
            Fault::OwnerKilled => {
                if let Some((owner, _)) = self.scopes[self.clients[at].scope].holder
                    && self.clients[owner].is_awake()
                {
                    self.kill(owner);
                    let after = self.random.u64(500..5_000);
                    self.plan(after, Plan::Boot(owner));
                }
            }
            Fault::Reloaded => self.reload(at),
            _ => self.drop_socket(),
        }
    }

    fn reload(&mut self, at: usize) {
        self.note(Fault::Reloaded);
        self.kill(at);
        let after = self.random.u64(20..500);
        self.plan(after, Plan::Boot(at));
    }

    /// A user who reloads a page every few seconds waits at least for its read.
    pub fn load_anew(&mut self, at: usize) {
        let client = &self.clients[at];
        if self.is_quiet {
            return;
        }
        if !client.is_awake() || client.reading > 0 {
            return self.plan(100, Plan::LoadAnew(at));
        }
        let is_restless = self.habits.restless;
        if client.is_fresh() && is_restless {
            self.note(Fault::Restless);
        }
        self.reload(at);
        self.plan(if is_restless { 4_000 } else { 12_000 }, Plan::LoadAnew(at));
    }

    fn freeze(&mut self, at: usize) {
        self.note(Fault::Frozen);
        let until = self.now + self.random.u64(1_000..20_000);
        self.clients[at].suspended = Some(until);
        self.wake(at);
        // frames that came meanwhile may be told before the page hears that it is resumed
        let signal = Plan::Signal(self.page(at), PageSignal::Resumed);
        let after = self.random.u64(0..2);
        self.plan_at(until + after, signal);
    }

    /// The machine sleeps, with all its pages: the monotonic clock stands still.
    fn sleep(&mut self, at: usize) {
        let scope = self.clients[at].scope;
        if self.clients.iter().any(|client| client.scope == scope && !client.is_awake()) {
            return;
        }
        self.note(Fault::Slept);
        let duration = self.random.u64(3_000..40_000);
        let loses_network = self.random.bool();
        for at in (0..self.clients.len())
            .filter(|at| self.clients[*at].scope == scope)
            .collect::<Vec<_>>()
        {
            let client = &mut self.clients[at];
            client.slept += duration;
            client.suspended = Some(self.now + duration);
            if let Some(connection) = client.connection.filter(|_| loses_network) {
                self.connections[connection].is_dead = true;
            }
            self.wake(at);
        }
    }

    fn go_offline(&mut self, at: usize) {
        self.note(Fault::Offline);
        let page = self.page(at);
        self.hand(page, CoreInput::Page(PageSignal::Offline));
        self.hand(page, CoreInput::Page(PageSignal::Hidden));
        let after = self.random.u64(500..5_000);
        self.plan(after, Plan::Signal(page, PageSignal::Online));
        self.plan(after, Plan::Signal(page, PageSignal::Visible));
        if let Some(connection) = self.clients[at].connection.filter(|_| after > 2_000) {
            self.connections[connection].is_dead = true;
        }
    }

    /// A client says what only the back end may: that a row is other than it is.
    fn whisper(&mut self) {
        let listening = self.clients.iter().position(|client| {
            client.role == Role::Listener && client.is_awake() && client.connection.is_some()
        });
        let Some(at) = listening else { return };
        self.note(Fault::Whisper);
        let id = self.random.u64(1..=IDS);
        let data = json!({
            "client_refresh": { "id": id, "v": 1_000_000, "n": 1_000_000 },
            "head": { "epoch": "e1", "seq": 1_000_000, "prev": 1 },
        });
        let (channel, event) = (self.back.kind.channels()[0].into(), WHISPER.into());
        let command = CoreCommand::Trigger { channel, event, data: Json::from(data) };
        self.input(at, command);
    }
}

const fn id_of(write: Write) -> u64 {
    match write {
        Write::Put(id) | Write::Delete(id) | Write::Trash(id) => id,
    }
}
