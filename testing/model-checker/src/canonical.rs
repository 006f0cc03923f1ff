//! When two engines are in the same state: a fingerprint of all that an engine holds, as its `Debug` tells it, so that
//! a field added tomorrow is in it.
//!
//! Absolute numbers would keep every two states apart. What an engine does depends on their order and their distance
//! to now only, so that is what goes into the fingerprint:
//! - a time past is its age, a time to come its distance, but only as exactly as it matters ([`CLASSES`]);
//! - a wall time is the back end's commit count, which the world hides in it ([`wall`]);
//! - a stamp is its rank among all stamps;
//! - numbers of requests and sockets are left out: at most one of each counts, the last;
//! - settings never change, randomness begins anew with every input, and the last statuses are kept for people only.

use std::cell::RefCell;
use std::fmt::{Debug, Result, Write};
use std::hash::{DefaultHasher, Hasher};

use echolite_cache::{Mono, Wall};

/// Wall times are whole multiples of this, plus the back end's commit count.
pub const GRAIN: u64 = 256;
/// Ages and distances (milliseconds) within one of these classes are not told apart. Their bounds are the engine's:
/// so old a connection may be replaced at once, a read hangs or has failed, what an event said is no longer recent.
/// States that the checker takes for one may so differ a little in when things become due: every schedule explored is
/// a real one, but not every real one is explored.
const CLASSES: [u64; 4] = [1_000, 3_000, 10_000, 30_000];
/// Fields whose value decides nothing: settings, randomness, and what is remembered for people.
const SILENT: [&str; 4] = ["config", "random", "past_statuses", "why"];
/// The times of moments past decide something only where answers have an age.
const OF_AGES: &str = "times";
/// Fields whose value says nothing where it is a number.
const NUMBERED: [&str; 4] = ["request", "requests", "socket", "sockets"];

/// The wall time of a moment at which the back end has made so many commits.
#[must_use]
pub const fn wall(now: u64, commits: u8) -> Wall {
    Wall(now + commits as u64)
}

/// How many commits the back end had made then.
#[must_use]
pub const fn commits_at(wall: Wall) -> u8 {
    (wall.0 % GRAIN) as u8
}

thread_local!(static SCRIBE: RefCell<Scribe> = RefCell::default());

/// The fingerprint of a value that holds times, stamps and numbers; `ages`: answers of its world may have an age.
pub fn fingerprint(value: &impl Debug, now: Mono, ages: bool) -> u64 {
    SCRIBE.with_borrow_mut(|scribe| {
        scribe.ages = ages;
        let mut hasher = DefaultHasher::new();
        hasher.write(scribe.describe(value, now));
        hasher.finish()
    })
}

/// Where a [`Scribe`] is in what it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// Anywhere.
    #[default]
    Anywhere,
    /// Behind the name of a field or type, which begins there in what is written.
    Word { begins: usize, meaning: Meaning },
    /// Behind the colon of a field whose number says nothing.
    Numbered,
    /// Where the number of such a type comes next.
    Number(Meaning),
    /// In a value that says nothing, so many brackets deep.
    Silence { depth: usize, quoted: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    None,
    Mono,
    Wall,
    Stamp,
    Silent,
    Numbered,
}

/// Writes down what counts of what `Debug` tells, which it does word by word.
#[derive(Debug, Default)]
struct Scribe {
    now: u64,
    written: Vec<u8>,
    /// Stamps, and where their ranks belong.
    stamps: Vec<(u64, usize)>,
    at: At,
    ages: bool,
}

impl Scribe {
    fn describe(&mut self, value: &impl Debug, now: Mono) -> &[u8] {
        (self.now, self.at) = (now.0, At::Anywhere);
        self.written.clear();
        self.stamps.clear();
        write!(self, "{value:?}").expect("nothing is refused");
        self.stamps.sort_unstable();
        let (mut rank, mut last) = (0_u8, None);
        for (stamp, place) in &self.stamps {
            rank += u8::from(last != Some(stamp));
            last = Some(stamp);
            self.written[*place] = rank;
        }
        &self.written
    }

    fn word(&mut self, word: &str) {
        let meaning = match word {
            "Mono" => Meaning::Mono,
            "Wall" => Meaning::Wall,
            "Stamp" => Meaning::Stamp,
            OF_AGES if !self.ages => Meaning::Silent,
            word if SILENT.contains(&word) => Meaning::Silent,
            word if NUMBERED.contains(&word) => Meaning::Numbered,
            _ => Meaning::None,
        };
        self.at = At::Word { begins: self.written.len(), meaning };
        self.written.extend_from_slice(word.as_bytes());
    }

    fn number(&mut self, meaning: Meaning, digits: &str) {
        let number: u64 = digits.parse().unwrap_or_default();
        match meaning {
            Meaning::Mono => self.written.extend(distance(number, self.now).to_le_bytes()),
            Meaning::Wall => self.written.push(commits_at(Wall(number))),
            Meaning::Stamp => {
                self.stamps.push((number, self.written.len()));
                self.written.push(0);
            }
            Meaning::None | Meaning::Silent | Meaning::Numbered => {}
        }
    }

    /// Whether the value that says nothing goes on.
    fn is_silent(&mut self, piece: &str) -> bool {
        let At::Silence { depth, quoted } = &mut self.at else { return false };
        match piece {
            "\"" => *quoted = !*quoted,
            _ if *quoted => {}
            " { " | "(" | "[" | "{" => *depth += 1,
            " }" | ")" | "]" | "}" | ", " if *depth == 0 => {
                self.at = At::Anywhere;
                return false;
            }
            " }" | ")" | "]" | "}" => *depth -= 1,
            _ => {}
        }
        true
    }
}

impl Write for Scribe {
    fn write_str(&mut self, piece: &str) -> Result {
        if self.is_silent(piece) {
            return Ok(());
        }
        let first = piece.bytes().next().unwrap_or_default();
        match (self.at, piece) {
            // the value says which field it is by its place
            (At::Word { begins, meaning }, ": ") => {
                self.written.truncate(begins);
                self.at = match meaning {
                    Meaning::Silent => At::Silence { depth: 0, quoted: false },
                    Meaning::Numbered => At::Numbered,
                    _ => At::Anywhere,
                };
            }
            (At::Word { begins, meaning }, "(") if meaning != Meaning::None => {
                self.written.truncate(begins);
                self.at = At::Number(meaning);
            }
            (At::Number(meaning), digits) => {
                self.number(meaning, digits);
                self.at = At::Anywhere;
            }
            (At::Numbered, _) if first.is_ascii_digit() => self.at = At::Anywhere,
            (_, word) if first.is_ascii_alphabetic() || first == b'_' => self.word(word),
            (_, other) => {
                self.written.extend_from_slice(other.as_bytes());
                self.at = At::Anywhere;
            }
        }
        Ok(())
    }
}

/// To come: the distance, exactly where it is short. Past: the age, as a negative number.
fn distance(time: u64, now: u64) -> i16 {
    let class = |span: u64| CLASSES.partition_point(|bound| *bound <= span) as i16;
    match time.checked_sub(now) {
        Some(0) | None => -1 - class(now - time),
        Some(soon) if soon < CLASSES[1] => soon as i16,
        Some(later) => CLASSES[1] as i16 + class(later),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Stamp(#[allow(dead_code, reason = "told by Debug")] u64);

    #[derive(Debug)]
    #[allow(dead_code, reason = "told by Debug")]
    enum Socket {
        Up,
        Absent,
    }

    #[derive(Debug)]
    #[allow(dead_code, reason = "told by Debug")]
    struct Flight {
        request: u32,
        socket: Socket,
        began: Stamp,
    }

    #[derive(Debug)]
    #[allow(dead_code, reason = "told by Debug")]
    struct Engine {
        config: (&'static str, Vec<Option<u8>>),
        due: Mono,
        read: Option<Mono>,
        flight: Option<Flight>,
        last: Stamp,
        as_of: Option<Wall>,
        failures: u32,
    }

    fn engine(now: u64, stamp: u64, request: u32) -> Engine {
        Engine {
            config: ("), }", vec![Some(request as u8), None]),
            due: Mono(now + 250),
            read: Some(Mono(now - 4_300 - stamp)),
            flight: Some(Flight { request, socket: Socket::Up, began: Stamp(stamp) }),
            last: Stamp(stamp * 2),
            as_of: Some(wall(now, 3)),
            failures: 1,
        }
    }

    fn described(value: &impl Debug, now: u64) -> Vec<u8> {
        Scribe::default().describe(value, Mono(now)).to_vec()
    }

    #[test]
    fn what_only_differs_in_absolute_numbers_is_the_same() {
        let (early, late) = (GRAIN * 100, GRAIN * 7_000);
        assert_eq!(described(&engine(early, 4, 9), early), described(&engine(late, 77, 3), late));
    }

    #[test]
    fn what_differs_in_what_counts_is_not_the_same() {
        let now = GRAIN * 100;
        let one = described(&engine(now, 4, 9), now);
        let differs = |change: fn(&mut Engine, u64)| {
            let mut other = engine(now, 4, 9);
            change(&mut other, now);
            assert_ne!(one, described(&other, now), "{other:?}");
        };
        differs(|engine, now| engine.due = Mono(now + 251));
        differs(|engine, now| engine.read = Some(Mono(now - 900)));
        differs(|engine, _| engine.read = None);
        differs(|engine, _| engine.last = Stamp(4));
        differs(|engine, now| engine.as_of = Some(wall(now, 4)));
        differs(|engine, _| engine.flight = None);
        differs(|engine, _| engine.failures = 2);
        differs(|engine, _| {
            engine.flight.as_mut().unwrap().socket = Socket::Absent;
        });
    }
}
