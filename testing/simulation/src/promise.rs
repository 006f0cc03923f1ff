//! The promise, kept by the simulation: `fresh` means that every row, and the membership, is as the back end had it
//! at a moment between what is owed and now.
//!
//! Owed is, by what the world knows and the engine is not told: what was committed before the read began on
//! which the rows rest; what was published before the subscription was confirmed; and every event that came on
//! this connection. Where the back end gives heads, an event owes all that was committed before it too.
//!
//! And it means that somebody looked not long ago: the read on which the rows rest began no longer ago than the
//! interval of verification and the time that one read has. After an absence there is one read, soon, the list being
//! fresh meanwhile; however often the page is loaded anew, that is not longer than one read either.
//!
//! Who listens is promised less: to be told of each event that comes, at once, once, and with its data.

use echolite_core::json::Json;
use serde_json::Value;

use crate::back_end::{BackEnd, IDS, RICH};
use crate::client::{Client, Role};
use crate::names::START;
use crate::network::{Connection, Mark};
use crate::store_queue::Scope;

/// A read has so long to be answered (milliseconds).
const READ_DEADLINE: u64 = 30_000;
/// After an absence, the read that verifies begins within this.
const AFTER_ABSENCE: u64 = 5_000;

impl Client {
    fn owe(&mut self, id: u64, change: usize) {
        let owed = &mut self.owed[id as usize];
        *owed = (*owed).max(change + 1);
    }

    /// The first `length` changes are owed.
    fn owe_all(&mut self, back: &BackEnd, length: usize) {
        for id in 1..=IDS {
            if let Some(change) = back.last_change(id, length) {
                self.owe(id, change);
            }
        }
    }

    pub fn owe_event(&mut self, back: &BackEnd, event: usize) {
        let changes = back.events[event].changes.clone();
        if back.kind.heads {
            return self.owe_all(back, changes.end);
        }
        for at in changes {
            self.owe(back.changes[at].id, at);
        }
    }

    /// A frame has come: what the engine must know from now on.
    pub fn on_frame(&mut self, back: &BackEnd, connection: &mut Connection, mark: Mark) {
        match mark {
            Mark::None => {}
            Mark::Event { event, channel } if self.role == Role::Listener => {
                let is_joined = connection.confirmed[channel].is_some();
                self.untold = (!self.is_closed).then_some((event, is_joined));
            }
            Mark::Event { .. } if self.is_closed => {}
            Mark::Event { event, .. } => {
                connection.handled.push(event);
                self.asks.is_told = true;
                self.arriving = Some(event);
            }
            Mark::Confirmed { channel, publications, subscription } => {
                // an answer to a subscription that was left says nothing
                if !connection.is_wanted[channel] || connection.asked[channel] != subscription {
                    return;
                }
                connection.confirmed[channel] = Some(publications);
                for (at, event) in back.events.iter().enumerate() {
                    if event.publication(channel).is_some_and(|own| own < publications) {
                        self.owe_event(back, at);
                    }
                }
            }
        }
    }

    /// Its application is told of an event.
    ///
    /// # Errors
    /// No event is due, or another one.
    pub fn on_told(&mut self, back: &BackEnd, data: &Json) -> Result<(), String> {
        let (due, _) =
            self.untold.take().ok_or("the application is told of an event that did not come")?;
        let sent: Option<Value> = serde_json::from_str(&back.events[due].data).ok();
        match sent.is_some_and(|sent| sent == *data.0) {
            true => Ok(()),
            false => Err(format!("event {due} came, and the application is told {data:?}")),
        }
    }

    /// Holds a page that listens to its promise.
    ///
    /// # Errors
    /// An event that came, and of which the application was not told.
    pub fn check_told(&mut self) -> Result<(), String> {
        match self.untold.take() {
            Some((event, true)) => {
                Err(format!("event {event} came, and the application was not told"))
            }
            // of a subscription before the one that is asked for
            Some((_, false)) | None => Ok(()),
        }
    }

    /// Time passes: notes for how long it is called fresh though nobody looked for longer than is promised.
    pub fn grow_older(&mut self, (from, to): (u64, u64), verify_interval: u64) {
        let as_of = self.status.as_ref().and_then(|status| status.as_of);
        let Some(as_of) = as_of.filter(|_| self.is_fresh()) else { return };
        if self.overdue.0 != as_of.0 {
            self.overdue = (as_of.0, 0);
        }
        let due = as_of.0 + verify_interval - START;
        self.overdue.1 += to.saturating_sub(due.max(from));
    }

    /// Holds the page to what it says.
    ///
    /// # Errors
    /// What it shows that it must not, if it says `fresh`.
    pub fn check(
        &mut self,
        (back, now): (&BackEnd, u64),
        scope: &Scope,
        connection: Option<&Connection>,
    ) -> Result<(), String> {
        self.owe_unanswered(back, now);
        if !self.is_awake() || !self.is_fresh() || !self.declaration.hears() {
            return Ok(());
        }
        let connection = connection.ok_or("fresh without a connection")?;
        if connection.confirmed[..back.channels].iter().any(Option::is_none) {
            return Err("fresh without a confirmed subscription".into());
        }
        let as_of = self.status.as_ref().and_then(|status| status.as_of);
        let as_of = as_of.ok_or("fresh, and nothing was ever read")?;
        let confirmed = scope.confirms.get(&as_of.0);
        let confirmed =
            confirmed.ok_or_else(|| format!("fresh as of {as_of:?}, when no read began"))?;
        let (resting_on, overdue) = self.overdue;
        if resting_on == as_of.0 && overdue > READ_DEADLINE + AFTER_ABSENCE {
            return Err(format!(
                "fresh for {overdue} ms beyond the interval of verification (as of {})",
                as_of.0 - START
            ));
        }
        self.owe_all(back, *confirmed);
        let mut shown = [None; IDS as usize + 1];
        for row in &self.rows {
            let id = row["id"].as_u64().filter(|id| *id <= IDS).ok_or("a row of nobody's")?;
            if !self.declaration.shows(id) {
                return Err(format!("fresh, but row {id} is of another declaration"));
            }
            shown[id as usize] = row["n"].as_u64();
            if back.habits.poorer_rows && row[RICH]["of"] != row["n"] {
                return Err(format!("fresh, but row {id} lacks what only the list has: {row}"));
            }
        }
        for id in (1..=IDS).filter(|id| self.declaration.shows(*id)) {
            let (owed, shown) = (self.owed[id as usize], shown[id as usize]);
            let from = owed.saturating_sub(1);
            let never = owed == 0 && shown.is_none();
            if !never && !back.states(id, from).any(|state| state == shown) {
                return Err(format!(
                    "fresh, but row {id} is shown as {}, and change {from} or a later one is owed \
                     (as of {})",
                    shown.map_or("absent".into(), |n| format!("change {n} made it")),
                    as_of.0 - START,
                ));
            }
        }
        Ok(())
    }

    /// Whether it shows exactly what the back end has, and says so.
    pub fn is_settled(&self, back: &BackEnd) -> bool {
        let mut rows: Vec<_> = self.rows.iter().map(|row| row["n"].as_u64()).collect();
        let listed = back.listed_at(back.changes.len());
        let listed =
            listed.filter(|row| row["id"].as_u64().is_some_and(|id| self.declaration.shows(id)));
        let mut listed: Vec<_> = listed.map(|row| row["n"].as_u64()).collect();
        rows.sort_unstable();
        listed.sort_unstable();
        self.is_awake()
            && self.is_fresh()
            && self.asks.is_over()
            && (rows == listed || !self.declaration.hears())
    }
}
