//! Pauses before the next connection attempt, and before a request is repeated.

use crate::Mono;

/// For so long after the connection was lost, attempts follow each other quickly.
const EAGER: u64 = 60_000;
/// Bounds of the pause between two attempts while eager: p95 of "back after the server is up" is then
/// 1.6 s by simulation, and a herd of 1,000 spreads over more than a second.
const EAGER_PAUSE: std::ops::Range<u64> = 500..2_000;
/// Afterwards: full jitter up to this, and never less than [`EAGER_PAUSE`]'s start.
const PATIENT_PAUSE: u64 = 30_000;

/// The pause before the next connection attempt of an outage that began at `since`.
pub(crate) fn reconnect_pause(since: Mono, now: Mono, random: &mut fastrand::Rng) -> u64 {
    let range = if now - since < EAGER { EAGER_PAUSE } else { EAGER_PAUSE.start..PATIENT_PAUSE };
    random.u64(range)
}

/// The pause after the `failures`th failure in a row of a request: 0.5–1 s, doubling up to 30 s.
/// `retry_after`, where the back end said one, is the least.
#[must_use]
pub fn retry_pause(failures: u32, retry_after: Option<u64>, random: &mut fastrand::Rng) -> u64 {
    let ceiling = (1_000_u64 << failures.saturating_sub(1).min(5)).min(30_000);
    random.u64(ceiling / 2..ceiling).max(retry_after.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_eager_for_a_minute_then_patient() {
        let mut random = fastrand::Rng::with_seed(1);
        let mut pause = |now| reconnect_pause(Mono(0), Mono(now), &mut random);
        assert!((0..200).map(|_| pause(59_999)).all(|p| (500..2_000).contains(&p)));
        let patient: Vec<_> = (0..200).map(|_| pause(60_000)).collect();
        assert!(patient.iter().all(|p| (500..30_000).contains(p)));
        assert!(patient.iter().any(|p| *p > 15_000), "full jitter reaches far");
    }

    #[test]
    fn retries_double_up_to_thirty_seconds_and_obey_retry_after() {
        let mut random = fastrand::Rng::with_seed(1);
        assert!((500..1_000).contains(&retry_pause(1, None, &mut random)));
        assert!((1_000..2_000).contains(&retry_pause(2, None, &mut random)));
        assert!((15_000..30_000).contains(&retry_pause(40, None, &mut random)));
        assert_eq!(retry_pause(1, Some(60_000), &mut random), 60_000);
    }
}
