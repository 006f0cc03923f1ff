//! Timestamps as back ends write them: ISO 8601 and SQL, of any precision and offset.
//!
//! A parser of its own: `jiff` and `chrono` bring calendars, formats and error texts, several times the size of the
//! rules of the cache, and neither says how precise a text was, which decides here whether two of them are a tie.

use std::cmp::Ordering;

/// Ticks in a second: a tick is 100 ns, the finest that databases keep (`datetime2`); finer digits are precision lost.
const SECOND: i64 = 10_000_000;
/// The local times of the world differ from UTC by at most so much.
const ANY_OFFSET: i64 = 14 * 3_600 * SECOND;

/// A moment, as precisely as its text tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timestamp {
    /// The first tick that it may mean, since 1970 in UTC; without an offset, as if it were UTC.
    from: i64,
    /// For how many ticks: a second, where the text has no fraction.
    width: i64,
    /// Whether the text has an offset.
    has_offset: bool,
    /// Whether the text says no more than `from` and `width` do.
    is_exact: bool,
}

impl Timestamp {
    /// Reads `2026-01-02T10:05:00.000000Z`, `2026-01-02 10:05:00`, `2026-01-02T10:05+0200`, `2026-01-02`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = Digits(text.as_bytes());
        let (year, _) = (rest.number(4)?, rest.skip(b"-")?);
        let (month, _) = (rest.number(2)?, rest.skip(b"-")?);
        let day = rest.number(2)?;
        if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
            return None;
        }
        let mut from = days_since_1970(year, month, day) * 86_400 * SECOND;
        let mut width = 86_400 * SECOND;
        let (mut has_offset, mut is_exact) = (false, true);
        if rest.skip(b"Tt ").is_some() {
            (from, width, is_exact) = time_of_day(&mut rest, from)?;
            let space = rest.skip(b" ").is_some();
            match rest.offset() {
                Some(offset) => (from, has_offset) = (from - offset, true),
                None if space => return None,
                None => {}
            }
        }
        rest.0.is_empty().then_some(Self { from, width, has_offset, is_exact })
    }

    /// Milliseconds since 1970, of its first tick.
    pub(crate) fn milliseconds(&self) -> f64 {
        self.from as f64 / 10_000.0
    }

    /// Compares two moments; `Equal` where their texts are not precise enough to say. One without an offset is a local time
    /// of an unknown place, so the other must be further away than any offset.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let slack = if self.has_offset == other.has_offset { 0 } else { ANY_OFFSET };
        if self.from + self.width + slack <= other.from {
            Ordering::Less
        } else if other.from + other.width + slack <= self.from {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }

    /// Whether both texts tell the same moment with the same precision.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self == other && self.is_exact
    }
}

/// The time in the day that began at tick `day`: its first tick, how precise it is, and whether that is all of its text.
fn time_of_day(rest: &mut Digits<'_>, day: i64) -> Option<(i64, i64, bool)> {
    let (hour, _) = (rest.number(2)?, rest.skip(b":")?);
    let minute = rest.number(2)?;
    let mut time = (hour * 60 + minute) * 60 * SECOND;
    let (mut width, mut second, mut is_exact) = (60 * SECOND, 0, true);
    if rest.skip(b":").is_some() {
        (second, width) = (rest.number(2)?, SECOND);
        time += second * SECOND;
        if rest.skip(b".,").is_some() {
            let mut digits = 0;
            while let Some(digit) = rest.number(1) {
                digits += 1;
                if width > 1 {
                    width /= 10;
                    time += digit * width;
                } else {
                    is_exact = false;
                }
            }
            (digits > 0).then_some(())?;
        }
    }
    if second == 60 {
        // a leap second is counted as the one after it: which of the two a text means nobody can tell
        (time, width, is_exact) = (time - time % SECOND, SECOND, false);
    }
    (hour < 24 && minute < 60 && second <= 60).then_some((day + time, width, is_exact))
}

/// The unread rest of a text.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    /// A number of exactly so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        let mut value = 0;
        for digit in number {
            value = value * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
        }
        self.0 = rest;
        Some(value)
    }

    /// One of these characters.
    fn skip(&mut self, characters: &[u8]) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        characters.contains(first).then(|| self.0 = rest)
    }

    /// `Z`, `UTC`, `+02:00`, `+0200` or `+02`, in ticks; `None` where nothing is left, or something else is.
    fn offset(&mut self) -> Option<i64> {
        if matches!(self.0, b"Z" | b"z" | b"UTC" | b"GMT") {
            self.0 = &[];
            return Some(0);
        }
        let sign = match self.0.first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let mut rest = Digits(&self.0[1..]);
        let hours = rest.number(2)?;
        let minutes = match (rest.skip(b":"), rest.0.is_empty()) {
            (None, true) => 0,
            _ => rest.number(2)?,
        };
        (hours <= 15 && minutes < 60).then_some(())?;
        self.0 = rest.0;
        Some(sign * (hours * 60 + minutes) * 60 * SECOND)
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the Gregorian calendar (<https://howardhinnant.github.io/date_algorithms.html#days_from_civil>).
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap_or_else(|| panic!("{text} is a timestamp"))
    }

    #[test]
    fn forms_of_one_moment_are_the_same() {
        let moment = 1_767_348_300 * SECOND;
        for text in [
            "2026-01-02T10:05:00Z",
            "2026-01-02t10:05:00z",
            "2026-01-02 10:05:00Z",
            "2026-01-02 10:05:00 UTC",
            "2026-01-02 10:05:00 +0000",
            "2026-01-02 10:05:00+00",
            "2026-01-02T12:05:00+02:00",
            "2026-01-02T12:05:00+0200",
            "2026-01-01T22:35:00-11:30",
            "2026-01-03T00:05:00+14:00",
        ] {
            assert_eq!(at(text).from, moment, "{text}");
            assert!(at(text).is_same(&at("2026-01-02T10:05:00-00:00")), "{text}");
        }
        assert_eq!(at("1970-01-01T00:00:00Z").from, 0);
        assert_eq!(at("2000-02-29T00:00:00Z").from, 951_782_400 * SECOND);
        assert_eq!(at("1969-12-31T23:59:59.9Z").from, -SECOND / 10);
    }

    #[test]
    fn precision_that_is_lost_is_a_tie() {
        for (a, b, order) in [
            ("2026-01-02T10:05:00.000000Z", "2026-01-02T10:05:00Z", Ordering::Equal),
            ("2026-01-02T10:05:00.700Z", "2026-01-02T10:05:00Z", Ordering::Equal),
            ("2026-01-02T10:05:00.7Z", "2026-01-02T10:05:00.71Z", Ordering::Equal),
            ("2026-01-02T10:05:00.12345678Z", "2026-01-02T10:05:00.12345679Z", Ordering::Equal),
            ("2026-01-02", "2026-01-02 23:59:59", Ordering::Equal),
            ("2026-01-02T10:05Z", "2026-01-02T10:05:59Z", Ordering::Equal),
            ("2026-01-02T10:05:00.7Z", "2026-01-02T10:05:00.80Z", Ordering::Less),
            ("2026-01-02T10:05:00.999999Z", "2026-01-02T10:05:01Z", Ordering::Less),
            ("2026-01-02", "2026-01-03 00:00:00", Ordering::Less),
            // a leap second, which some count as the one after it
            ("2016-12-31T23:59:60.9Z", "2017-01-01T00:00:00.1Z", Ordering::Equal),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.9Z", Ordering::Greater),
            ("2016-12-31T23:59:60.1Z", "2017-01-01T00:00:01Z", Ordering::Less),
            // a local time of an unknown place
            ("2026-01-02 10:05:00", "2026-01-02T10:00:00.000000Z", Ordering::Equal),
            ("2026-01-02 23:05:00", "2026-01-02T09:05:00Z", Ordering::Equal),
            ("2026-01-03 00:05:00", "2026-01-02T09:05:00Z", Ordering::Greater),
            ("2026-01-02 10:05:00", "2026-01-02 10:04:59.5", Ordering::Greater),
        ] {
            assert_eq!(at(a).order(&at(b)), order, "{a} and {b}");
            assert_eq!(at(b).order(&at(a)), order.reverse(), "{b} and {a}");
        }
        for (a, b) in [
            ("2026-01-02T10:05:00.0Z", "2026-01-02T10:05:00Z"),
            ("2026-01-02T10:05:00Z", "2026-01-02T10:05:00"),
            ("2026-01-02T10:05:00.123456789Z", "2026-01-02T10:05:00.123456789Z"),
        ] {
            assert!(!at(a).is_same(&at(b)), "{a} and {b}");
        }
    }

    #[test]
    fn what_is_no_timestamp_is_none() {
        for text in [
            "",
            "2026",
            "2026-01",
            "20260102",
            "2026-1-2",
            "2026-13-01",
            "2026-00-01",
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-06-31",
            "2026-09-31",
            "2026-11-31",
            "2026-01-32",
            "2026-01-02T",
            "2026-01-02 ",
            "2026-01-02T10",
            "2026-01-02T24:00:00Z",
            "2026-01-02T10:60:00Z",
            "2026-01-02T10:05:61Z",
            "2026-01-02T10:05:00.Z",
            "2026-01-02T10:05:00 ",
            "2026-01-02T10:05:00ZZ",
            "2026-01-02T10:05:00+2",
            "2026-01-02T10:05:00+02:",
            "2026-01-02T10:05:00+16:00",
            "2026-01-02T10:05:00+02:60",
            "2026-01-02T10:05:00 CET",
            "+2026-01-02T10:05:00Z",
            "2026-01-02T10:05:00−02:00",
            "Fri, 02 Jan 2026 10:05:00 GMT",
            "2026/01/02 10:05:00",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "550e8400-e29b-41d4-a716-446655440000",
            "2026-01-02T10:05:0٠Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text:?}");
        }
    }

    /// Any moment, written in any two ways: the order of the texts never contradicts that of the moments.
    #[test]
    fn texts_never_contradict_the_moments_that_they_tell() {
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..20_000 {
            let first =
                random.i64(-62_000_000_000..200_000_000_000) * SECOND + random.i64(0..SECOND);
            let apart =
                [1, SECOND / 1_000, SECOND, 60 * SECOND, 86_400 * SECOND][random.usize(0..5)];
            let second = first + random.i64(-3..4) * apart;
            // where a back end writes no offset, its clock is of one place
            let place = random.i64(-12 * 60..=14 * 60);
            let (a, b) = (written(first, place, &mut random), written(second, place, &mut random));
            let told = at(&a).order(&at(&b));
            assert!(told == Ordering::Equal || told == first.cmp(&second), "{a} and {b}");
        }
    }

    /// A moment in one of the forms: of any precision, at any offset, or as the local time of an unknown place.
    fn written(moment: i64, place: i64, random: &mut fastrand::Rng) -> String {
        let has_offset = random.u8(0..10) < 6;
        let minutes = if has_offset { random.i64(-12 * 60..=14 * 60) } else { place };
        let local = moment + minutes * 60 * SECOND;
        let (seconds, ticks) = (local.div_euclid(SECOND), local.rem_euclid(SECOND));
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let mut text = format!("{year:04}-{month:02}-{day:02}");
        if !has_offset && random.bool() {
            return text;
        }
        text += if random.bool() { "T" } else { " " };
        text += &format!("{:02}:{:02}", of_day / 3_600, of_day / 60 % 60);
        if random.u8(0..10) > 0 {
            text += &format!(":{:02}", of_day % 60);
            let digits = random.usize(0..=7);
            if digits > 0 {
                text += &format!(".{}", &format!("{ticks:07}")[..digits]);
            }
        }
        let (sign, off) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
        match random.bool() {
            _ if !has_offset => {}
            true => text += &format!("{sign}{:02}:{:02}", off / 60, off % 60),
            false => text += &format!("{sign}{:02}{:02}", off / 60, off % 60),
        }
        text
    }

    /// The inverse of `days_since_1970`, by counting.
    fn civil(days: i64) -> (i64, i64, i64) {
        let mut year = 1970 + days.div_euclid(366).min(days.div_euclid(365));
        while days_since_1970(year + 1, 1, 1) <= days {
            year += 1;
        }
        let mut month = 1;
        while month < 12 && days_since_1970(year, month + 1, 1) <= days {
            month += 1;
        }
        (year, month, days - days_since_1970(year, month, 1) + 1)
    }
}
