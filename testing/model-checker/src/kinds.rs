//! What may be explored: which facts a back end gives, and how much may happen in one schedule.

use echolite_cache::{
    Command, Input, Membership, Paging, Query, Reaction, ResourceConfig, VersionMode,
};

use crate::back_end::Carries;
use crate::data::{Data, IDS};
use crate::habits::Habits;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// The answer to a read takes longer than anybody waits.
    pub hangs: u8,
    /// A cache on the way answers with what it kept.
    pub kept: u8,
    /// The part of the page that shows the list goes away, and comes back.
    pub leaves: u8,
    /// Another page of the scope is opened while this one sleeps.
    pub turns: u8,
    /// The scope is cleared.
    pub clears: u8,
    /// The store hangs, a commit fails, or another page takes the store over.
    pub stores: u8,
    // these are no faults of their own:
    /// How many commits are announced before they can be read.
    pub early: u8,
    /// How many commits are never published.
    pub unseen: u8,
    /// How many times nobody is there for a longer while before a page is loaded anew.
    pub absences: u8,
}

impl Budget {
    /// So many commits, one of them published late, and so many faults, each at most once.
    #[must_use]
    pub const fn new(commits: u8, faults: u8) -> Self {
        let (closes, restarts, reloads, restores, failures) = (1, 1, 1, 1, 1);
        let none = Self::none();
        Self { commits, late: 1, faults, closes, restarts, reloads, restores, failures, ..none }
    }

    /// Nothing happens.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            commits: 0,
            late: 0,
            faults: 0,
            closes: 0,
            restarts: 0,
            reloads: 0,
            restores: 0,
            failures: 0,
            hangs: 0,
            kept: 0,
            leaves: 0,
            turns: 0,
            clears: 0,
            stores: 0,
            early: 0,
            unseen: 0,
            absences: 0,
        }
    }

    /// What is left when no fault may happen any more.
    #[must_use]
    pub const fn without_faults(self) -> Self {
        let Self { commits, late, early, unseen, .. } = self;
        Self { commits, late, early, unseen, ..Self::none() }
    }

    /// Whether a page may still be opened that loads what is stored.
    #[must_use]
    pub const fn needs_store(&self) -> bool {
        self.reloads + self.turns > 0
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
    /// What is so from the beginning to the end.
    pub habits: Habits,
    /// The world is explored from a page that is opened for the first time, too.
    pub from_the_start: bool,
    /// What events carry.
    pub carries: Vec<Carries>,
    /// How much may happen.
    pub budget: Budget,
    /// Instead of the real client.
    pub broken_client: Option<BrokenClient>,
}

impl Schedules {
    /// What an application says first, once the store is its own.
    #[must_use]
    pub fn opening(&self) -> [Input<Data>; 2] {
        let mut resource = self.facts.resource();
        resource.membership = self.habits.membership.unwrap_or(resource.membership);
        [Command::Resource(resource), Command::Live(1, "rows".into(), Query::default())]
            .map(Input::Command)
    }

    /// The number of a channel.
    #[must_use]
    pub fn channel(&self, name: &str) -> Option<u8> {
        let at = self.facts.channels().iter().position(|own| *own == name)?;
        Some(at as u8)
    }
}
