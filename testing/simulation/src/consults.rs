//! Applications that are asked what an event does: whether its row belongs to the list. Some are slow, some never answer.
//!
//! An event counts when its answer is there. The question alone says nothing of the list for a moment, and no longer.

use echolite_cache::{Advice, Input, Mono, Reaction, RequestId};
use echolite_core::json::Json;
use serde_json::Value;

use crate::asked::Asked;
use crate::back_end::{BackEnd, is_listed};
use crate::client::Client;
use crate::fault::Fault;
use crate::world::{Page, Plan, World};

/// A question says nothing of the list for so long, and is given up after so long (milliseconds).
const QUESTION: u64 = 50;
const GIVEN_UP: u64 = 4_000;
/// The slowest answer: it comes when nobody waits for it.
const SLOWEST: u64 = 6_000;

impl Client {
    /// An event has come, and its application was not asked about it: it counts from now on.
    pub fn on_event(&mut self, back: &BackEnd) {
        if let Some(event) = self.arriving.take() {
            self.owe_event(back, event);
        }
    }

    /// Its application is asked about the event that comes now.
    fn on_consult(&mut self, request: RequestId, at: Mono) {
        if let Some(event) = self.arriving.take() {
            self.asked.push(Asked { request, event, at, is_answered: false });
        }
    }

    /// Its application has said what an event does. Answers count in the order of the events.
    fn on_advised(&mut self, back: &BackEnd, request: RequestId) {
        if let Some(asked) = self.asked.iter_mut().find(|asked| asked.request == request) {
            asked.is_answered = true;
        }
        while self.asked.first().is_some_and(|asked| asked.is_answered) {
            let event = self.asked.remove(0).event;
            self.owe_event(back, event);
        }
    }

    /// The events count about which the application is asked for too long. One that was not called in time knows no better.
    pub fn owe_unanswered(&mut self, back: &BackEnd, now: u64) {
        if !self.is_awake() || self.wake.is_some_and(|at| at <= now) {
            return;
        }
        let now = self.moment(now).mono;
        let late = self.asked.iter().filter(|asked| now - asked.at > QUESTION);
        let late: Vec<usize> = late.map(|asked| asked.event).collect();
        late.into_iter().for_each(|event| self.owe_event(back, event));
        self.asked.retain(|asked| now - asked.at <= GIVEN_UP);
    }
}

impl World {
    /// The page's application is asked about an event: which of its rows belong to the list.
    pub fn consult(&mut self, page: Page, request: RequestId, data: &Json) {
        let client = &mut self.clients[page.0];
        client.on_consult(request, client.moment(self.now).mono);
        let rows = &data.0["client_refresh"];
        let rows = rows.as_array().map_or(std::slice::from_ref(rows), Vec::as_slice);
        let belongs = match rows.iter().all(Value::is_object) {
            true => rows.iter().map(is_listed).collect(),
            false => Vec::new(),
        };
        let advice = Advice { belongs, ..Advice::declared(Reaction::Auto) };
        let after = match self.random.u8(0..8) {
            _ if self.is_quiet => 0,
            0 => {
                self.note(Fault::AdvisedLate);
                self.random.u64(QUESTION..SLOWEST)
            }
            1 => return self.note(Fault::NotAdvised),
            2 | 3 => self.random.u64(1..QUESTION),
            _ => 0,
        };
        self.plan(after, Plan::Advised(page, request, Box::new(advice)));
    }

    /// The application's answer comes.
    pub fn advised(&mut self, page: Page, request: RequestId, advice: Advice<Json>) {
        if !self.is_there(page) {
            return;
        }
        if let Some(until) = self.suspended(page) {
            return self.plan_at(until, Plan::Advised(page, request, Box::new(advice)));
        }
        self.clients[page.0].on_advised(&self.back, request);
        self.input(page.0, Input::Consulted(request, advice));
    }
}
