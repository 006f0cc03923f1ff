//! Declarations of an application: the settings of a cache, its resources.

use crate::{Name, persist};

/// The settings of a cache. Durations are milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The address to connect to.
    pub core: echolite_core::Config,
    /// Between two polls of an observed resource without a socket.
    pub poll_interval: u64,
    /// Between two verifications of an observed resource.
    pub verify_interval: u64,
    /// Longest silence in the answer to a read: after it the read has failed.
    pub read_timeout: u64,
    /// Whether rows are kept in a store.
    pub persist: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            core: echolite_core::Config::default(),
            poll_interval: 5_000,
            verify_interval: 300_000,
            read_timeout: 30_000,
            persist: false,
        }
    }
}

/// A named set of rows of the back end.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceConfig {
    /// Its name, unique within the cache.
    pub name: Name,
    /// The question that the rows answer: what of the declaration makes them what they are. Stored rows are those of a name
    /// and a fingerprint (rule 7). The page makes it (`npm/src/cache/fingerprint.ts`); here it is compared.
    pub fingerprint: Name,
    /// The list's URL, absolute.
    pub url: Name,
    /// URL prefixes under which single rows of it are read, absolute: a URL reaction accepts no other.
    pub row_prefixes: Vec<Name>,
    /// Path of the id in a row.
    pub key: Name,
    /// Path of the version in a row, if rows have one.
    pub version: Option<Name>,
    /// Whether equal versions mean equal rows.
    pub version_mode: VersionMode,
    /// Channels whose events speak of it, by their full names (`private-products`).
    pub channels: Vec<Name>,
    /// Event names as they are on the wire, and what each does.
    pub on: Vec<(Name, Reaction)>,
    /// Paths that queries may name.
    pub indexes: Vec<Name>,
    /// Declared types of indexes, or of the key.
    pub index_types: Vec<(Name, FieldType)>,
    /// Path of the row in an event (`client_refresh`).
    pub row_path: Name,
    /// Path of the deletion mark or deleted id in an event (`deleted`).
    pub deleted_path: Name,
    /// Path of the head in an event (`head`: `{epoch, seq, prev}`); `heads.{name}` is read as well.
    pub head_path: Name,
    /// Whether the list's URL takes `?since=epoch;seq` and answers only what changed.
    pub since: bool,
    /// Path of the outdated URL or URLs in an event (`url`).
    pub url_path: Name,
    /// Path of the tag or tags in an event (`tags`).
    pub tags_path: Name,
    /// The tags of this resource: an event that names one means the list; one with `{id}` in it
    /// (`product:{id}`) means that row.
    pub tags: Vec<Name>,
    /// Fields that an event's row lacks stay as they are: the row is not in doubt for lacking them.
    pub merge: bool,
    /// The declaration of which rows the list holds.
    pub membership: Membership,
    /// The division of the list into pages, if it has any.
    pub paging: Option<Paging>,
    /// An append list (messages): the path of what grows with each new row, sent as `after` when polling, so
    /// that only new rows are asked for. The key or one of `indexes`.
    pub append: Option<Name>,
    /// Whether the application wants to be asked about each event (a function in `on`, or `belongs`).
    pub consult: bool,
    /// Whether rows may be stored; without a user only those of public channels may.
    pub persist: bool,
    /// Raised when the shape of rows changes: stored rows of another schema are discarded.
    pub schema: u32,
}

impl ResourceConfig {
    /// A resource that no channel and no event speaks of yet, with the field names that events have by default.
    #[must_use]
    pub fn new(name: impl Into<Name>, url: impl Into<Name>) -> Self {
        Self {
            name: name.into(),
            fingerprint: "".into(),
            url: url.into(),
            row_prefixes: Vec::new(),
            key: "id".into(),
            version: None,
            version_mode: VersionMode::Coarse,
            channels: Vec::new(),
            on: Vec::new(),
            indexes: Vec::new(),
            index_types: Vec::new(),
            row_path: "client_refresh".into(),
            deleted_path: "deleted".into(),
            head_path: "head".into(),
            since: false,
            url_path: "url".into(),
            tags_path: "tags".into(),
            tags: Vec::new(),
            merge: false,
            membership: Membership::Undeclared,
            paging: None,
            append: None,
            consult: false,
            persist: false,
            schema: 1,
        }
    }

    /// The name under which its rows are stored: two declarations of one name lie beside each other.
    #[must_use]
    pub fn stored_as(&self) -> Name {
        persist::stored_as(&self.name, &self.fingerprint)
    }
}

/// The type of a field, by which its values are compared, whatever form the JSON has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Numbers, also those that come as texts (`"9.99"`).
    Number,
    /// Timestamps, compared as moments; a number is milliseconds since 1970.
    Date,
    /// Texts, even where they look like numbers.
    Text,
}

impl FieldType {
    /// The type of this name, as applications write it.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "number" => Some(Self::Number),
            "date" => Some(Self::Date),
            "text" => Some(Self::Text),
            _ => None,
        }
    }
}

/// The declaration of which rows a list holds (rule 14): versions and heads order rows, and say nothing of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Membership {
    /// None: only a read tells whether a changed row is in the list.
    #[default]
    Undeclared,
    /// The list's URL answers every row of the resource.
    All,
    /// The application answers for each row, in [`Advice::belongs`](crate::Advice::belongs).
    Asked,
}

impl Membership {
    /// The word for it, as `inspect()` shows it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Undeclared => "undeclared",
            Self::All => "all",
            Self::Asked => "function",
        }
    }
}

/// The division of a list into pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// By number (`?page=2`): as rows come and go, others move from page to page.
    Number,
    /// By cursor (`?cursor=…`), in the order of a key that never changes: a row stays behind the same cursor.
    Cursor,
}

/// The meaning of equal versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionMode {
    /// A counter raised by every change: equal versions are the same row.
    Strict,
    /// A timestamp: two changes may share it.
    Coarse,
}

/// The reaction of a resource to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// By what the event carries: a row → patch, a URL → url, neither → refresh.
    Auto,
    /// Read the list again.
    Refresh,
    /// Put the event's row in its place.
    Patch,
    /// Read the URL it names.
    Url,
    /// Do nothing.
    Ignore,
}

impl Reaction {
    /// All reactions, in the order in which people are told of them.
    pub const ALL: [Self; 5] = [Self::Auto, Self::Refresh, Self::Patch, Self::Url, Self::Ignore];

    /// The word for it, as applications write it. `tests/fixtures/reactions.json` holds TypeScript to the same words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Refresh => "refresh",
            Self::Patch => "patch",
            Self::Url => "url",
            Self::Ignore => "ignore",
        }
    }

    /// The reaction of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reaction| reaction.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reactions_have_the_words_that_applications_write() {
        let words: Vec<&str> =
            serde_json::from_str(include_str!("../../../tests/fixtures/reactions.json")).unwrap();
        assert_eq!(Reaction::ALL.map(Reaction::name).to_vec(), words);
        for word in words {
            assert_eq!(Reaction::of(word).map(Reaction::name), Some(word));
        }
        assert_eq!(Reaction::of("reload"), None);
    }
}
