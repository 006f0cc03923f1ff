//! The order of events by their heads: where each stands, which wait for one before them, what the rows include.

use crate::freshness::Stamp;
use crate::heads::{EventHead, Heads, Place, Reach, ReadEpoch};
use crate::{Advice, Head, Mono, Name};

/// How long an event beyond a gap waits for what is missing (rule 11), in milliseconds.
const GAP_PATIENCE: u64 = 1_000;

/// An event that waits for one before it.
#[derive(Clone, Debug)]
pub(crate) struct HeldEvent<P> {
    pub(crate) head: EventHead,
    pub(crate) data: P,
    pub(crate) advice: Advice<P>,
}

/// Something is missing: what came after it waits.
#[derive(Clone, Debug)]
struct Gap<P> {
    until: Mono,
    events: Vec<HeldEvent<P>>,
}

/// What is known of the order of a resource's events.
#[derive(Clone, Debug)]
pub(crate) struct EventOrder<P> {
    heads: Heads,
    /// When the highest head that is known came to be known.
    head_known: Stamp,
    gap: Option<Gap<P>>,
    /// The event that named one row, by its URL: once that is read, the rows include the event.
    awaited_row: Option<(Name, EventHead)>,
    members: Members,
}

/// The head up to which it is known which rows the list holds (rule 14).
#[derive(Clone, Debug)]
enum Members {
    /// That of the rows.
    Reflected,
    /// This one, and events came since.
    Before(Head),
    /// None.
    Unknown,
}

impl<P> EventOrder<P> {
    /// Nothing is known yet.
    pub(crate) fn new() -> Self {
        let (heads, head_known) = (Heads::default(), Stamp::START);
        Self { heads, head_known, gap: None, awaited_row: None, members: Members::Reflected }
    }

    /// The store kept the rows of this head.
    pub(crate) fn restore(&mut self, reflected: Option<Head>) {
        self.heads.restore(reflected);
        self.members = Members::Reflected;
    }

    // --- heads -------------------------------------------------------------------------------------

    /// Where an event stands.
    pub(crate) fn place(&self, event: Option<&EventHead>) -> Place {
        self.heads.place(event)
    }

    /// An event says that its head exists; `now` gives the moment, where that is news.
    pub(crate) fn require(&mut self, event: &EventHead, now: impl FnOnce() -> Stamp) {
        if self.heads.require(event) {
            self.head_known = now();
        }
    }

    /// The rows include this event now, which was the next one.
    pub(crate) fn reflect(&mut self, event: &EventHead) {
        self.heads.reflect(event);
    }

    /// How a read that carries `head` stands; `overlapped`: an event came after the read began.
    pub(crate) fn reach(&self, head: Option<&Head>, overlapped: bool) -> Reach {
        self.heads.reach(head, overlapped)
    }

    /// The rows are those of a read with this head now. `accepted`: although it was behind what is known.
    pub(crate) fn read(&mut self, head: Option<Head>, accepted: bool, began: Stamp) -> ReadEpoch {
        // reads that lag behind what is known agree as long as they bring the same head
        if head.as_ref() != self.heads.reflected() {
            self.head_known = self.head_known.max(began);
        }
        self.members = Members::Reflected;
        self.heads.read(head, accepted)
    }

    /// An event changes a row of which nobody can say whether it is in the list. `next`: it follows the rows' head.
    pub(crate) fn doubt_members(&mut self, next: bool) {
        self.members = match (&self.members, self.heads.reflected()) {
            (Members::Reflected, Some(head)) if next => Members::Before(head.clone()),
            (Members::Before(head), _) if next => Members::Before(head.clone()),
            _ => Members::Unknown,
        };
    }

    /// The head to ask what changed since: that of the rows, or the last one up to which their membership is known.
    /// Asked since the head of an event, the back end need not say again that its row left the list.
    pub(crate) fn since(&self) -> Option<&Head> {
        match &self.members {
            Members::Reflected => self.heads.reflected(),
            Members::Before(head) => Some(head),
            Members::Unknown => None,
        }
    }

    /// The last head at which the list's rows were known, where events came since that do not tell.
    pub(crate) fn members_before(&self) -> Option<&Head> {
        match &self.members {
            Members::Before(head) => Some(head),
            Members::Reflected | Members::Unknown => None,
        }
    }

    /// Since when the highest head is known.
    pub(crate) const fn head_known(&self) -> Stamp {
        self.head_known
    }

    pub(crate) fn reflected(&self) -> Option<&Head> {
        self.heads.reflected()
    }

    pub(crate) fn required(&self) -> Option<&Head> {
        self.heads.required()
    }

    /// Whether the rows include all that is known to exist.
    pub(crate) fn is_reached(&self) -> bool {
        self.heads.is_reached()
    }

    /// Whether an event told of a head since the last read that the rows are not known to include.
    pub(crate) fn is_passed(&self) -> bool {
        self.heads.is_passed()
    }

    /// Whether what is known is of this epoch, and of no other.
    pub(crate) fn is_of(&self, epoch: &Name) -> bool {
        self.heads.is_of(epoch)
    }

    // --- events beyond a gap -----------------------------------------------------------------------

    /// Keeps an event beyond a gap: what is missing may come within [`GAP_PATIENCE`] of the first of them.
    pub(crate) fn hold(&mut self, event: HeldEvent<P>, now: Mono) {
        let gap = || Gap { until: now + GAP_PATIENCE, events: Vec::new() };
        self.gap.get_or_insert_with(gap).events.push(event);
    }

    /// Takes out a held event that follows what the rows include now. Those that the rows include already, or whose
    /// epoch is over, are dropped.
    pub(crate) fn release(&mut self) -> Option<HeldEvent<P>> {
        loop {
            let gap = self.gap.as_mut()?;
            let stands = |event: &HeldEvent<P>| self.heads.place(Some(&event.head));
            let ready = gap.events.iter().position(|event| stands(event) != Place::Gap)?;
            let event = gap.events.remove(ready);
            if gap.events.is_empty() {
                self.gap = None;
            }
            if self.heads.place(Some(&event.head)) == Place::Next {
                return Some(event);
            }
        }
    }

    pub(crate) const fn has_gap(&self) -> bool {
        self.gap.is_some()
    }

    /// How many events wait.
    pub(crate) fn held(&self) -> usize {
        self.gap.as_ref().map_or(0, |gap| gap.events.len())
    }

    /// Until when events wait for what is missing.
    pub(crate) fn gap_deadline(&self) -> Option<Mono> {
        self.gap.as_ref().map(|gap| gap.until)
    }

    /// Drops the events that wait.
    pub(crate) fn drop_held(&mut self) {
        self.gap = None;
    }

    // --- a row that an event named -----------------------------------------------------------------

    /// The rows will include this event once the row at this URL is read.
    pub(crate) fn await_row(&mut self, awaited: Option<(Name, EventHead)>) {
        self.awaited_row = awaited;
    }

    /// The URL of the row that is awaited.
    pub(crate) fn awaited_row(&self) -> Option<&Name> {
        self.awaited_row.as_ref().map(|(url, _)| url)
    }

    /// No row is awaited any more: the one at `url` was read, with this head.
    pub(crate) fn row_read(&mut self, url: &str, head: Option<&Head>) {
        if let Some((awaited, event)) = self.awaited_row.take()
            && *awaited == *url
        {
            self.heads.caught_up(&event, head);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reaction;

    fn event(prev: u64, seq: u64) -> EventHead {
        EventHead { epoch: "e".into(), seq, prev }
    }

    fn held(prev: u64, seq: u64) -> HeldEvent<u64> {
        HeldEvent { head: event(prev, seq), data: seq, advice: Advice::declared(Reaction::Auto) }
    }

    fn at(seq: u64) -> EventOrder<u64> {
        let mut order = EventOrder::new();
        order.restore(Some(Head { epoch: "e".into(), seq }));
        order
    }

    #[test]
    fn events_beyond_a_gap_follow_in_order_once_it_is_closed() {
        let mut order = at(5);
        for (prev, seq) in [(7, 8), (6, 7), (3, 4)] {
            order.hold(held(prev, seq), Mono(100));
        }
        order.reflect(&event(5, 6));
        let mut released = Vec::new();
        while let Some(event) = order.release() {
            order.reflect(&event.head);
            released.push(event.data);
        }
        assert_eq!(released, [7, 8], "the rows include 4 already");
        assert!(!order.has_gap());
    }

    #[test]
    fn a_gap_lasts_from_its_first_event_on() {
        let mut order = at(5);
        order.hold(held(7, 8), Mono(100));
        order.hold(held(8, 9), Mono(900));
        assert_eq!((order.held(), order.gap_deadline()), (2, Some(Mono(100 + GAP_PATIENCE))));
        assert!(order.release().is_none(), "what is missing has not come");
        order.drop_held();
        assert_eq!((order.held(), order.gap_deadline()), (0, None));
    }

    #[test]
    fn a_head_is_known_since_the_first_event_or_read_that_told_it() {
        let (mut order, mut freshness) =
            (at(5), crate::freshness::Freshness::new(crate::Reason::Loading));
        order.require(&event(5, 6), || freshness.now());
        let first = order.head_known();
        assert!(first > Stamp::START);
        order.require(&event(5, 6), || unreachable!("it is no news"));
        assert_eq!(order.head_known(), first);
        let began = freshness.now();
        order.read(Some(Head { epoch: "e".into(), seq: 6 }), false, began);
        assert_eq!(order.head_known(), began);
    }

    #[test]
    fn an_event_that_named_a_row_is_included_once_that_row_is_read() {
        let read = Head { epoch: "e".into(), seq: 6 };
        for (url, seq) in [("/1", 6), ("/2", 5)] {
            let mut order = at(5);
            order.await_row(Some(("/1".into(), event(5, 6))));
            assert_eq!(order.awaited_row().map(|url| &**url), Some("/1"));
            order.row_read(url, Some(&read));
            assert_eq!(order.reflected().map(|head| head.seq), Some(seq), "{url}");
            assert_eq!(order.awaited_row(), None);
        }
    }

    #[test]
    fn what_was_heard_before_the_store_answered_is_not_forgotten() {
        for (seq, reached) in [(5, true), (6, false)] {
            let mut order = EventOrder::<u64>::new();
            order.require(&event(4, seq), || Stamp::START);
            order.restore(Some(Head { epoch: "e".into(), seq: 5 }));
            assert_eq!(order.is_reached(), reached, "{seq}");
        }
    }

    #[test]
    fn what_is_required_is_told() {
        let mut order = at(5);
        assert_eq!(order.required().map(|head| head.seq), Some(5));
        order.require(&event(5, 6), || Stamp::START);
        assert_eq!(order.required().map(|head| head.seq), Some(6));
    }

    #[test]
    fn an_event_without_order_leaves_no_head_to_ask_from() {
        let mut order = at(5);
        order.doubt_members(true);
        assert_eq!(order.since().map(|head| head.seq), Some(5));
        order.doubt_members(false);
        assert_eq!(order.since(), None);
        let mut order = at(5);
        order.doubt_members(false);
        assert_eq!(order.since(), None);
    }
}
