//! Words for what became of an event, a read or a row, as activity and live queries report it.

/// What became of an event. Of several rows in one event the last of these counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventOutcome {
    /// It says nothing new.
    Ignored,
    /// It is final for the rows that it carries.
    Applied,
    /// It is shown, and a read confirms it.
    Provisional,
    /// A read follows, or an event before it is waited for.
    Queued,
    /// It cannot be carried out; the list is read instead.
    Rejected,
}

impl EventOutcome {
    /// A stable word for applications to switch on.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::Applied => "applied",
            Self::Provisional => "provisional",
            Self::Queued => "queued",
            Self::Rejected => "rejected",
        }
    }
}

/// What became of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    /// The list's rows are those of the read.
    Rows,
    /// A page was answered; others follow.
    Page,
    /// The pages are not of one moment.
    Moved,
    /// As the validator says.
    NotModified,
    /// One row was answered.
    Row,
    /// There is no such row.
    Gone,
    /// It shows something older than what is known, and was not taken.
    Suspect,
    /// It brought nothing.
    Failed,
}

impl ReadOutcome {
    /// A stable word for applications to switch on.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Page => "page",
            Self::Moved => "moved",
            Self::NotModified => "not-modified",
            Self::Row => "row",
            Self::Gone => "gone",
            Self::Suspect => "suspect",
            Self::Failed => "failed",
        }
    }
}

/// How a row that a live query shows, or showed, differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowChangeKind {
    /// It is new.
    Insert,
    /// It is different.
    Update,
    /// It is gone.
    Delete,
}

impl RowChangeKind {
    /// A stable word for applications to switch on.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_end_in_these_words() {
        for (outcome, word) in [
            (ReadOutcome::Rows, "rows"),
            (ReadOutcome::Page, "page"),
            (ReadOutcome::Moved, "moved"),
            (ReadOutcome::NotModified, "not-modified"),
            (ReadOutcome::Row, "row"),
            (ReadOutcome::Gone, "gone"),
            (ReadOutcome::Suspect, "suspect"),
            (ReadOutcome::Failed, "failed"),
        ] {
            assert_eq!(outcome.name(), word);
        }
    }
}
