//! What can go wrong, and how often it did.

use crate::kind::Kind;

macro_rules! faults {
    ($($name:ident $words:literal $where:ident,)*) => {
        /// One thing that goes wrong, or happens at a bad moment.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each is explained by its words")]
        pub enum Fault { $($name,)* }

        /// Every fault, in the order of the table.
        pub const FAULTS: &[Fault] = &[$(Fault::$name,)*];

        impl Fault {
            /// What the table calls it.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }

            /// Whether it can happen with this kind of back end.
            #[must_use]
            pub const fn concerns(self, kind: Kind) -> bool {
                match self { $(Self::$name => $where(kind),)* }
            }
        }
    };
}

const fn every(_: Kind) -> bool {
    true
}

const fn cached(kind: Kind) -> bool {
    kind.caches()
}

const fn positions(kind: Kind) -> bool {
    kind.positions
}

/// With heads, an outbox publishes in the order of the commits.
const fn unordered(kind: Kind) -> bool {
    !kind.heads
}

const fn versioned(kind: Kind) -> bool {
    kind.versions.is_some()
}

/// Versions of timestamps never begin again.
const fn counted(kind: Kind) -> bool {
    kind.counts()
}

/// Without any fact about order, nobody can tell a lagging read from a true one.
const fn ordered(kind: Kind) -> bool {
    kind.heads || kind.versions.is_some()
}

faults! {
    SocketDropped "socket dropped" every,
    HalfOpen "socket half open" every,
    ConnectRefused "no connection to be had" every,
    ServerRestarted "server restarted" every,
    FrameDelayed "frame delayed over 1 s" every,
    AnsweredLate "cluster late to answer" every,
    ChannelsReordered "events of two channels swapped" every,
    ChannelMissed "event on one of two channels missed" every,
    EventsSwapped "events of one row swapped" unordered,
    PublisherCrashed "event published long after its commit" every,
    ToOthers "published to others" every,
    Whisper "whisper with a forged row" every,
    CacheMiss "cached event gone" cached,
    Replayed "missed events replayed" positions,
    NotCovered "missed events no longer kept" positions,
    Uncertain "server uncertain, events lost" positions,
    SubscriptionRefused "subscription refused" every,
    AuthorisationFailed "authorisation failed" every,
    ReadFailed "read: 5xx" every,
    ReadUnanswered "read: no network" every,
    RateLimited "read: 429 with Retry-After" every,
    SlowRead "read slower than 3 s" every,
    ReadHung "read: nothing comes, ever" every,
    BrokenOff "read: answer broken off" every,
    LongAnswer "read: answer that takes over 30 s" every,
    LaggingRead "read of a lagging replica" ordered,
    OverlappingRead "event during a read" every,
    NotModified "read: 304" every,
    Paged "list read in pages" every,
    PagesMoved "change between two pages" every,
    Restored "back end restored from a backup" every,
    HardDeleted "row deleted" every,
    SoftDeleted "row soft-deleted" every,
    Recreated "row made anew" every,
    EqualTimestamps "row changed twice in a second" every,
    Transaction "several rows in one transaction" every,
    Storm "storm of events" every,
    Frozen "page frozen and resumed" every,
    Slept "machine slept" every,
    Offline "browser says offline" every,
    Reloaded "page reloaded" every,
    Redeclared "rows of another declaration stored" every,
    LoadedFromStore "rows loaded from the store" every,
    CommitFailed "commit failed" every,
    SlowCommit "commit slower than 1 s" every,
    StoreLost "store lost" every,
    StoreVanished "store lost under an open page" every,
    LoadUnanswered "load that the store never answers" every,
    LoadedTooLate "rows loaded too late" every,
    CommitUnanswered "commit that the store never answers" every,
    LockUnanswered "lock not answered in time" every,
    OwnerKilled "owner killed, another took over" every,
    OlderBuild "older build beside a newer one" every,
    OlderBuildBack "older build back in a newer one's store" every,
    LateCommit "commit of a former owner" every,
    LeftInFlight "channel left before it was confirmed" every,
    AskedUnseen "row asked for that nobody looks at" every,
    RefreshedUnseen "list refreshed that nobody looks at" every,
    NeverPublished "change that is never published" every,
    Restless "fresh page reloaded every few seconds" every,
    VersionForms "versions of several forms" versioned,
    PoorerRow "row poorer than the list's" every,
    KeyUsedAgain "key used again" counted,
    LeftFilter "row left a filter no query shows" every,
    SilentAuthoriser "signature that never comes" every,
    AdvisedLate "application slow to answer" every,
    NotAdvised "application never answers" every,
}

/// In how many schedules each fault happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage(u128);

impl Coverage {
    /// It happened.
    pub fn note(&mut self, fault: Fault) {
        self.0 |= 1 << fault as u64;
    }

    /// Whether it did.
    #[must_use]
    pub const fn has(&self, fault: Fault) -> bool {
        self.0 & 1 << fault as u64 != 0
    }
}
