//! The application's data in the small world: small, copied freely, compared by value.

use echolite_cache::{Name, Payload, Scalar};

/// How many ids there are.
pub const IDS: usize = 2;
/// The ids, as they are shown.
pub const ID_TEXTS: [&str; IDS] = ["1", "2"];
/// A URL for each id, as events name them.
const URLS: [&str; IDS] = ["/rows/1", "/rows/2"];

/// A row. `n` tells which commit wrote it, so that no two of them are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// Counted from 0; shown as `1`, `2`.
    pub id: u8,
    /// Its version.
    pub version: u8,
    /// The commit that wrote it.
    pub n: u8,
}

/// The back end's counter, as an event carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Counter {
    /// New with every restored backup.
    pub epoch: u8,
    /// Raised by every commit.
    pub seq: u8,
}

impl Counter {
    /// The name of every epoch but the first: no schedule has more than two.
    pub const LATER: &'static str = "f";

    /// The epoch's name.
    #[must_use]
    pub const fn epoch_name(self) -> &'static str {
        if self.epoch == 0 { "e" } else { Self::LATER }
    }
}

/// What an event says of its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Says {
    /// The row as it is now.
    Row(Row),
    /// That the row is gone, and what it was.
    Deleted(Row),
    /// That this id's URL is outdated.
    Url(u8),
    /// That something changed.
    Hint,
}

/// A value that the engine may look into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Data {
    /// An object of no interest.
    Empty,
    /// A row.
    Row(Row),
    /// The data of an event.
    Event(Says, Option<Counter>),
    /// A head in an event.
    Head(Counter),
    /// A number.
    Number(u8),
    /// `true`.
    True,
    /// A text.
    Text(&'static str),
    /// The data of `pusher:connection_established`.
    Greeting,
}

impl Payload for Data {
    fn at(&self, path: &str) -> Option<Self> {
        match (self, path) {
            (_, "") => Some(*self),
            (Self::Row(row), "id") => Some(Self::Text(ID_TEXTS[usize::from(row.id)])),
            (Self::Row(row), "v") => Some(Self::Number(row.version)),
            (Self::Event(Says::Row(row) | Says::Deleted(row), _), "client_refresh") => {
                Some(Self::Row(*row))
            }
            (Self::Event(Says::Deleted(_), _), "deleted") => Some(Self::True),
            (Self::Event(Says::Url(id), _), "url") => Some(Self::Text(URLS[usize::from(*id)])),
            (Self::Event(_, Some(counter)), "head") => Some(Self::Head(*counter)),
            (Self::Head(counter), "epoch") => Some(Self::Text(counter.epoch_name())),
            (Self::Head(counter), "seq") => Some(Self::Number(counter.seq)),
            (Self::Head(counter), "prev") => Some(Self::Number(counter.seq - 1)),
            (Self::Greeting, "socket_id") => Some(Self::Text("1.1")),
            _ => None,
        }
    }

    fn scalar(&self) -> Scalar {
        match self {
            Self::Number(number) => Scalar::Number(f64::from(*number)),
            Self::True => Scalar::Bool(true),
            Self::Text(text) => Scalar::Text((*text).into()),
            Self::Empty | Self::Row(_) | Self::Event(..) | Self::Head(_) | Self::Greeting => {
                Scalar::Other
            }
        }
    }

    fn items(&self) -> Option<Vec<Self>> {
        None
    }

    fn is_object(&self) -> bool {
        self.scalar() == Scalar::Other
    }

    // the world has no encrypted channels, the only place where the engine parses or makes texts itself
    fn parse(_: &str) -> Option<Self> {
        None
    }

    fn from_text(_: &str) -> Self {
        Self::Empty
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    // all rows have the same fields
    fn lacks(&self, _: &Self) -> Option<Name> {
        None
    }

    fn over(&self, _: &Self) -> Self {
        *self
    }
}
