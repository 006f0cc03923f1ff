//! Heads: the back end's counter of a resource, by which gaps and lagging reads are noticed.
//!
//! Pure. `reflected` is the head that the rows include, `required` the highest known to exist; only when the
//! first has reached the second may a list be fresh. An event that follows the reflected head is final; one
//! beyond a gap waits for what is missing (rule 11); one of a retired epoch is ignored (rule 10).

use crate::{Head, Name, Payload, ResourceConfig, Scalar};

/// Epochs remembered at most: of those that are over, and of those that events tell of.
const EPOCHS: usize = 8;

/// The head that an event carries, and the one before its transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventHead {
    pub(crate) epoch: Name,
    pub(crate) seq: u64,
    pub(crate) prev: u64,
}

/// The place of an event in the order of heads, seen from the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It carries no head, or nothing is reflected yet: versions decide.
    Unordered,
    /// The rows include it.
    Past,
    /// It follows what the rows include.
    Next,
    /// Something before it is missing.
    Gap,
    /// Its epoch is over.
    Retired,
    /// It begins another epoch.
    NewEpoch,
}

/// The relation of a read's head to what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It carries none.
    Unknown,
    /// It includes all that is known.
    Full,
    /// It is younger than the rows, yet not all that is known to exist is in it.
    Partial,
    /// It is older than the rows: a lagging replica, or a restored backup.
    Behind,
    /// Its epoch is over.
    Retired,
}

/// The epoch of a read, seen from the rows before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadEpoch {
    /// The epoch of the rows.
    Same,
    /// Another, or an unknown one.
    Other,
}

/// Knowledge of a resource's heads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heads {
    reflected: Option<Head>,
    /// The highest known to exist, one of each epoch that was heard of since a list was read: events of two channels,
    /// each with its replay, may come in turn.
    required: Vec<Head>,
    /// `prev` of the event applied last: an event of the same transaction is not past.
    last_prev: Option<u64>,
    retired: Vec<Name>,
}

impl EventHead {
    /// The head of a resource in an event: at `head_path`, or in `heads` by the resource's name.
    pub(crate) fn of<P: Payload>(config: &ResourceConfig, data: &P) -> Option<Self> {
        let named = || data.at("heads")?.at(&config.name);
        let head = named().or_else(|| data.at(&config.head_path))?;
        let whole = |path: &str| match head.leaf(path) {
            Scalar::Text(text) => text.parse().ok(),
            leaf => u64::try_from(leaf.integer()?).ok(),
        };
        let seq = whole("seq")?;
        let prev = whole("prev").unwrap_or(seq.saturating_sub(1));
        Some(Self { epoch: head.text("epoch")?, seq, prev: prev.min(seq) })
    }

    fn head(&self) -> Head {
        Head { epoch: self.epoch.clone(), seq: self.seq }
    }
}

impl Heads {
    /// Heads as the store kept them.
    pub(crate) fn restored(reflected: Option<Head>) -> Self {
        Self { required: reflected.iter().cloned().collect(), reflected, ..Self::default() }
    }

    /// The store kept the rows of this head. What events told of before it answered exists all the same.
    pub(crate) fn restore(&mut self, reflected: Option<Head>) {
        let heard = std::mem::take(self).required;
        *self = Self::restored(reflected);
        for Head { epoch, seq } in heard {
            self.require(&EventHead { epoch, seq, prev: seq });
        }
    }

    pub(crate) fn reflected(&self) -> Option<&Head> {
        self.reflected.as_ref()
    }

    /// The highest known to exist, of the newest epoch that was heard of.
    pub(crate) fn required(&self) -> Option<&Head> {
        self.required.last()
    }

    /// Whether the rows include all that is known to exist.
    pub(crate) fn is_reached(&self) -> bool {
        // without a head of the rows nothing can be said: reads decide alone
        self.reflected.as_ref().is_none_or(|own| {
            self.required.iter().all(|known| known.epoch == own.epoch && known.seq <= own.seq)
        })
    }

    /// Whether an event told of a head since the last read that the rows are not known to include.
    pub(crate) fn is_passed(&self) -> bool {
        let own = self.reflected.as_ref();
        let includes =
            |known: &Head| own.is_some_and(|own| own.epoch == known.epoch && known.seq <= own.seq);
        !self.required.iter().all(includes)
    }

    /// Where an event stands.
    pub(crate) fn place(&self, event: Option<&EventHead>) -> Place {
        let Some(event) = event else { return Place::Unordered };
        if self.retired.contains(&event.epoch) {
            return Place::Retired;
        }
        match &self.reflected {
            None => Place::Unordered,
            Some(reflected) if reflected.epoch != event.epoch => Place::NewEpoch,
            Some(reflected) if event.seq == reflected.seq && self.last_prev == Some(event.prev) => {
                Place::Unordered
            }
            Some(reflected) if event.seq <= reflected.seq => Place::Past,
            Some(reflected) if event.prev <= reflected.seq => Place::Next,
            Some(_) => Place::Gap,
        }
    }

    /// An event says that its head exists. Whether that is news.
    pub(crate) fn require(&mut self, event: &EventHead) -> bool {
        match self.required.iter_mut().find(|known| known.epoch == event.epoch) {
            Some(known) if known.seq >= event.seq => return false,
            Some(known) => known.seq = event.seq,
            None => keep(&mut self.required, event.head()),
        }
        true
    }

    /// Whether what is known is of this epoch, and of no other.
    pub(crate) fn is_of(&self, epoch: &Name) -> bool {
        match &self.reflected {
            Some(own) => own.epoch == *epoch,
            None => self.required.iter().all(|known| known.epoch == *epoch),
        }
    }

    /// The rows include this event now, which was the next one.
    pub(crate) fn reflect(&mut self, event: &EventHead) {
        self.last_prev = Some(event.prev);
        self.reflected = Some(event.head());
    }

    /// How a read that carries `head` stands; `overlapped`: an event came after the read began.
    pub(crate) fn reach(&self, head: Option<&Head>, overlapped: bool) -> Reach {
        let Some(head) = head else { return Reach::Unknown };
        if self.retired.contains(&head.epoch) {
            return Reach::Retired;
        }
        if let Some(reflected) = self.reflected.as_ref().filter(|own| own.epoch == head.epoch)
            && head.seq < reflected.seq
        {
            return Reach::Behind;
        }
        let lacks = |known: &Head| match known.epoch == head.epoch {
            true => head.seq < known.seq,
            // an event of another epoch came meanwhile: the read may be of before
            false => overlapped,
        };
        if self.required.iter().any(lacks) { Reach::Partial } else { Reach::Full }
    }

    /// The rows are those of a read now. `accepted`: although it was behind what is known.
    pub(crate) fn read(&mut self, head: Option<Head>, accepted: bool) -> ReadEpoch {
        let Some(head) = head else {
            // rows of unknown head: nothing may be concluded from heads until a read carries one
            self.reflected = None;
            self.required.clear();
            return ReadEpoch::Other;
        };
        let epoch = match self.reflected.take() {
            Some(old) if old.epoch == head.epoch => ReadEpoch::Same,
            Some(old) => {
                keep(&mut self.retired, old.epoch);
                ReadEpoch::Other
            }
            None => ReadEpoch::Other,
        };
        let known = self.required.iter().find(|known| known.epoch == head.epoch && !accepted);
        let seq = known.map_or(head.seq, |known| known.seq.max(head.seq));
        self.required = vec![Head { epoch: head.epoch.clone(), seq }];
        self.last_prev = None;
        self.reflected = Some(head);
        epoch
    }

    /// One row was read after its event, the next one, and nothing else changed in between.
    pub(crate) fn caught_up(&mut self, event: &EventHead, read: Option<&Head>) {
        let covered = read.is_some_and(|read| read.epoch == event.epoch && read.seq >= event.seq);
        if covered && self.place(Some(event)) == Place::Next {
            self.reflect(event);
        }
    }
}

/// Keeps the last few.
fn keep<T>(list: &mut Vec<T>, one: T) {
    if list.len() == EPOCHS {
        list.remove(0);
    }
    list.push(one);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(epoch: &str, prev: u64, seq: u64) -> EventHead {
        EventHead { epoch: epoch.into(), seq, prev }
    }

    fn head(epoch: &str, seq: u64) -> Head {
        Head { epoch: epoch.into(), seq }
    }

    #[test]
    fn what_is_known_may_be_of_one_epoch_of_another_or_of_two() {
        let (old, new) = ("e".into(), "f".into());
        let mut heads = Heads::default();
        assert!(heads.is_of(&old) && heads.is_of(&new), "nothing is known");
        heads.require(&event("e", 1, 2));
        heads.require(&event("e", 2, 3));
        assert!(heads.is_of(&old) && !heads.is_of(&new));
        heads.require(&event("f", 1, 2));
        assert!(!heads.is_of(&old) && !heads.is_of(&new), "rows of both");
        heads.read(Some(Head { epoch: "f".into(), seq: 5 }), false);
        assert!(!heads.is_of(&old) && heads.is_of(&new));
        heads.read(None, false);
        heads.require(&event("f", 5, 6));
        assert!(heads.is_of(&new), "what a read replaced is forgotten");
    }

    #[test]
    fn events_stand_past_next_or_beyond_a_gap() {
        let heads = Heads::restored(Some(head("a", 5)));
        for (event, place) in [
            (event("a", 4, 5), Place::Past),
            (event("a", 5, 6), Place::Next),
            (event("a", 5, 9), Place::Next),
            (event("a", 4, 6), Place::Next),
            (event("a", 6, 7), Place::Gap),
            (event("b", 0, 1), Place::NewEpoch),
        ] {
            assert_eq!(heads.place(Some(&event)), place, "{event:?}");
        }
        assert_eq!(heads.place(None), Place::Unordered);
        assert_eq!(Heads::default().place(Some(&event("a", 5, 6))), Place::Unordered);
    }

    #[test]
    fn a_second_event_of_one_transaction_is_not_past() {
        let mut heads = Heads::restored(Some(head("a", 5)));
        heads.reflect(&event("a", 5, 7));
        assert_eq!(heads.place(Some(&event("a", 5, 7))), Place::Unordered);
        assert_eq!(heads.place(Some(&event("a", 6, 7))), Place::Past);
    }

    #[test]
    fn reads_may_lag_and_required_holds_them_to_what_is_known() {
        let mut heads = Heads::restored(Some(head("a", 5)));
        assert_eq!(heads.required(), Some(&head("a", 5)));
        heads.require(&event("a", 7, 8));
        assert!(!heads.is_reached());
        for overlapped in [false, true] {
            assert_eq!(heads.reach(Some(&head("a", 4)), overlapped), Reach::Behind);
            assert_eq!(heads.reach(Some(&head("a", 6)), overlapped), Reach::Partial);
            assert_eq!(heads.reach(Some(&head("a", 8)), overlapped), Reach::Full);
        }
        heads.read(Some(head("a", 6)), false);
        assert!(!heads.is_reached());
        heads.read(Some(head("a", 8)), false);
        assert!(heads.is_reached());
        heads.read(Some(head("a", 3)), true);
        assert!(heads.is_reached(), "an accepted read is the truth");
    }

    #[test]
    fn epochs_end_and_are_not_heard_again() {
        let mut heads = Heads::restored(Some(head("a", 5)));
        heads.require(&event("b", 0, 1));
        assert!(!heads.is_reached());
        assert_eq!(heads.reach(Some(&head("a", 6)), true), Reach::Partial, "perhaps of before");
        assert_eq!(heads.reach(Some(&head("a", 6)), false), Reach::Full, "it began after it");
        assert_eq!(heads.reach(Some(&head("b", 1)), false), Reach::Full);
        heads.read(Some(head("b", 1)), false);
        assert!(heads.is_reached());
        assert_eq!(heads.place(Some(&event("a", 5, 6))), Place::Retired);
        assert_eq!(heads.reach(Some(&head("a", 9)), false), Reach::Retired);
    }

    #[test]
    fn a_read_without_head_leaves_nothing_to_conclude() {
        let mut heads = Heads::restored(Some(head("a", 5)));
        heads.require(&event("a", 7, 8));
        heads.read(None, false);
        assert!(heads.is_reached());
        assert_eq!(heads.place(Some(&event("a", 8, 9))), Place::Unordered);
    }

    #[test]
    fn an_event_requires_no_less_than_the_one_before() {
        let mut heads = Heads::restored(Some(head("a", 5)));
        assert!(heads.require(&event("a", 7, 8)));
        for known in [event("a", 6, 7), event("a", 7, 8)] {
            assert!(!heads.require(&known), "{known:?}");
        }
        assert_eq!(heads.required(), Some(&head("a", 8)));
        assert!(heads.require(&event("b", 0, 1)));
        assert_eq!(heads.required(), Some(&head("b", 1)), "another epoch counts anew");
        assert!(!heads.require(&event("a", 6, 7)));
        assert_eq!(heads.reach(Some(&head("a", 7)), false), Reach::Partial, "and ends none");
    }

    #[test]
    fn a_read_settles_what_it_reaches() {
        let known = || {
            let mut heads = Heads::restored(Some(head("a", 5)));
            heads.require(&event("a", 7, 8));
            heads
        };
        for (read, accepted, required) in [
            (head("a", 6), false, head("a", 8)),
            (head("a", 6), true, head("a", 6)),
            (head("a", 8), false, head("a", 8)),
            (head("a", 9), false, head("a", 9)),
            (head("b", 1), false, head("b", 1)),
        ] {
            let mut heads = known();
            heads.read(Some(read.clone()), accepted);
            assert_eq!(heads.required(), Some(&required), "{read:?} {accepted}");
            assert_eq!(heads.reflected(), Some(&read));
        }
    }

    #[test]
    fn a_read_says_whether_its_epoch_is_that_of_the_rows() {
        let mut heads = Heads::default();
        assert_eq!(heads.read(Some(head("a", 1)), false), ReadEpoch::Other);
        assert_eq!(heads.read(Some(head("a", 2)), false), ReadEpoch::Same);
        assert_eq!(heads.read(Some(head("b", 2)), false), ReadEpoch::Other);
        assert_eq!(heads.read(None, false), ReadEpoch::Other);
    }

    #[test]
    fn a_transaction_that_was_read_is_past_as_a_whole() {
        let mut heads = Heads::restored(Some(head("a", 5)));
        heads.reflect(&event("a", 5, 7));
        heads.read(Some(head("a", 7)), false);
        assert_eq!(heads.place(Some(&event("a", 5, 7))), Place::Past);
    }

    #[test]
    fn a_row_read_after_the_next_event_catches_up_with_it() {
        let caught_up = |event: EventHead, read: Option<Head>| {
            let mut heads = Heads::restored(Some(head("a", 5)));
            heads.caught_up(&event, read.as_ref());
            heads.reflected().map(|head| head.seq)
        };
        assert_eq!(caught_up(event("a", 5, 6), Some(head("a", 6))), Some(6));
        assert_eq!(caught_up(event("a", 5, 6), Some(head("a", 9))), Some(6));
        assert_eq!(caught_up(event("a", 5, 6), Some(head("a", 5))), Some(5), "from before it");
        assert_eq!(caught_up(event("a", 5, 6), Some(head("b", 6))), Some(5), "of another epoch");
        assert_eq!(caught_up(event("a", 5, 6), None), Some(5));
        assert_eq!(caught_up(event("a", 7, 8), Some(head("a", 8))), Some(5), "beyond a gap");
    }

    #[test]
    fn the_last_epochs_are_remembered() {
        let mut heads = Heads::default();
        let names: Vec<String> = (0..EPOCHS + 2).map(|n| format!("epoch {n}")).collect();
        for name in &names {
            heads.read(Some(head(name, 1)), false);
        }
        assert_eq!(heads.place(Some(&event(&names[0], 0, 1))), Place::NewEpoch, "long forgotten");
        for name in &names[1..=EPOCHS] {
            assert_eq!(heads.place(Some(&event(name, 0, 1))), Place::Retired, "{name}");
        }
    }
}
