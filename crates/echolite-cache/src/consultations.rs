//! Events that the application is being asked about.

use crate::{Advice, Mono, Name, Reaction, RequestId};

/// An open question says nothing of the list for so long (milliseconds): an application answers at once, as a rule.
const GRACE: u64 = 50;
/// A question that is not answered within this (milliseconds) is given up: the list is read instead.
const PATIENCE: u64 = 4_000;

/// An event that waits for what the application says of it.
#[derive(Clone, Debug)]
struct Consultation<P> {
    request: RequestId,
    asked: Mono,
    event: Name,
    data: P,
    /// The wait for the last event of the channels in which it came.
    awaited_head: Option<Mono>,
    /// The answer, which waits for those to the events before.
    advice: Option<Advice<P>>,
}

/// The questions that were asked and are not carried out yet, in the order of their events.
#[derive(Clone, Debug)]
pub(crate) struct Consultations<P> {
    open: Vec<Consultation<P>>,
}

impl<P> Consultations<P> {
    pub(crate) const fn new() -> Self {
        Self { open: Vec::new() }
    }

    /// The application is asked about an event, which came in this wait for the last event of the channels.
    pub(crate) fn ask(
        &mut self,
        request: RequestId,
        (event, data): (Name, P),
        awaited_head: Option<Mono>,
        now: Mono,
    ) {
        let (asked, advice) = (now, None);
        self.open.push(Consultation { request, asked, event, data, awaited_head, advice });
    }

    /// Keeps the answer to `request`, unless another was given before.
    pub(crate) fn answer(&mut self, request: RequestId, advice: impl FnOnce() -> Advice<P>) {
        let asked = self.open.iter_mut().find(|asked| asked.request == request);
        if let Some(asked) = asked.filter(|asked| asked.advice.is_none()) {
            asked.advice = Some(advice());
        }
    }

    /// Takes the next event of which the application said what it does: the first of those that are open.
    pub(crate) fn take(&mut self) -> Option<(Name, P, Option<Mono>, Advice<P>)> {
        self.open.first()?.advice.as_ref()?;
        let Consultation { event, data, awaited_head, advice, .. } = self.open.remove(0);
        Some((event, data, awaited_head, advice?))
    }

    /// The moment at which the oldest open question is given up.
    pub(crate) fn deadline(&self) -> Option<Mono> {
        self.unanswered().map(|asked| asked.asked + PATIENCE).min()
    }

    /// Gives up what is not answered in time: only a read tells what these events did. Returns their names.
    pub(crate) fn give_up(&mut self, now: Mono) -> Vec<Name> {
        let late = self.open.iter_mut().filter(|asked| asked.advice.is_none());
        let late = late.filter(|asked| asked.asked + PATIENCE <= now);
        let given_up = late.map(|asked| {
            asked.advice = Some(Advice::declared(Reaction::Refresh));
            asked.event.clone()
        });
        given_up.collect()
    }

    fn unanswered(&self) -> impl Iterator<Item = &Consultation<P>> {
        self.open.iter().filter(|asked| asked.advice.is_none())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether an event waits for longer than goes without saying.
    pub(crate) fn is_awaited(&self, now: Mono) -> bool {
        self.open.iter().any(|asked| now - asked.asked > GRACE)
    }

    /// The moment at which the status must be looked at again, as one reported at `reported_at` knows nothing of a
    /// question that is open for too long then.
    pub(crate) fn report_due(&self, reported_at: Mono) -> Option<Mono> {
        let due = self.open.iter().map(|asked| asked.asked + GRACE + 1);
        due.filter(|due| *due > reported_at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refresh() -> Advice<char> {
        Advice::declared(Reaction::Refresh)
    }

    fn taken(consultations: &mut Consultations<char>) -> Option<(Name, char)> {
        consultations.take().map(|(event, data, ..)| (event, data))
    }

    #[test]
    fn answers_are_taken_in_the_order_of_the_events() {
        let mut consultations = Consultations::new();
        consultations.ask(1, ("a".into(), 'a'), None, Mono(5));
        consultations.ask(2, ("b".into(), 'b'), None, Mono(6));
        consultations.answer(2, refresh);
        consultations.answer(9, || unreachable!("nobody asked"));
        assert_eq!(taken(&mut consultations), None);
        consultations.answer(1, refresh);
        consultations.answer(1, || unreachable!("it was answered"));
        assert_eq!(taken(&mut consultations), Some(("a".into(), 'a')));
        assert_eq!(taken(&mut consultations), Some(("b".into(), 'b')));
        assert!(consultations.is_empty() && taken(&mut consultations).is_none());
    }

    #[test]
    fn an_open_question_counts_after_its_grace() {
        let mut consultations = Consultations::new();
        consultations.ask(1, ("a".into(), 'a'), None, Mono(5));
        assert!(!consultations.is_awaited(Mono(5 + GRACE)));
        assert_eq!(consultations.report_due(Mono(5)), Some(Mono(6 + GRACE)));
        assert!(consultations.is_awaited(Mono(6 + GRACE)));
        assert_eq!(consultations.report_due(Mono(6 + GRACE)), None, "it was reported");
    }

    #[test]
    fn a_question_is_given_up_in_time_and_those_after_it_follow() {
        let mut consultations = Consultations::new();
        consultations.ask(1, ("a".into(), 'a'), None, Mono(5));
        consultations.ask(2, ("b".into(), 'b'), None, Mono(6));
        consultations.answer(2, refresh);
        assert_eq!(consultations.deadline(), Some(Mono(5 + PATIENCE)));
        assert_eq!(consultations.give_up(Mono(4 + PATIENCE)), [] as [Name; 0]);
        assert_eq!(consultations.give_up(Mono(5 + PATIENCE)), ["a".into()]);
        assert_eq!(consultations.deadline(), None);
        assert!(taken(&mut consultations).is_some() && taken(&mut consultations).is_some());
    }
}
