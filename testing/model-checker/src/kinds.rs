//! What may be explored: which facts a back end gives, and how much may happen in one schedule.

use echolite_cache::{Membership, Paging, Reaction, ResourceConfig, VersionMode};

use crate::back_end::Carries;
use crate::data::IDS;

/// Which facts the back end gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Facts {
    /// None: rows without versions.
    None,
    /// Versions that two changes may share.
    Coarse,
    /// Versions that count.
    Strict,
    /// Heads, published in their order, on channels that keep their last event.
    Heads,
    /// Heads whose events may come in any order, on plain channels; `?since=` is answered.
    LateHeads,
    /// Versions that two changes may share, and a list in numbered pages of one row each.
    Pages,
    /// Such pages with heads.
    HeadPages,
}

impl Facts {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Coarse,
        Self::Strict,
        Self::Heads,
        Self::LateHeads,
        Self::Pages,
        Self::HeadPages,
    ];

    const fn versions(self) -> Option<VersionMode> {
        match self {
            Self::None | Self::Heads | Self::HeadPages => None,
            Self::Coarse | Self::LateHeads | Self::Pages => Some(VersionMode::Coarse),
            Self::Strict => Some(VersionMode::Strict),
        }
    }

    /// Whether versions count commits.
    #[must_use]
    pub const fn is_strict(self) -> bool {
        matches!(self, Self::Strict)
    }

    /// Whether events and answers carry heads.
    #[must_use]
    pub const fn has_heads(self) -> bool {
        matches!(self, Self::Heads | Self::LateHeads | Self::HeadPages)
    }

    /// Whether the server keeps the last event of a channel for who subscribes.
    #[must_use]
    pub const fn keeps_last(self) -> bool {
        matches!(self, Self::Heads | Self::HeadPages)
    }

    /// Whether two commits may have the same version.
    #[must_use]
    pub const fn has_ties(self) -> bool {
        matches!(self, Self::Coarse | Self::LateHeads | Self::Pages)
    }

    /// Whether the list comes in pages.
    #[must_use]
    pub const fn has_pages(self) -> bool {
        matches!(self, Self::Pages | Self::HeadPages)
    }

    /// Whether events are published in the order of their commits.
    #[must_use]
    pub const fn is_ordered(self) -> bool {
        self.keeps_last()
    }

    /// The channel on which changes of a row are published.
    #[must_use]
    pub const fn channels(self) -> [&'static str; IDS] {
        if self.keeps_last() { ["cache-rows-1", "cache-rows-2"] } else { ["rows-1", "rows-2"] }
    }

    /// The resource, as an application declares it.
    #[must_use]
    pub fn resource(self) -> ResourceConfig {
        ResourceConfig {
            row_prefixes: vec!["https://a.test/rows".into()],
            version: self.versions().map(|_| "v".into()),
            version_mode: self.versions().unwrap_or(VersionMode::Coarse),
            channels: self.channels().map(Into::into).into(),
            on: vec![("Changed".into(), Reaction::Auto)],
            since: self == Self::LateHeads,
            membership: match self {
                Self::None | Self::Strict | Self::Heads | Self::Pages => Membership::All,
                Self::Coarse | Self::LateHeads | Self::HeadPages => Membership::Undeclared,
            },
            paging: self.has_pages().then_some(Paging::Number),
            persist: true,
            ..ResourceConfig::new("rows", "https://a.test/rows")
        }
    }
}

/// How much may happen in one schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Budget {
    /// Commits of rows.
    pub commits: u8,
    /// How many of their events wait in a queue before they are published.
    pub late: u8,
    /// Faults altogether, of these:
    pub faults: u8,
    /// The socket closes.
    pub closes: u8,
    /// The server starts anew, and forgets the last events of its channels.
    pub restarts: u8,
    /// The page is loaded anew, from what is stored.
    pub reloads: u8,
    /// An operator restores a backup: a new epoch.
    pub restores: u8,
    /// A read fails.
    pub failures: u8,
}

impl Budget {
    /// So many commits, one of them published late, and so many faults, each at most once.
    #[must_use]
    pub const fn new(commits: u8, faults: u8) -> Self {
        Self {
            commits,
            late: 1,
            faults,
            closes: 1,
            restarts: 1,
            reloads: 1,
            restores: 1,
            failures: 1,
        }
    }
}

/// A client that does not keep the promise, to show that the checks see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BrokenClient {
    /// Ignores events.
    Deaf,
    /// Never calls anything fresh.
    NeverFresh,
    /// Gives its socket id away, so that `toOthers()` leaves it out.
    Excluded,
}

/// One small world: a kind of back end, and how much may happen.
#[derive(Clone, Debug)]
pub struct Schedules {
    /// The facts.
    pub facts: Facts,
    /// What events carry.
    pub carries: Vec<Carries>,
    /// How much may happen.
    pub budget: Budget,
    /// Instead of the real client.
    pub broken_client: Option<BrokenClient>,
}
