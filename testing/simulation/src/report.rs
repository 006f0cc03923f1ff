//! What many schedules came to.

use std::fmt::Write;

use crate::fault::{FAULTS, Fault};
use crate::kind::Kind;
use crate::schedule::Outcome;

/// Each kind of fault happens in at least so many percent of the schedules.
const LEAST_COVERAGE: u64 = 5;
/// Under light load, pages are fresh for at least so many percent of the time.
const LEAST_FRESH: u64 = 50;
/// So many standard deviations below what is due, a share is no accident of few schedules.
const DEVIATIONS: f64 = 3.0;

/// What all schedules of one kind of back end came to.
#[derive(Clone, Debug)]
pub struct Totals {
    pub kind: Kind,
    pub schedules: u64,
    pub steps: u64,
    pub least_steps: u64,
    pub reads: u64,
    /// Awake and fresh milliseconds: of all schedules, and of those under light load.
    pub time: [(u64, u64); 2],
    pub longest_settling: u64,
    /// Squares of the fresh milliseconds that single schedules under light load lack or exceed.
    squares: f64,
    faults: Vec<u64>,
}

impl Totals {
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let faults = vec![0; FAULTS.len()];
        let (schedules, steps, least_steps, reads) = (0, 0, u64::MAX, 0);
        let (time, longest_settling, squares) = ([(0, 0); 2], 0, 0.0);
        Self { kind, schedules, steps, least_steps, reads, time, longest_settling, squares, faults }
    }

    pub fn add(&mut self, outcome: &Outcome) {
        self.schedules += 1;
        self.steps += outcome.steps;
        self.least_steps = self.least_steps.min(outcome.steps);
        self.reads += outcome.reads;
        let loads = if outcome.is_light { 2 } else { 1 };
        for (awake, fresh) in &mut self.time[..loads] {
            *awake += outcome.awake_time;
            *fresh += outcome.fresh_time;
        }
        if outcome.is_light {
            self.squares += lacking(outcome.awake_time, outcome.fresh_time).powi(2);
        }
        self.longest_settling = self.longest_settling.max(outcome.settling);
        for (count, fault) in self.faults.iter_mut().zip(FAULTS) {
            *count += u64::from(outcome.coverage.has(*fault));
        }
    }

    pub fn merge(&mut self, other: &Self) {
        self.schedules += other.schedules;
        self.steps += other.steps;
        self.least_steps = self.least_steps.min(other.least_steps);
        self.reads += other.reads;
        for (own, (awake, fresh)) in self.time.iter_mut().zip(other.time) {
            own.0 += awake;
            own.1 += fresh;
        }
        self.longest_settling = self.longest_settling.max(other.longest_settling);
        self.squares += other.squares;
        for (own, other) in self.faults.iter_mut().zip(&other.faults) {
            *own += other;
        }
    }

    /// In how many percent of the schedules it happened.
    fn coverage(&self, fault: Fault) -> u64 {
        self.faults[fault as usize] * 100 / self.schedules.max(1)
    }

    /// Whether it happens in fewer schedules than it should: by more than chance would have it.
    fn is_rare(&self, fault: Fault) -> bool {
        let (schedules, least) = (self.schedules as f64, LEAST_COVERAGE as f64 / 100.0);
        let deviation = (schedules * least * (1.0 - least)).sqrt();
        (self.faults[fault as usize] as f64) < schedules * least - DEVIATIONS * deviation
    }

    fn fresh(&self, load: usize) -> u64 {
        let (awake, fresh) = self.time[load];
        fresh * 100 / awake.max(1)
    }

    /// Whether pages are fresh for less of the time than they should: by more than chance would have it.
    fn is_seldom_fresh(&self) -> bool {
        let (awake, fresh) = self.time[1];
        lacking(awake, fresh) > DEVIATIONS * self.squares.sqrt()
    }

    /// What is missing for these schedules to say much.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        let name = self.kind.name;
        let rare = FAULTS
            .iter()
            .filter(|fault| fault.concerns(self.kind))
            .filter(|fault| self.is_rare(**fault));
        let mut complaints: Vec<String> = rare
            .map(|fault| {
                format!(
                    "{name}: '{}' in less than {LEAST_COVERAGE} % of the schedules",
                    fault.words()
                )
            })
            .collect();
        if self.is_seldom_fresh() {
            complaints.push(format!(
                "{name}: fresh for {} % of the time under light load, at least {LEAST_FRESH} % are due",
                self.fresh(1)
            ));
        }
        complaints
    }
}

/// The fresh milliseconds that so much awake time lacks; below zero where there are more than are due.
fn lacking(awake: u64, fresh: u64) -> f64 {
    awake as f64 * LEAST_FRESH as f64 / 100.0 - fresh as f64
}

/// The table of what was run.
#[must_use]
pub fn table(totals: &[Totals]) -> String {
    let mut text = String::new();
    let mut line = |name: &str, cell: &dyn Fn(&Totals) -> String| {
        // a String takes whatever is written
        let _ = write!(text, "{name:<34}");
        for kind in totals {
            let _ = write!(text, "{:>11}", cell(kind));
        }
        text.push('\n');
    };
    line("", &|kind| kind.kind.name.into());
    line("schedules", &|kind| kind.schedules.to_string());
    line("steps", &|kind| kind.steps.to_string());
    line("steps of the shortest", &|kind| kind.least_steps.to_string());
    line("reads", &|kind| kind.reads.to_string());
    line("fresh, of the time", &|kind| format!("{} %", kind.fresh(0)));
    line("fresh under light load", &|kind| format!("{} %", kind.fresh(1)));
    line("fresh after quiet, at the latest", &|kind| {
        format!("{:.1} s", kind.longest_settling as f64 / 1_000.0)
    });
    for fault in FAULTS {
        line(fault.words(), &|kind| match fault.concerns(kind.kind) {
            true => format!("{} %", kind.coverage(*fault)),
            false => "–".into(),
        });
    }
    text
}
