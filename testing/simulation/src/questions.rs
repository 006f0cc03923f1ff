//! Pages ask for rows, look away and back, and are held to the answers.

use echolite_cache::{Command, Query, RequestId};

use crate::asks::{Ask, FIRST, LONGEST};
use crate::back_end::{BackEnd, IDS, Row};
use crate::client::Client;
use crate::fault::Fault;
use crate::world::{Plan, World};

impl Client {
    fn ask(&mut self, id: u64, at: u64) -> RequestId {
        self.asks.asked += 1;
        let request = FIRST + self.asks.asked;
        let owed = self.owed[id as usize];
        self.asks.waiting.push(Ask { request, id, owed, at });
        request
    }

    /// A question is answered, or refused: then there is no row to judge.
    ///
    /// # Errors
    /// The row is older than what was known when it was asked for.
    pub fn on_answer(
        &mut self,
        back: &BackEnd,
        request: RequestId,
        row: Option<Option<Row>>,
    ) -> Result<(), String> {
        let Some(at) = self.asks.waiting.iter().position(|ask| ask.request == request) else {
            return Ok(());
        };
        let Ask { id, owed, .. } = self.asks.waiting.swap_remove(at);
        // versions that begin again make an answer look like that of a lagging replica
        let begin_again = back.restored > 0 || back.habits.keys_again;
        let misleads = back.kind.versions.is_some() && !back.kind.heads && begin_again;
        let is_judged = self.declaration.hears() && !misleads;
        let Some(row) = row.filter(|_| is_judged) else { return Ok(()) };
        let from = owed.saturating_sub(1);
        let shown = row.as_ref().map(|row| row["n"].as_u64());
        let mut states = back.changes.iter().enumerate().skip(from);
        let never = owed == 0 && shown.is_none();
        let is_true = never
            || states.any(|(_, change)| {
                change.id == id && change.row.as_ref().map(|row| row["n"].as_u64()) == shown
            });
        match is_true {
            true => Ok(()),
            false => Err(format!(
                "row {id} is given as {row:?}, and change {from} or a later one is owed"
            )),
        }
    }

    /// Holds the page to its answers.
    ///
    /// # Errors
    /// A question that is not answered.
    pub fn check_asks(&self, now: u64) -> Result<(), String> {
        match self.asks.waiting.iter().find(|ask| self.is_awake() && ask.at + LONGEST < now) {
            Some(ask) => {
                Err(format!("row {} was asked for at {}, and not answered", ask.id, ask.at))
            }
            None => Ok(()),
        }
    }
}

impl World {
    /// An application asks for a row, looks away or back, or has the list read again.
    pub fn ask(&mut self, at: usize) {
        let is_there = self.clients[at].is_awake() && !self.clients[at].is_closed;
        if self.is_quiet && is_there {
            return self.look(at);
        }
        let pause = self.random.u64(300..4_000);
        self.plan(pause, Plan::Ask(at));
        if !is_there {
            return;
        }
        match self.random.u8(0..6) {
            0 => self.look_away(at),
            1 => self.look(at),
            2 if self.clients[at].asks.is_unseen => {
                self.note(Fault::RefreshedUnseen);
                self.say(|| format!("page {at}: refreshes"));
                self.clients[at].asks.refresh = true;
                self.input(at, Command::Refresh("products".into()));
            }
            _ => self.ask_for_row(at),
        }
    }

    fn ask_for_row(&mut self, at: usize) {
        let (id, now) = (self.random.u64(1..=IDS), self.now);
        if self.clients[at].asks.is_unseen && self.clients[at].asks.is_told {
            self.note(Fault::AskedUnseen);
        }
        let request = self.clients[at].ask(id, now);
        self.say(|| format!("page {at}: asks for row {id} ({request})"));
        self.input(at, Command::Get(request, "products".into(), id.to_string().into()));
    }

    fn look_away(&mut self, at: usize) {
        if !self.clients[at].asks.is_unseen {
            self.say(|| format!("page {at}: looks away"));
            self.clients[at].look_away();
            self.input(at, Command::CloseLive(1));
        }
    }

    fn look(&mut self, at: usize) {
        if std::mem::take(&mut self.clients[at].asks.is_unseen) {
            self.say(|| format!("page {at}: looks again"));
            self.input(at, Command::Live(1, "products".into(), Query::default()));
        }
    }
}
