//! The application's data in the small world: small, copied freely, compared by value.

use echolite_cache::{Name, Payload, Scalar};

/// How many ids there are.
pub const IDS: usize = 2;
/// The ids, as they are shown.
pub const ID_TEXTS: [&str; IDS] = ["1", "2"];
/// A URL for each id, as events name them.
const URLS: [&str; IDS] = ["/rows/1", "/rows/2"];

/// The form in which a version is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// A number.
    Number,
    /// Its digits, in a text.
    Digits,
    /// A timestamp with an offset.
    Iso,
    /// A local time without one, two hours ahead, as a query builder has it.
    Sql,
    /// A digest of the row: texts that have no order.
    Digest,
}

impl Form {
    const ISO: [&str; 8] = [
        "2026-01-02T10:00:08Z",
        "2026-01-02T10:00:09Z",
        "2026-01-02T10:00:10Z",
        "2026-01-02T10:00:11Z",
        "2026-01-02T10:00:12Z",
        "2026-01-02T10:00:13Z",
        "2026-01-02T10:00:14Z",
        "2026-01-02T10:00:15Z",
    ];
    const SQL: [&str; 8] = [
        "2026-01-02 12:00:08",
        "2026-01-02 12:00:09",
        "2026-01-02 12:00:10",
        "2026-01-02 12:00:11",
        "2026-01-02 12:00:12",
        "2026-01-02 12:00:13",
        "2026-01-02 12:00:14",
        "2026-01-02 12:00:15",
    ];
    const DIGITS: [&str; 8] = ["8", "9", "10", "11", "12", "13", "14", "15"];
    const DIGESTS: [&str; 8] = ["9f", "c2", "4b", "e0", "0d", "b8", "5d", "f3"];
    /// The first version that is shown: from there two of them have another order as texts.
    const FIRST: u8 = 8;

    /// A version as it is shown.
    const fn show(self, version: u8) -> Data {
        let at = version as usize;
        match self {
            Self::Number => Data::Number(Self::FIRST + version),
            Self::Digits => Data::Text(Self::DIGITS[at]),
            Self::Iso => Data::Text(Self::ISO[at]),
            Self::Sql => Data::Text(Self::SQL[at]),
            Self::Digest => Data::Text(Self::DIGESTS[at]),
        }
    }
}

/// A row. `n` tells which commit wrote it, so that no two of them are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// Counted from 0; shown as `1`, `2`.
    pub id: u8,
    /// Its version.
    pub version: u8,
    /// The commit that wrote it.
    pub n: u8,
    /// The form in which its version is shown.
    pub form: Form,
    /// What only answers join to it: the commit of which it is. Events of some back ends lack it.
    pub joined: Option<u8>,
    /// Whether the list shows it; nothing in the row or in the list's URL says so.
    pub is_listed: bool,
}

impl Row {
    /// A row of the list, complete, its version a number.
    #[must_use]
    pub const fn new(id: u8, version: u8, n: u8) -> Self {
        Self { id, version, n, form: Form::Number, joined: Some(n), is_listed: true }
    }

    /// The same row with its version in another form.
    #[must_use]
    pub const fn shown(self, form: Form) -> Self {
        Self { form, ..self }
    }
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
            (Self::Row(row), "v") => Some(row.form.show(row.version)),
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

    fn lacks(&self, other: &Self) -> Option<Name> {
        match (self, other) {
            (Self::Row(Row { joined: None, .. }), Self::Row(Row { joined: Some(_), .. })) => {
                Some("joined".into())
            }
            _ => None,
        }
    }

    fn over(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Row(row), Self::Row(other)) => {
                Self::Row(Row { joined: row.joined.or(other.joined), ..*row })
            }
            _ => *self,
        }
    }
}
