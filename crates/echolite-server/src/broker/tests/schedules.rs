//! Seeded schedules of presence channels and events, with answers late by chance: whatever happens in
//! which order, what a connection got adds up to what is there.

use super::table::{Table, name};
use std::collections::{BTreeMap, BTreeSet};

const ROOM: &str = "presence-cache-room";
const NEWS: &str = "private-cache-news";
const CONNECTIONS: [char; 8] = ['a', 'b', 'c', 'd', 'w', 'x', 'y', 'z'];
const SCHEDULES: u64 = 300;
const STEPS: u64 = 120;

/// What a connection knows of a channel by what it got since its confirmation.
#[derive(Debug, Default)]
struct Seen {
    is_confirmed: bool,
    members: BTreeSet<String>,
    /// The last event: their names are numbers.
    last: u64,
    /// Nothing came since the confirmation.
    is_new: bool,
}

struct Schedule {
    table: Table,
    random: fastrand::Rng,
    now: u64,
    events: u64,
    /// By connection and channel, what it has subscribed to.
    seen: BTreeMap<(char, &'static str), Seen>,
    /// By connection and channel, how many confirmations are owed, and how many of them to subscriptions that ended.
    owed: BTreeMap<(char, &'static str), (u32, u32)>,
    /// The connection that each event leaves out.
    excluded: BTreeMap<u64, Option<char>>,
}

impl Schedule {
    fn new(seed: u64) -> Self {
        let table = Table::with(|app| {
            app.history[0].channels.push(ROOM.into());
            app.presence_grace = 2;
        });
        let (seen, owed, excluded) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let random = fastrand::Rng::with_seed(seed);
        Self { table, random, now: 0, events: 0, seen, owed, excluded }
    }

    fn user(by: char) -> String {
        // Every user has two connections.
        (u32::from(by) / 2).to_string()
    }

    fn step(&mut self) {
        let delays = self.table.delays.clone();
        for delay in [&delays.number, &delays.join, &delays.history, &delays.leave] {
            delay.set(if self.random.bool() { 0 } else { self.random.u64(0..4) });
        }
        let by = CONNECTIONS[self.random.usize(0..CONNECTIONS.len())];
        let channel = if self.random.bool() { ROOM } else { NEWS };
        match (self.seen.contains_key(&(by, channel)), self.random.u8(0..6)) {
            (_, 0 | 1) => {
                self.events += 1;
                let except = self.random.bool().then_some(by);
                self.excluded.insert(self.events, except);
                self.table.publish_but(NEWS, &self.events.to_string(), except);
            }
            (_, 2) => self.pass(),
            (true, 3) => {
                self.seen.remove(&(by, channel));
                let (owed, ended) = self.owed.entry((by, channel)).or_default();
                *ended = *owed;
                self.table.unsubscribe(by, channel);
            }
            (true, 4) => {
                self.seen.retain(|(other, _), _| *other != by);
                self.owed.retain(|(other, _), _| *other != by);
                self.table.drop(by, &[ROOM, NEWS]);
            }
            (true, _) => self.table.whisper(by, channel),
            (false, _) => {
                self.seen.insert((by, channel), Seen::default());
                self.owed.entry((by, channel)).or_default().0 += 1;
                match channel {
                    ROOM => self.table.enter(by, ROOM, &Self::user(by)),
                    _ => self.table.subscribe(by, NEWS),
                }
            }
        }
        self.read();
    }

    fn pass(&mut self) {
        self.now += 1;
        self.table.at(self.now);
    }

    /// Takes what everybody got, and checks it.
    fn read(&mut self) {
        for line in self.table.got() {
            let (by, words) = line.split_at(1);
            let by = by.chars().next().unwrap();
            let words = words.trim_start_matches(": ");
            let (word, rest) = words.split_once(' ').unwrap_or((words, ""));
            let is_room = rest.starts_with("with") || matches!(word, "added" | "removed");
            match word {
                "client-typing" | "no" => continue,
                "confirmed" if self.is_of_ended((by, if is_room { ROOM } else { NEWS })) => {}
                "confirmed" | "added" | "removed" => {
                    let channel = if is_room { ROOM } else { NEWS };
                    let seen =
                        self.seen.get_mut(&(by, channel)).expect("a frame of no subscription");
                    seen.member_frame(word, rest, &line);
                }
                "position" => self.event(by, None, rest.parse().unwrap(), &line),
                event => {
                    let offset = rest.strip_prefix('#').map(|offset| offset.parse().unwrap());
                    self.event(by, Some(event.parse().unwrap()), offset.unwrap_or(0), &line);
                }
            }
        }
    }

    /// A confirmation comes. Whether it is owed to a subscription that ended: each is answered once, in order.
    fn is_of_ended(&mut self, subscription: (char, &'static str)) -> bool {
        let (owed, ended) = self.owed.get_mut(&subscription).expect("nothing was asked");
        *owed = owed.checked_sub(1).expect("answered twice");
        let is_of_ended = *ended > 0;
        *ended -= u32::from(is_of_ended);
        is_of_ended
    }

    /// An event comes, or its position alone.
    fn event(&mut self, by: char, event: Option<u64>, offset: u64, line: &str) {
        let seen = self.seen.get_mut(&(by, NEWS)).expect("an event of no subscription");
        assert!(seen.is_confirmed, "before the confirmation: {line}");
        let event = event.unwrap_or(offset);
        // The numbers of events are their offsets: all go to one channel.
        assert!(offset == 0 || offset == event, "{line}");
        let is_last_event = std::mem::take(&mut seen.is_new) && offset == 0 && event == seen.last;
        if seen.last > 0 && !is_last_event {
            let mut missed = seen.last + 1..event;
            assert!(event > seen.last, "again: {line}");
            assert!(missed.all(|missed| self.excluded[&missed] == Some(by)), "missed: {line}");
            if by > 'm' {
                assert_eq!(event, seen.last + 1, "a follower misses no number: {line}");
                assert_eq!(self.excluded[&event] == Some(by), line.contains("position"), "{line}");
            } else {
                assert_ne!(self.excluded[&event], Some(by), "its own event: {line}");
            }
        }
        seen.last = event;
    }

    /// Everything is answered, and nobody is expected any more.
    fn settle(&mut self) {
        for _ in 0..30 {
            self.pass();
            self.read();
        }
        let users: BTreeSet<String> = self
            .seen
            .keys()
            .filter(|(_, channel)| *channel == ROOM)
            .map(|(by, _)| Self::user(*by))
            .collect();
        let members: BTreeSet<String> = self
            .table
            .broker(ROOM)
            .members(&name(ROOM))
            .map(|member| member.user_id.clone())
            .collect();
        assert_eq!(members, users);
        for (subscription, (owed, _)) in &self.owed {
            assert_eq!(*owed, 0, "{subscription:?} waits for answers");
        }
        for ((by, channel), seen) in &self.seen {
            assert!(seen.is_confirmed, "{by} was not confirmed on {channel}");
            if *channel == ROOM {
                assert_eq!(seen.members, users, "{by}");
            } else if self.events > 0 && *by > 'm' && seen.last > 0 {
                assert_eq!(seen.last, self.events, "{by} has not got the last event");
            }
        }
        for channel in [ROOM, NEWS] {
            let count = self.seen.keys().filter(|(_, subscribed)| *subscribed == channel).count();
            assert_eq!(self.table.broker(channel).count(&name(channel)), count);
        }
    }
}

impl Seen {
    /// A confirmation, or a member who came or went.
    fn member_frame(&mut self, word: &str, rest: &str, line: &str) {
        match word {
            "confirmed" => {
                assert!(!self.is_confirmed, "twice: {line}");
                (self.is_confirmed, self.is_new) = (true, true);
                let members = rest.strip_prefix("with ").unwrap_or_default();
                let members = members.split(' ').next().unwrap_or_default().split(',');
                self.members = members.filter(|id| !id.is_empty()).map(str::to_owned).collect();
                // The position that is told: what comes live counts on from there.
                let position = rest.split(' ').skip_while(|word| *word != "at").nth(2);
                let position = position.map(|offset| offset.trim_end_matches(','));
                self.last = position.and_then(|offset| offset.parse().ok()).unwrap_or(0);
            }
            _ => {
                assert!(self.is_confirmed, "before the confirmation: {line}");
                let changed = match word {
                    "added" => self.members.insert(rest.to_owned()),
                    _ => self.members.remove(rest),
                };
                assert!(changed, "no news: {line}");
            }
        }
    }
}

#[test]
fn what_each_connection_got_adds_up_to_what_is_there() {
    for seed in 0..SCHEDULES {
        let run = std::panic::AssertUnwindSafe(|| {
            let mut schedule = Schedule::new(seed);
            (0..STEPS).for_each(|_| schedule.step());
            schedule.settle();
        });
        if let Err(panic) = std::panic::catch_unwind(run) {
            eprintln!("seed {seed}");
            std::panic::resume_unwind(panic);
        }
    }
}
