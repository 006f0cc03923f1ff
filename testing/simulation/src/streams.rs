//! The stream of events that a connection gets of a channel: each event once, in the order in which they
//! were published, from where the subscription began. What the node sends beside it breaks the promise.

use crate::back_end::BackEnd;

/// An event as the node published it on one channel.
#[derive(Clone, Copy, Debug)]
struct Publication {
    /// The decision of the cluster that it was.
    sequence: u64,
    event: usize,
    /// The connection that it leaves out.
    except: Option<usize>,
    offset: Option<u64>,
}

/// Everything that one node published on a channel.
#[derive(Debug, Default)]
pub struct Stream {
    publications: Vec<Publication>,
    /// Offsets and last events of those before are forgotten.
    kept_from: usize,
}

/// How much of a stream a connection has got.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    connection: usize,
    /// It asked for positions, and gets offsets.
    follows: bool,
    /// The next publication that comes live.
    next: usize,
    /// The next one that is sent again, once one was.
    replay: Option<usize>,
    /// So many were published before the subscription was confirmed.
    confirmed: usize,
    /// The last event, which comes first.
    cached: Option<usize>,
}

impl Stream {
    pub fn publish(
        &mut self,
        event: usize,
        sequence: u64,
        offset: Option<u64>,
        except: Option<usize>,
    ) {
        self.publications.push(Publication { sequence, event, except, offset });
    }

    /// The node forgets offsets and last events.
    pub fn forget(&mut self) {
        self.kept_from = self.publications.len();
    }

    /// How many were published up to a decision.
    fn until(&self, as_of: u64) -> usize {
        self.publications.partition_point(|publication| publication.sequence <= as_of)
    }

    /// The last event published up to a decision.
    pub fn last_event(&self, as_of: u64) -> Option<usize> {
        let last = self.until(as_of).checked_sub(1)?;
        Some(self.publications[last].event)
    }

    /// A subscription is confirmed as of a decision; `caches` if the last event follows it.
    pub fn confirm(
        &self,
        (connection, follows): (usize, bool),
        as_of: u64,
        caches: bool,
    ) -> Progress {
        let next = self.until(as_of);
        let cached = (caches && next > self.kept_from).then(|| next - 1);
        Progress { connection, follows, next, replay: None, confirmed: next, cached }
    }

    /// An event comes; which it is.
    ///
    /// # Errors
    /// It is not the one that is due.
    pub fn take(
        &self,
        back: &BackEnd,
        progress: &mut Progress,
        (text, offset): (&str, Option<u64>),
    ) -> Result<usize, String> {
        let at = match (progress.cached.take(), offset) {
            (Some(cached), None) => cached,
            (Some(_), Some(_)) => {
                return Err(format!("the last event does not come first: {text}"));
            }
            (None, offset) => self.live_or_again(progress, offset, text)?,
        };
        let event = self.publications[at].event;
        let data = serde_json::Value::from(back.events[event].data.as_str()).to_string();
        if !text.contains(&data) {
            return Err(format!("event {event} is due, and another comes: {text}"));
        }
        Ok(event)
    }

    fn live_or_again(
        &self,
        progress: &mut Progress,
        offset: Option<u64>,
        text: &str,
    ) -> Result<usize, String> {
        let own = |publication: &Publication| publication.except == Some(progress.connection);
        let later = self.publications.iter().enumerate().skip(progress.next);
        let due = later.filter(|(_, publication)| !own(publication)).map(|(at, _)| at).next();
        let numbered = |at: usize| self.publications[at].offset.filter(|_| progress.follows);
        if let Some(due) = due.filter(|at| numbered(*at) == offset) {
            let missed = progress.replay.is_some_and(|at| at != progress.confirmed);
            if missed {
                return Err(format!("not all is sent again before what comes live: {text}"));
            }
            progress.next = due + 1;
            return Ok(due);
        }
        let mut before = self.publications[..progress.confirmed].iter();
        let again =
            before.rposition(|publication| offset.is_some() && publication.offset == offset);
        match (again, progress.replay) {
            (Some(at), None) if at >= self.kept_from => progress.replay = Some(at + 1),
            (Some(at), Some(due)) if at == due => progress.replay = Some(at + 1),
            _ => return Err(format!("an event that is not due: {text}")),
        }
        again.ok_or_else(String::new)
    }
}

impl Progress {
    /// There is no last event.
    pub fn miss(&mut self) {
        self.cached = None;
    }
}
