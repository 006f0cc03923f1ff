//! Warnings: what only a developer can mend, each said once.

use crate::Name;

/// Mistakes that only a developer can mend. The texts, with the fix, are in `npm/src/cache/warnings.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarningCode {
    /// An event carries a row, and nothing says whether it is in the list: `belongs` is not declared.
    BelongsUndeclared,
    /// An event of the resource's channels is named by no `on`.
    EventUnnamed,
    /// An event cannot do what its reaction asks: the detail says why.
    EventUnfit,
    /// An event's row, or one that was read alone, lacks fields that the list's rows have.
    RowPoorer,
    /// A list has a key twice.
    KeyTwice,
    /// A query puts values of a field in order that are numbers and texts.
    IndexMixed,
    /// A query compares a field with a value of a kind that no row has there: none can match.
    OperandUnlike,
    /// Two versions of a row have no order: they are of two kinds, or of none.
    VersionsIncomparable,
    /// The page did not say in time what an event does: a function of the application is still at work, or was lost.
    ConsultationUnanswered,
}

impl WarningCode {
    /// A stable word for applications to switch on.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BelongsUndeclared => "belongs-undeclared",
            Self::EventUnnamed => "event-unnamed",
            Self::EventUnfit => "event-unfit",
            Self::RowPoorer => "row-poorer",
            Self::KeyTwice => "key-twice",
            Self::IndexMixed => "index-mixed",
            Self::OperandUnlike => "operand-unlike",
            Self::VersionsIncomparable => "versions-incomparable",
            Self::ConsultationUnanswered => "consultation-unanswered",
        }
    }
}

/// Subjects remembered at most: a back end that goes on inventing names is not told of each.
const SUBJECTS: usize = 32;

/// The warnings that a resource has given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Warnings {
    given: Vec<(WarningCode, Name)>,
}

impl Warnings {
    /// Whether this is to be said: the first of its code about this subject.
    pub(crate) fn is_news(&mut self, code: WarningCode, subject: &Name) -> bool {
        let given = self.given.iter().any(|(old, about)| *old == code && *about == *subject);
        if given || self.given.len() == SUBJECTS {
            return false;
        }
        self.given.push((code, subject.clone()));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_subject_is_said_once_and_not_without_end() {
        let mut warnings = Warnings::default();
        let code = WarningCode::BelongsUndeclared;
        assert!(warnings.is_news(code, &"a".into()));
        assert!(!warnings.is_news(code, &"a".into()));
        let said = (0..100).filter(|n| warnings.is_news(code, &n.to_string().into())).count();
        assert_eq!(said, SUBJECTS - 1);
    }
}
