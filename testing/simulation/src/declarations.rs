//! Declarations of the list that follow each other, from visit to visit and from tab to tab: of each build of an
//! application one, with one store for all.

use echolite_cache::{Membership, Name, Reaction, ResourceConfig, VersionMode};
use serde_json::{Value, json};

use crate::back_end::BackEnd;
use crate::client::{EVENT, LIST, WHISPER};

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

    /// The resource as a page declares it.
    pub fn resource(self, back: &BackEnd) -> ResourceConfig {
        let BackEnd { kind, channels, paging, habits, .. } = *back;
        let url: Name = if self.is_part { PART.into() } else { LIST.into() };
        let versions = kind.versions.filter(|_| self.names_version);
        let membership = if self.says_all { habits.membership } else { Membership::Undeclared };
        let resource = ResourceConfig {
            row_prefixes: vec![LIST.into()],
            version: versions.map(|_| "v".into()),
            version_mode: versions.unwrap_or(VersionMode::Coarse),
            channels: kind.channels()[..channels].iter().map(|name| (*name).into()).collect(),
            on: vec![(EVENT.into(), self.reaction), (WHISPER.into(), Reaction::Auto)],
            paging,
            membership,
            since: kind.since && self.asks_since,
            persist: true,
            ..ResourceConfig::new("products", url)
        };
        ResourceConfig { fingerprint: fingerprint(&resource), ..resource }
    }
}

/// The URL that answers a part of the list.
const PART: &str = "https://shop.test/api/products?part=odd";

/// Whether a URL asks for the list from its beginning.
pub fn is_beginning(url: &str) -> bool {
    url == LIST || url == PART
}

/// The declaration of whoever asks with this URL shows this row.
pub fn is_asked_for(url: &str, id: u64) -> bool {
    !url.starts_with(PART) || id % 2 == 1
}

/// The fingerprint of a declaration, of the values of which the page makes it (`npm/src/cache/fingerprint.ts`).
fn fingerprint(resource: &ResourceConfig) -> Name {
    let ResourceConfig { url, key, version, version_mode, paging, since, membership, on, .. } =
        resource;
    let on: Vec<_> = on.iter().map(|(event, reaction)| (&**event, reaction.name())).collect();
    let values: Value = json!([
        &**url,
        &**key,
        version.as_deref(),
        *version_mode == VersionMode::Strict,
        paging.map(|paging| format!("{paging:?}")),
        since,
        membership.name(),
        on,
    ]);
    values.to_string().into()
}
