//! The kinds of back ends: which facts about order they give.

use echolite_cache::VersionMode;

/// One kind of back end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What `--kind` calls it.
    pub name: &'static str,
    /// Whether rows have versions, and what equal ones mean.
    pub versions: Option<VersionMode>,
    /// Whether events and responses carry heads, on channels that keep their last event.
    pub heads: bool,
    /// Whether the list answers `since`.
    pub since: bool,
    /// Whether the server keeps history, and clients ask for what they missed.
    pub positions: bool,
}

/// All kinds, those that know least first.
pub const KINDS: &[Kind] = &[
    NONE,
    Kind { name: "coarse", versions: Some(VersionMode::Coarse), ..NONE },
    Kind { name: "strict", versions: Some(VersionMode::Strict), ..NONE },
    Kind { name: "heads", heads: true, ..NONE },
    Kind { name: "since", versions: Some(VersionMode::Coarse), heads: true, since: true, ..NONE },
    Kind { name: "positions", versions: Some(VersionMode::Coarse), positions: true, ..NONE },
    Kind {
        name: "all",
        versions: Some(VersionMode::Strict),
        heads: true,
        since: true,
        positions: true,
    },
];

/// Events say that something changed, and nothing else is known.
const NONE: Kind =
    Kind { name: "none", versions: None, heads: false, since: false, positions: false };

impl Kind {
    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        KINDS.iter().copied().find(|kind| kind.name == name)
    }

    /// Whether versions count the changes of a row.
    #[must_use]
    pub const fn counts(&self) -> bool {
        matches!(self.versions, Some(VersionMode::Strict))
    }

    /// Whether its channels keep their last event.
    #[must_use]
    pub const fn caches(&self) -> bool {
        self.heads || self.positions
    }

    /// The channels that its resource may have; a schedule uses one or both.
    #[must_use]
    pub const fn channels(&self) -> [&'static str; 2] {
        if self.positions {
            ["private-cache-products", "private-cache-prices"]
        } else if self.heads {
            ["private-cache-products", "cache-prices"]
        } else {
            ["private-products", "prices"]
        }
    }
}
