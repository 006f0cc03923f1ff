//! A cluster that takes its time: one node's decisions, told later. For tests and the simulation.
//!
//! Each question is decided at once, as by a cluster that is near, and answered after a delay.

use super::event::LastEvent;
use super::local::LocalCluster;
use super::questions::{Answer, Ask, Cluster, News, Ticket};
use super::usage::HistoryUsage;
use crate::timers::Timers;
use echolite_protocol::extension::Position;
use echolite_protocol::{ChannelName, Member};
use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Gives how long the answer to a question takes.
pub(crate) type Delay = Box<dyn FnMut(&Ask<'_>) -> Duration>;

/// A [`LocalCluster`] whose answers are late.
pub(crate) struct LateCluster {
    local: LocalCluster,
    delay: Delay,
    news: Timers<News>,
    /// When the last decision is told: those that follow it are told no sooner.
    told: Duration,
    /// So many decisions are not told yet.
    untold: usize,
    /// The decision that was told last, for whoever watches.
    as_of: Rc<Cell<u64>>,
}

impl LateCluster {
    pub(crate) fn new(local: LocalCluster, delay: Delay, as_of: Rc<Cell<u64>>) -> Self {
        Self { local, delay, news: Timers::default(), told: Duration::ZERO, untold: 0, as_of }
    }

    /// Notes which decision is told.
    fn note(&self, answer: &Answer) {
        match answer {
            Answer::Full => {}
            Answer::History(snapshot) => self.as_of.set(snapshot.sequence),
            Answer::Numbered { sequence, .. }
            | Answer::Joined { sequence, .. }
            | Answer::Left { sequence, .. } => self.as_of.set(*sequence),
        }
    }

    /// Lets everything decided so far be told at once.
    fn hurry(&mut self) {
        let mut hurried = Timers::default();
        while let Some(news) = self.news.pop_due(Duration::MAX) {
            hurried.add(Duration::ZERO, news);
        }
        self.news = hurried;
        self.told = Duration::ZERO;
    }
}

impl Cluster for LateCluster {
    fn ask(&mut self, now: Duration, ticket: Ticket, ask: Ask<'_>) -> Option<Answer> {
        let at = (now + (self.delay)(&ask)).max(self.told);
        let answer = self.local.ask(now, ticket, ask)?;
        if at <= now && self.untold == 0 {
            self.note(&answer);
            return Some(answer);
        }
        if !matches!(answer, Answer::History(_)) {
            self.told = at;
            self.untold += 1;
        }
        self.news.add(at, News::Answered(ticket, answer));
        None
    }

    fn poll(&mut self, now: Duration) -> Option<News> {
        while let Some(news) = self.local.poll(now) {
            self.news.add(self.told.max(now), news);
            self.untold += 1;
        }
        let news = self.news.pop_due(now)?;
        if let News::Answered(_, answer) = &news {
            self.note(answer);
        }
        if !matches!(news, News::Answered(_, Answer::History(_))) {
            self.untold -= 1;
        }
        Some(news)
    }

    fn deadline(&self) -> Option<Duration> {
        [self.news.next(), self.local.deadline()].into_iter().flatten().min()
    }

    fn mark_uncertain(&mut self, reason: &Arc<str>) {
        self.hurry();
        self.local.mark_uncertain(reason);
    }

    fn mark_certain(
        &mut self,
        now: Duration,
        channels: Vec<ChannelName>,
    ) -> Vec<(ChannelName, Position)> {
        self.hurry();
        self.local.mark_certain(now, channels)
    }

    fn members(&self, channel: &ChannelName) -> impl Iterator<Item = &Arc<Member>> {
        self.local.members(channel)
    }

    fn member_count(&self, channel: &ChannelName) -> usize {
        self.local.member_count(channel)
    }

    fn is_member(&self, channel: &ChannelName, user_id: &str) -> bool {
        self.local.is_member(channel, user_id)
    }

    fn last_event(&self, now: Duration, channel: &ChannelName) -> Option<&LastEvent> {
        self.local.last_event(now, channel)
    }

    fn history(&self, channel: &ChannelName) -> Option<(Position, HistoryUsage)> {
        self.local.history(channel)
    }

    #[cfg(feature = "simulation")]
    fn last_decision(&self) -> u64 {
        self.local.last_decision()
    }

    fn held(&self) -> HistoryUsage {
        self.local.held()
    }
}

impl fmt::Debug for LateCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LateCluster").field("local", &self.local).field("news", &self.news).finish()
    }
}
