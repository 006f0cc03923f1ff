//! Declarations of the list that follow each other, from visit to visit and from tab to tab: of each build of an
//! application one, with one store for all.

use echolite_cache::Reaction;

use crate::names::LIST;

/// What one declaration says otherwise than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// Its URL answers the rows with odd ids only.
    pub is_part: bool,
    /// What it does at events.
    pub reaction: Reaction,
    /// It names the version of rows.
    pub names_version: bool,
    /// It asks for what changed since a head, where the back end can tell.
    pub asks_since: bool,
    /// It says that the list holds every row.
    pub says_all: bool,
}

impl Declaration {
    /// All that the back end can tell, and every row.
    pub const FULL: Self = Self {
        is_part: false,
        reaction: Reaction::Auto,
        names_version: true,
        asks_since: true,
        says_all: true,
    };

    /// The declarations of a schedule; where they never change, both are one.
    pub fn draw(changes: bool, random: &mut fastrand::Rng) -> [Self; 2] {
        let other = match random.u8(0..6) {
            0 | 1 => Self { is_part: true, says_all: false, ..Self::FULL },
            2 => Self { reaction: Reaction::Refresh, ..Self::FULL },
            3 => Self { reaction: Reaction::Ignore, ..Self::FULL },
            4 => Self { names_version: false, asks_since: false, ..Self::FULL },
            _ => Self { says_all: false, ..Self::FULL },
        };
        [Self::FULL, if changes { other } else { Self::FULL }]
    }

    /// Whether the list shows this row, if the back end lists it.
    pub const fn shows(self, id: u64) -> bool {
        !self.is_part || id % 2 == 1
    }

    /// Whether it hears what the back end tells: else nothing is promised.
    pub fn hears(self) -> bool {
        self.reaction != Reaction::Ignore
    }
}

/// The URL that answers a part of the list.
pub const PART: &str = "https://shop.test/api/products?part=odd";

/// Whether a URL asks for the list from its beginning.
pub fn is_beginning(url: &str) -> bool {
    url == LIST || url == PART
}

/// The declaration of whoever asks with this URL shows this row.
pub fn is_asked_for(url: &str, id: u64) -> bool {
    !url.starts_with(PART) || id % 2 == 1
}
