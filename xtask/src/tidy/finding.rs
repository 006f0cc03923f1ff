//! A place that breaks a rule.

/// A breach of a rule. `fails: false` is only printed.
pub(super) struct Finding {
    pub(super) fails: bool,
    pub(super) place: String,
    pub(super) what: String,
}

impl Finding {
    pub(super) fn fails(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { fails: true, place: place.into(), what: what.into() }
    }

    pub(super) fn prints(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { fails: false, place: place.into(), what: what.into() }
    }
}
