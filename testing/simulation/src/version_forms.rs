//! The forms in which a back end shows the versions of its rows: one in its answers, another in its events.

use echolite_cache::VersionMode;
use serde_json::Value;

use crate::kind::Kind;

/// One way to write a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Number,
    Digits,
    /// A number that a double cannot hold.
    Beyond,
    /// `2026-01-02T10:00:00.000000Z`, as Laravel's JSON has it.
    Iso,
    /// `2026-01-02 10:00:00`, as a query builder has it.
    Sql,
    /// `2026-01-02T12:00:00+02:00`.
    Offset,
    /// A digest of the row.
    Digest,
}

/// The form of answers, and the form of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionForms {
    pub listed: Form,
    pub told: Form,
}

/// Both show numbers.
pub const PLAIN: VersionForms = VersionForms { listed: Form::Number, told: Form::Number };

const SQL: VersionForms = VersionForms { listed: Form::Sql, told: Form::Sql };

const COUNTERS: &[VersionForms] = &[
    VersionForms { listed: Form::Digits, told: Form::Digits },
    VersionForms { listed: Form::Digits, told: Form::Number },
    VersionForms { listed: Form::Number, told: Form::Digits },
    VersionForms { listed: Form::Beyond, told: Form::Beyond },
    VersionForms { listed: Form::Digest, told: Form::Digest },
];

const TIMES: &[VersionForms] = &[
    VersionForms { listed: Form::Digits, told: Form::Digits },
    VersionForms { listed: Form::Iso, told: Form::Sql },
    VersionForms { listed: Form::Sql, told: Form::Iso },
    SQL,
    VersionForms { listed: Form::Offset, told: Form::Iso },
    VersionForms { listed: Form::Iso, told: Form::Offset },
    VersionForms { listed: Form::Number, told: Form::Iso },
    VersionForms { listed: Form::Digest, told: Form::Digest },
];

impl VersionForms {
    pub fn draw(kind: Kind, random: &mut fastrand::Rng) -> Self {
        let forms = match kind.versions {
            Some(VersionMode::Strict) => COUNTERS,
            Some(VersionMode::Coarse) => TIMES,
            None => &[PLAIN],
        };
        forms[random.usize(0..forms.len())]
    }

    /// Whether a version of an answer and one of an event say which is later.
    pub fn are_comparable(self) -> bool {
        let is_count = |form| matches!(form, Form::Number | Form::Digits);
        // a time without an offset is one of an unknown place: two such have an order
        let is_time = |form| matches!(form, Form::Iso | Form::Offset);
        self == SQL
            || is_count(self.listed) && is_count(self.told)
            || is_time(self.listed) && is_time(self.told)
    }
}

impl Form {
    /// A version as it is shown.
    pub fn show(self, version: u64) -> Value {
        // a schedule is shorter than the hour
        let time = |hour: u8| format!("{hour}:{:02}:{:02}", version / 60 % 60, version % 60);
        match self {
            Self::Number => version.into(),
            Self::Digits => version.to_string().into(),
            Self::Beyond => ((1_u64 << 53) + version).into(),
            Self::Iso => format!("2026-01-02T{}.000000Z", time(10)).into(),
            Self::Sql => format!("2026-01-02 {}", time(10)).into(),
            Self::Offset => format!("2026-01-02T{}+02:00", time(12)).into(),
            Self::Digest => format!("{:016x}", version.wrapping_mul(0x9e37_79b9_7f4a_7c15)).into(),
        }
    }
}
