//! Habits of a small world, and the kinds of worlds that have them.
//!
//! A habit is so from the beginning of a schedule to its end. Each kind has one or two of them, or a fault that the other
//! worlds lack, and little besides: so all of its schedules can be explored.

use echolite_cache::Membership;

use crate::back_end::Carries;
use crate::data::Form;
use crate::kinds::{Budget, Facts, Schedules};

/// Between two verifications, as an application declares it that minds them (milliseconds).
pub const VERIFY: u64 = 45_000;
/// For so long nobody is there (milliseconds): longer than that.
pub const ABSENCE: u64 = 60_000;

/// What is so from the beginning to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// The form of versions in answers.
    pub listed: Form,
    /// The form of versions in events.
    pub told: Form,
    /// The key of a row that was deleted may be used again.
    pub uses_keys_again: bool,
    /// The list shows only some of the rows, and nothing in its URL says so.
    pub filters: bool,
    /// What the application declares of the rows that the list holds, if it is not what it declares of such a back end.
    pub membership: Option<Membership>,
    /// Between two verifications (milliseconds); none: they are too rare to be seen.
    pub verify_interval: Option<u64>,
    /// The store takes its time to answer.
    pub slow_store: bool,
}

impl Habits {
    /// None.
    pub const NONE: Self = Self {
        listed: Form::Number,
        told: Form::Number,
        uses_keys_again: false,
        filters: false,
        membership: None,
        verify_interval: None,
        slow_store: false,
    };

    const UNDECLARED: Self = Self { membership: Some(Membership::Undeclared), ..Self::NONE };
    const FILTERS: Self = Self { filters: true, ..Self::UNDECLARED };
    const USES_KEYS_AGAIN: Self = Self { uses_keys_again: true, ..Self::NONE };
    const SLOW_STORE: Self = Self { slow_store: true, ..Self::NONE };
    const VERIFIES: Self = Self { verify_interval: Some(VERIFY), ..Self::NONE };

    const fn versions(listed: Form, told: Form) -> Self {
        Self { listed, told, ..Self::NONE }
    }
}

/// Some small worlds: one for each kind of back end and each of the habits.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What it is called.
    pub name: &'static str,
    facts: &'static [Facts],
    habits: &'static [Habits],
    carries: &'static [Carries],
    budget: Budget,
}

const ONE: Budget = Budget { commits: 1, ..Budget::none() };
const ONE_LATE: Budget = Budget { late: 1, ..ONE };
const EARLY: Budget = Budget { early: 1, faults: 1, closes: 1, ..ONE };
const TWO_LATE: Budget = Budget { commits: 2, ..ONE_LATE };

/// Of each kind what most of them have.
const KIND: Kind = Kind {
    name: "",
    facts: &Facts::ALL,
    habits: &[Habits::NONE],
    carries: &[Carries::Row],
    budget: ONE_LATE,
};

/// All kinds.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "left and joined again",
        facts: &[Facts::Strict, Facts::Heads],
        budget: Budget { faults: 1, leaves: 1, ..ONE },
        ..KIND
    },
    Kind {
        name: "two pages in turn",
        facts: &[Facts::Strict],
        budget: Budget { faults: 2, turns: 1, reloads: 1, ..ONE },
        ..KIND
    },
    Kind {
        name: "cleared",
        facts: &[Facts::None, Facts::Heads, Facts::Pages],
        budget: Budget { faults: 2, clears: 1, reloads: 1, ..ONE },
        ..KIND
    },
    Kind {
        name: "counters in texts",
        facts: &[Facts::Strict],
        habits: &[
            Habits::versions(Form::Digits, Form::Number),
            Habits::versions(Form::Number, Form::Digits),
        ],
        ..KIND
    },
    Kind {
        name: "timestamps of two forms",
        facts: &[Facts::Coarse],
        habits: &[
            Habits::versions(Form::Iso, Form::Sql),
            Habits::versions(Form::Sql, Form::Iso),
            Habits::versions(Form::Sql, Form::Sql),
        ],
        ..KIND
    },
    Kind {
        name: "versions without an order",
        facts: &[Facts::Strict, Facts::Coarse],
        habits: &[
            Habits::versions(Form::Digest, Form::Digest),
            Habits::versions(Form::Number, Form::Iso),
        ],
        ..KIND
    },
    Kind {
        name: "poorer rows",
        facts: &[Facts::None, Facts::Coarse, Facts::Strict, Facts::Heads],
        carries: &[Carries::Row, Carries::PoorerRow],
        ..KIND
    },
    Kind {
        name: "keys used again",
        facts: &[Facts::Strict],
        habits: &[Habits::USES_KEYS_AGAIN],
        budget: TWO_LATE,
        ..KIND
    },
    Kind {
        name: "rows that no query shows",
        habits: &[Habits::FILTERS],
        carries: &[Carries::Row, Carries::Url],
        ..KIND
    },
    Kind {
        name: "nothing declared",
        facts: &[Facts::None, Facts::Strict, Facts::Heads, Facts::Pages],
        habits: &[Habits::UNDECLARED],
        ..KIND
    },
    Kind {
        name: "events before their changes",
        facts: &[Facts::None, Facts::Pages],
        carries: &[Carries::Nothing],
        budget: EARLY,
        ..KIND
    },
    // of rows with timestamps a tie is settled by one read
    Kind { name: "rows before their changes", facts: &[Facts::None], budget: EARLY, ..KIND },
    Kind {
        name: "answers with an age",
        facts: &[Facts::None, Facts::Coarse, Facts::Strict, Facts::Heads, Facts::Pages],
        budget: Budget { faults: 1, kept: 1, ..ONE_LATE },
        ..KIND
    },
    Kind {
        name: "reads that hang",
        facts: &[Facts::None, Facts::Heads, Facts::Pages],
        budget: Budget { faults: 1, hangs: 1, ..ONE },
        ..KIND
    },
    Kind {
        name: "a store that hangs, fails or is lost",
        facts: &[Facts::Strict, Facts::Heads],
        habits: &[Habits::SLOW_STORE],
        budget: Budget { faults: 2, stores: 1, reloads: 1, ..ONE },
        ..KIND
    },
    Kind {
        name: "changes that nobody publishes",
        facts: &[Facts::None, Facts::Heads],
        habits: &[Habits::VERIFIES],
        budget: Budget { faults: 2, unseen: 1, hangs: 1, reloads: 1, absences: 1, ..ONE },
        ..KIND
    },
];

impl Kind {
    /// Its worlds.
    pub fn worlds(self) -> impl Iterator<Item = Schedules> {
        let Self { facts, habits, carries, budget, .. } = self;
        let pairs =
            facts.iter().flat_map(move |facts| habits.iter().map(move |own| (*facts, *own)));
        pairs.map(move |(facts, habits)| Schedules {
            facts,
            habits,
            // where pages are loaded anew, each of them begins so
            from_the_start: budget.reloads == 0,
            carries: carries.to_vec(),
            budget,
            broken_client: None,
        })
    }
}
