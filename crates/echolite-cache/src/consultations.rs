//! Events that the application is being asked about.

use crate::{Mono, Name, RequestId};

/// An event that waits for what the application says of it.
#[derive(Clone, Debug)]
struct Consultation<P> {
    request: RequestId,
    asked: Mono,
    event: Name,
    data: P,
}

/// The questions that were asked and not answered yet, in their order.
#[derive(Clone, Debug)]
pub(crate) struct Consultations<P> {
    open: Vec<Consultation<P>>,
}

impl<P> Consultations<P> {
    pub(crate) const fn new() -> Self {
        Self { open: Vec::new() }
    }

    /// The application is asked about an event.
    pub(crate) fn ask(&mut self, request: RequestId, event: Name, data: P, now: Mono) {
        self.open.push(Consultation { request, asked: now, event, data });
    }

    /// Takes the event that was asked about by `request`, and its data.
    pub(crate) fn answer(&mut self, request: RequestId) -> Option<(Name, P)> {
        let at = self.open.iter().position(|asked| asked.request == request)?;
        let Consultation { event, data, .. } = self.open.remove(at);
        Some((event, data))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether an answer is awaited since before `now`: an application in the same thread answers at once, before
    /// anybody can look.
    pub(crate) fn is_awaited(&self, now: Mono) -> bool {
        self.open.iter().any(|consultation| consultation.asked < now)
    }

    /// The moment at which the status must be looked at again, as one reported at `reported_at` knows nothing of the
    /// last question.
    pub(crate) fn report_due(&self, reported_at: Mono) -> Option<Mono> {
        let unreported = self.open.iter().map(|asked| asked.asked).filter(|at| *at >= reported_at);
        unreported.max().map(|at| at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_takes_the_event_that_was_asked_about() {
        let mut consultations = Consultations::new();
        consultations.ask(1, "a".into(), 'a', Mono(5));
        consultations.ask(2, "b".into(), 'b', Mono(6));
        assert_eq!(consultations.answer(2), Some(("b".into(), 'b')));
        assert_eq!(consultations.answer(2), None);
        assert!(!consultations.is_empty());
    }

    #[test]
    fn an_open_question_counts_from_the_next_moment_on() {
        let mut consultations = Consultations::new();
        consultations.ask(1, "a".into(), (), Mono(5));
        assert!(!consultations.is_awaited(Mono(5)));
        assert_eq!(consultations.report_due(Mono(5)), Some(Mono(6)));
        assert!(consultations.is_awaited(Mono(6)));
        assert_eq!(consultations.report_due(Mono(6)), None, "it was reported");
    }
}
