//! Answers that never come, break off, or take long: what the page tells its engine of them (`npm/src/cache/patience.ts`).

use echolite_cache::{Input, ReadFailure, ReadRequest, RequestId};

use crate::fault::Fault;
use crate::world::{Page, Plan, World};

/// The page gives an answer up after so much silence (milliseconds), a little before its engine does…
const SILENCE: u64 = 29_750;
/// … unless its timers are late: then what it tells comes after its engine has given up, too.
const LATE: u64 = 30_500;
/// While an answer comes, the engine is told about so often.
const NEWS: u64 = 1_000;
/// The longest answer that comes whole.
const LONGEST: u64 = 45_000;
/// One in so many reads, where answers break.
const BREAKS: u32 = 8;

impl World {
    /// Decides whether this read is answered as it should be; `false`: what becomes of it is planned.
    pub fn is_answered_well(&mut self, page: Page, read: &ReadRequest) -> bool {
        if self.is_quiet || !self.habits.answers_break || !self.chance(BREAKS) {
            return true;
        }
        let request = read.request;
        let silence = if self.random.bool() { SILENCE } else { LATE };
        match self.random.u8(0..4) {
            0 => {
                self.note(Fault::ReadHung);
                self.fail_after((page, request), silence, None);
            }
            // its status is known, and some of its body
            1 => {
                let comes = self.comes_for((page, request), 0..5_000);
                self.fail_after((page, request), comes, Some(200));
            }
            2 => {
                let comes = self.comes_for((page, request), 0..5_000);
                self.note(Fault::ReadHung);
                self.fail_after((page, request), comes + silence, Some(200));
            }
            _ => {
                let comes = self.comes_for((page, request), SILENCE..LONGEST);
                self.note(Fault::LongAnswer);
                // the back end read its rows when it was asked
                let answer = self.answer_now(page, read);
                self.plan(comes, Plan::ReadAnswered(page, request, answer));
            }
        }
        false
    }

    /// Parts of an answer come for a while; how long.
    fn comes_for(
        &mut self,
        (page, request): (Page, RequestId),
        range: std::ops::Range<u64>,
    ) -> u64 {
        let duration = self.random.u64(range);
        for at in (NEWS..duration).step_by(NEWS as usize) {
            self.plan(at, Plan::ReadProgress(page, request));
        }
        duration
    }

    fn fail_after(&mut self, (page, request): (Page, RequestId), after: u64, status: Option<u16>) {
        if status.is_some() {
            self.note(Fault::BrokenOff);
        }
        let message = "nothing of its answer came, or half of it".into();
        let failure = ReadFailure { status, message, retry_after: None };
        self.plan(after, Plan::ReadAnswered(page, request, Err(failure)));
    }

    /// A part of an answer came.
    pub fn progressed(&mut self, page: Page, request: RequestId) {
        if self.is_there(page) && self.suspended(page).is_none() {
            self.input(page.0, Input::ReadProgress(request));
        }
    }
}
