//! Everything that a resource waits for: one table says until when, and one function carries out what is due. It is
//! called twice after each input, because a question may be answered between a deadline that passed and the next read.

use echolite_core::timers::{Timeout, TimerName, Timers};
use echolite_core::{Channels, timer_names};

use super::Resource;
use crate::context::Context;
use crate::surroundings::Surroundings;
use crate::{Mono, Payload};

timer_names! {
    /// The timers of a resource.
    enum Timer {
        /// The application has not said what an event does.
        Advice = "advice",
        /// Nothing closed a gap between events.
        Gap = "gap",
        /// A read was not answered.
        Answer = "answer deadline",
        /// The next read is to begin.
        Read = "read",
        /// The status is to be looked at again, because the application has not answered at once.
        Consultation = "consultation",
        /// The rows become too old to be called fresh.
        Verification = "verification",
        /// A commit failed, and is to be tried again.
        Commit = "commit",
        /// The store was asked for the rows.
        Load = "store deadline",
    }
}

impl<P: Payload> Resource<P> {
    /// The deadline of each timer. They follow from the state, so that none can be forgotten when the state changes.
    fn deadline(&self, timer: Timer, around: Surroundings<'_>) -> Option<Mono> {
        match timer {
            Timer::Advice => self.consultations.deadline(),
            Timer::Gap => self.order.gap_deadline(),
            Timer::Answer => self.schedule.answer_deadline(around.config.read_timeout),
            Timer::Load => self.unsaved.load_deadline(),
            Timer::Read => self.read_due(around.link).map(|(at, _)| at),
            Timer::Consultation => self.consultations.report_due(self.status_log.reported_at()),
            Timer::Verification => {
                // one more than the last moment at which they are fresh
                let over = self.verification.ends() + 1;
                Some(over).filter(|over| *over > self.status_log.reported_at())
            }
            Timer::Commit => {
                self.unsaved.deadline().filter(|_| around.term.is_some() && self.may_be_stored())
            }
        }
    }

    /// The next timer that is due.
    pub(crate) fn timeout(&self, around: Surroundings<'_>) -> Option<Timeout> {
        let mut timers = Timers::<Timer, 8>::default();
        for timer in Timer::ALL {
            if let Some(at) = self.deadline(*timer, around) {
                timers.set(*timer, at);
            }
        }
        timers.next()
    }

    /// Carries out what is due, reports what changed, commits: after each input.
    pub(crate) fn settle(
        &mut self,
        around: Surroundings<'_>,
        channels: &Channels,
        cx: &mut Context<'_, P>,
    ) {
        self.follow(channels, cx);
        self.freshness.note_time(cx.now.mono);
        self.expire(&[Timer::Advice, Timer::Gap, Timer::Answer], around, cx);
        // a question that is answered asks for no read
        self.answer_gets(around.link, cx);
        self.expire(&[Timer::Read], around, cx);
        self.report(around.link, cx);
        self.commit(around.term, cx);
    }

    /// Carries out those of these timers that are due.
    fn expire(&mut self, timers: &[Timer], around: Surroundings<'_>, cx: &mut Context<'_, P>) {
        for timer in timers {
            if self.deadline(*timer, around).is_none_or(|at| at > cx.now.mono) {
                continue;
            }
            match timer {
                Timer::Advice => self.give_up_consultations(cx),
                Timer::Gap => self.give_up_gap(cx),
                Timer::Answer => self.give_up_read(around, cx),
                Timer::Read => self.begin_read(around.link, around.config, cx),
                // done before or after each input
                Timer::Load | Timer::Consultation | Timer::Verification | Timer::Commit => {}
            }
        }
    }
}
