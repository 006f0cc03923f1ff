//! Lists in pages: many answers that are one read only if they are of one moment (rule 13).

mod rig;

use echolite_cache::{
    Command, Head, Name, Output, Paging, ReadReply, ReadRequest, ReadTarget, ResourceConfig,
};
use echolite_core::json::Json;
use rig::{Rig, Wire, config, products, row};
use serde_json::{Value, json};

const LIST: &str = "https://shop.test/api/products";

fn paged(paging: Paging) -> ResourceConfig {
    ResourceConfig { paging: Some(paging), ..products() }
}

fn page_url(number: usize) -> String {
    if number == 1 { LIST.into() } else { format!("{LIST}?page={number}") }
}

/// A back end with pages of two rows.
#[derive(Clone, Default)]
struct Shop {
    rows: Vec<Value>,
    heads: bool,
    /// Pages are told apart by the key of the row before them, not by their number.
    by_key: bool,
    commits: u64,
    /// All questions so far: `1`, or `1?` for one with a validator; `=` where it was answered by 304.
    asked: Vec<String>,
}

impl Shop {
    fn new(ids: std::ops::RangeInclusive<u64>) -> Self {
        Self { rows: ids.map(|id| row(id, 1)).collect(), ..Self::default() }
    }

    fn delete(&mut self, id: u64) {
        self.commits += 1;
        self.rows.retain(|row| row["id"] != id);
    }

    fn put(&mut self, changed: Value) {
        self.commits += 1;
        self.rows.retain(|row| row["id"] != changed["id"]);
        self.rows.push(changed);
        self.rows.sort_by_key(|row| row["id"].as_u64());
    }

    /// Changes something; the event of it.
    fn write(&mut self, random: &mut fastrand::Rng, version: u64) -> Value {
        let id = random.u64(1..10);
        let before = self.rows.iter().find(|row| row["id"] == id).cloned();
        let data = match before.filter(|_| random.bool()) {
            Some(before) => {
                self.delete(id);
                json!({ "deleted": true, "client_refresh": before })
            }
            None => {
                self.put(row(id, version));
                json!({ "client_refresh": row(id, version) })
            }
        };
        if random.u8(0..3) == 0 { json!({}) } else { data }
    }

    fn head(&self) -> Option<Head> {
        self.heads.then(|| Head { epoch: "e".into(), seq: self.commits })
    }

    fn reply(&mut self, read: &ReadRequest) -> ReadReply<Json> {
        let number = read.url.rsplit_once("page=").map_or(1, |(_, n)| n.parse().expect("a number"));
        let start = match self.by_key {
            true => self.rows.partition_point(|row| row["id"].as_u64() < Some(number as u64)),
            false => (number - 1) * 2,
        };
        let page: Vec<Value> = self.rows.iter().skip(start).take(2).cloned().collect();
        let next = self.rows.get(start + 2).map(|next| match self.by_key {
            true => page_url(next["id"].as_u64().unwrap_or_default() as usize),
            false => page_url(number + 1),
        });
        let etag = format!("{page:?}{next:?}");
        let unchanged = read.validator.as_deref() == Some(&*etag);
        let conditional = if read.validator.is_some() { "?" } else { "" };
        self.asked.push(format!("{number}{conditional}{}", if unchanged { "=" } else { "" }));
        let head = self.head();
        if unchanged {
            return ReadReply::NotModified { head };
        }
        let rows = page.into_iter().map(Json::from).collect();
        let (validator, next) = (Some(Name::from(etag)), next.map(Name::from));
        ReadReply::Page { rows, validator, head, next }
    }

    fn asked(&mut self) -> String {
        std::mem::take(&mut self.asked).join(" ")
    }

    fn versions(&self) -> Vec<(u64, u64)> {
        let pair = |row: &Value| Some((row["id"].as_u64()?, row["v"].as_u64()?));
        self.rows.iter().filter_map(pair).collect()
    }
}

/// Answers the next question.
fn serve(rig: &mut Rig, shop: &mut Shop) {
    let read = rig.read();
    let reply = shop.reply(&read);
    rig.answer(&read, reply);
}

/// Answers all questions of a read.
fn serve_all(rig: &mut Rig, shop: &mut Shop) {
    serve(rig, shop);
    loop {
        let mut reads = rig.reads();
        let Some(read) = reads.pop() else { return };
        assert_eq!(reads, [], "one question at a time");
        let reply = shop.reply(&read);
        rig.answer(&read, reply);
    }
}

fn open(resource: ResourceConfig) -> Rig {
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.declare(resource);
    rig.establish();
    rig.confirm("products");
    rig
}

fn fresh(paging: Paging, shop: &mut Shop) -> Rig {
    let mut rig = open(paged(paging));
    serve_all(&mut rig, shop);
    assert_eq!((rig.versions(), rig.state()), (shop.versions(), "fresh".to_owned()));
    rig.take_changes();
    rig
}

fn refresh(rig: &mut Rig) {
    rig.command(Command::Refresh("products".into()));
}

#[test]
fn pages_by_number_are_looked_at_twice_and_the_second_look_is_conditional() {
    let mut shop = Shop::new(1..=5);
    let mut rig = fresh(Paging::Number, &mut shop);
    assert_eq!(shop.asked(), "1 2 3 1?= 2?= 3?=");
    rig.no_read(60_000);
}

#[test]
fn a_list_of_one_page_is_read_once() {
    let mut shop = Shop::new(1..=2);
    let mut rig = fresh(Paging::Number, &mut shop);
    assert_eq!(shop.asked(), "1");
    rig.no_read(60_000);
}

#[test]
fn pages_by_cursor_need_no_second_look() {
    let mut shop = Shop::new(1..=5);
    let mut rig = fresh(Paging::Cursor, &mut shop);
    assert_eq!(shop.asked(), "1 2 3");
    rig.no_read(60_000);
}

#[test]
fn pages_of_one_head_need_no_second_look() {
    let mut shop = Shop { heads: true, ..Shop::new(1..=5) };
    fresh(Paging::Number, &mut shop);
    assert_eq!(shop.asked(), "1 2 3");
}

#[test]
fn unchanged_pages_cost_a_304_each() {
    let mut shop = Shop::new(1..=6);
    let mut rig = fresh(Paging::Cursor, &mut shop);
    shop.asked();
    shop.put(row(4, 2));
    rig.changed(json!({}));
    serve_all(&mut rig, &mut shop);
    assert_eq!(shop.asked(), "1?= 2? 3?=");
    assert_eq!((rig.versions(), rig.state()), (shop.versions(), "fresh".to_owned()));
    assert_eq!(rig.take_changes(), ["update 4"], "what is the same is no news");
}

#[test]
fn a_row_on_no_page_any_more_is_gone() {
    let mut shop = Shop::new(1..=5);
    let mut rig = fresh(Paging::Number, &mut shop);
    shop.delete(2);
    rig.changed(json!({}));
    serve_all(&mut rig, &mut shop);
    assert_eq!((rig.versions(), rig.state()), (shop.versions(), "fresh".to_owned()));
    shop.rows.clear();
    rig.changed(json!({}));
    serve_all(&mut rig, &mut shop);
    assert_eq!((rig.versions(), rig.state()), (vec![], "fresh".to_owned()));
}

/// A page's validator speaks of the page as it was answered, not of what events made of its rows.
#[test]
fn a_304_after_a_patch_and_a_missed_revert_shows_the_page_as_it_is() {
    let mut shop = Shop::new(1..=4);
    let resource = ResourceConfig { version: None, ..paged(Paging::Cursor) };
    let mut rig = open(resource);
    serve_all(&mut rig, &mut shop);
    shop.asked();
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    assert_eq!(rig.versions()[0], (1, 2));
    serve_all(&mut rig, &mut shop);
    assert_eq!(shop.asked(), "1?= 2?=");
    assert_eq!((rig.versions()[0], rig.state()), ((1, 2), "stale(lagging-read)".to_owned()));
    // nothing orders the two: the second read decides, and no validator
    rig.pass(5_000);
    serve_all(&mut rig, &mut shop);
    assert_eq!(shop.asked(), "1 2");
    assert_eq!((rig.versions(), rig.state()), (shop.versions(), "fresh".to_owned()));
}

#[test]
fn pages_of_different_heads_are_read_again_from_the_first() {
    let mut shop = Shop { heads: true, ..Shop::new(1..=5) };
    let mut rig = open(paged(Paging::Number));
    serve(&mut rig, &mut shop);
    shop.delete(1);
    serve_all(&mut rig, &mut shop);
    assert_eq!(shop.asked(), "1 2 1? 2?=", "and what did not change costs a 304");
    assert_eq!((rig.versions(), rig.state()), (shop.versions(), "fresh".to_owned()));
}

#[test]
fn pages_that_keep_moving_are_shown_as_moving_until_they_stand_still() {
    let mut shop = Shop { heads: true, ..Shop::new(1..=4) };
    let mut rig = open(paged(Paging::Number));
    for version in 2..5 {
        serve(&mut rig, &mut shop);
        shop.put(row(4, version));
        serve(&mut rig, &mut shop);
    }
    assert_eq!(rig.state(), "stale(moving)");
    assert_eq!(rig.versions(), shop.versions(), "what is there is shown");
    rig.no_read(1_900);
    serve_all(&mut rig, &mut shop);
    assert_eq!((rig.versions(), rig.state()), (shop.versions(), "fresh".to_owned()));
}

#[test]
fn rows_of_a_list_that_moves_are_added_and_none_is_missed() {
    let mut shop = Shop { heads: true, ..Shop::new(1..=4) };
    let mut rig = fresh(Paging::Number, &mut shop);
    rig.changed(json!({}));
    for _ in 0..3 {
        serve(&mut rig, &mut shop);
        shop.commits += 1;
        serve(&mut rig, &mut shop);
    }
    assert_eq!(rig.state(), "stale(moving)");
    shop.put(row(5, 1));
    assert_eq!(rig.versions(), [(1, 1), (2, 1), (3, 1), (4, 1)]);
    serve_all(&mut rig, &mut shop);
    assert_eq!((rig.versions(), rig.state()), (shop.versions(), "fresh".to_owned()));
}

/// The key of a cursor is not as immutable as was said: the row is on two pages.
#[test]
fn a_row_on_two_pages_shows_that_they_moved() {
    let mut rig = open(paged(Paging::Cursor));
    let second = page_url(2);
    for state in ["empty(loading)", "empty(loading)", "stale(moving)"] {
        let read = rig.read();
        rig.answer(&read, Rig::page_of(&[row(1, 1), row(2, 1)], None, Some(&second)));
        let read = rig.read();
        rig.answer(&read, Rig::page_of(&[row(2, 1), row(3, 1)], None, None));
        assert_eq!(rig.state(), state);
    }
    assert_eq!(rig.versions(), [(1, 1), (2, 1), (3, 1)]);
}

#[test]
fn an_event_between_two_pages_is_not_lost() {
    let mut shop = Shop::new(1..=4);
    let mut rig = open(paged(Paging::Cursor));
    serve(&mut rig, &mut shop);
    shop.put(row(1, 2));
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    serve(&mut rig, &mut shop);
    assert_eq!(rig.versions(), shop.versions(), "the page was read before it");
    // and one that says nothing of the row puts the list in doubt, which the read under way cannot end
    rig.changed(json!({}));
    serve(&mut rig, &mut shop);
    shop.put(row(1, 3));
    rig.changed(json!({}));
    serve(&mut rig, &mut shop);
    assert_ne!(rig.state(), "fresh");
    serve_all(&mut rig, &mut shop);
    assert_eq!((rig.versions(), rig.state()), (shop.versions(), "fresh".to_owned()));
}

#[test]
fn a_page_that_fails_ends_the_read_and_the_next_one_asks_for_little() {
    let mut shop = Shop::new(1..=4);
    let mut rig = open(paged(Paging::Cursor));
    serve(&mut rig, &mut shop);
    let read = rig.read();
    assert_eq!((read.target, &*read.url), (ReadTarget::Page, &*page_url(2)));
    rig.fail(&read, Some(500));
    assert_eq!(rig.state(), "empty(read-failed)");
    serve_all(&mut rig, &mut shop);
    assert_eq!(shop.asked(), "1 1?= 2");
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_back_end_that_leads_in_a_circle_is_told_so() {
    let mut rig = open(paged(Paging::Cursor));
    let second = page_url(2);
    let read = rig.read();
    rig.answer(&read, Rig::page_of(&[row(1, 1)], None, Some(&second)));
    let read = rig.read();
    rig.answer(&read, Rig::page_of(&[row(2, 1)], None, Some(LIST)));
    assert_eq!(rig.state(), "empty(read-failed)");
    let detail = rig.status.as_ref().and_then(|status| match &status.state {
        echolite_cache::StatusState::Empty(reason) => reason.detail(),
        _ => None,
    });
    assert!(detail.is_some_and(|detail| detail.contains("leads in a circle")));
}

#[test]
fn a_304_that_nobody_asked_for_is_no_answer() {
    let mut rig = open(paged(Paging::Number));
    let read = rig.read();
    assert_eq!(read.validator, None);
    rig.answer(&read, ReadReply::NotModified { head: None });
    assert_eq!(rig.state(), "empty(read-failed)");
}

#[test]
fn a_cache_cleared_in_the_middle_asks_for_no_further_page() {
    let mut shop = Shop::new(1..=4);
    let mut rig = open(paged(Paging::Cursor));
    serve(&mut rig, &mut shop);
    let second = rig.read();
    rig.command(Command::Clear(3));
    let reply = shop.reply(&second);
    rig.answer(&second, reply);
    rig.no_read(60_000);
    assert_eq!((rig.versions(), rig.state()), (vec![], "empty(cleared)".to_owned()));
}

#[test]
fn what_changed_since_a_head_is_asked_of_a_list_in_pages_as_well() {
    let mut shop = Shop { heads: true, ..Shop::new(1..=4) };
    let mut rig = open(ResourceConfig { since: true, ..paged(Paging::Number) });
    serve_all(&mut rig, &mut shop);
    rig.reconnect("products");
    let read = rig.read();
    assert_eq!((read.target, &*read.url), (ReadTarget::Since, &*format!("{LIST}?since=e%3B0")));
    shop.put(row(2, 2));
    let (changed, head) = (vec![row(2, 2).into()], shop.head().expect("it has heads"));
    rig.answer(&read, ReadReply::Since { changed, deleted: vec![], head });
    assert_eq!((rig.versions(), rig.state()), (shop.versions(), "fresh".to_owned()));
}

/// Row 1 is deleted before page 2 is read, and restored as it was before page 1 is looked at again.
#[test]
fn a_change_undone_before_the_second_look_is_seen() {
    let mut shop = Shop::new(1..=4);
    let mut rig = open(paged(Paging::Number));
    serve(&mut rig, &mut shop);
    let before = shop.clone();
    shop.delete(1);
    serve(&mut rig, &mut shop);
    shop.rows = before.rows;
    serve(&mut rig, &mut shop);
    assert_eq!(rig.state(), "empty(loading)");
    serve_all(&mut rig, &mut shop);
    assert_eq!(shop.asked(), "1 2 1?= 2? 1?= 2?= 1?= 2?=");
    assert_eq!((rig.versions(), rig.state()), (shop.versions(), "fresh".to_owned()));
}

/// A writer between any two pages, and no event at all: whenever the list is called fresh, it is what the back end
/// had at one moment, to the last row.
#[test]
fn a_list_in_pages_is_of_one_moment_whoever_writes_meanwhile() {
    for heads in [false, true] {
        let (mut reached, mut moved) = (0, 0);
        for seed in 0..60 {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut shop = Shop { heads, ..Shop::new(1..=random.u64(3..9)) };
            let mut rig = open(ResourceConfig { version: None, ..paged(Paging::Number) });
            let mut history = vec![shop.versions()];
            for step in 0..120_u64 {
                serve(&mut rig, &mut shop);
                let told = rig.outputs.iter().filter(|o| matches!(o, Output::Activity(_))).count();
                assert!(told > 0, "each answer is told");
                rig.outputs.retain(|output| matches!(output, Output::Read(_)));
                if rig.state() == "fresh" {
                    reached += 1;
                    assert!(history.contains(&rig.versions()), "seed {seed}, step {step}");
                    refresh(&mut rig);
                }
                if rig.state() == "stale(moving)" {
                    moved += 1;
                    refresh(&mut rig);
                }
                if random.u8(0..4) == 0 {
                    let id = random.u64(1..10);
                    match random.bool() {
                        true => shop.delete(id),
                        false => shop.put(row(id, step)),
                    }
                    history.push(shop.versions());
                }
            }
        }
        assert!(reached > 100 && moved > 10, "both are tried: {reached} fresh, {moved} moving");
    }
}

/// Writers, events that come late and swapped, pages read in between: with all events heard, a fresh list is what
/// the back end has.
#[test]
fn a_fresh_list_in_pages_is_right_once_all_events_are_heard() {
    for paging in [Paging::Number, Paging::Cursor] {
        let mut compared = 0;
        for seed in 0..40 {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut shop = Shop { by_key: paging == Paging::Cursor, ..Shop::new(1..=6) };
            let mut rig = open(paged(paging));
            let mut events: Vec<Value> = Vec::new();
            for step in 2..200 {
                match random.u8(0..8) {
                    0 if step < 150 => events.push(shop.write(&mut random, step)),
                    1..3 if !events.is_empty() => {
                        let event = events.swap_remove(random.usize(0..events.len()));
                        rig.changed(event);
                    }
                    3 => rig.pass(300),
                    _ => {
                        if let Some(read) = rig.reads().pop() {
                            let reply = shop.reply(&read);
                            rig.answer(&read, reply);
                        } else {
                            rig.pass(20);
                        }
                    }
                }
                rig.outputs.retain(|output| matches!(output, Output::Read(_)));
                if events.is_empty() && rig.status.is_some() && rig.state() == "fresh" {
                    compared += 1;
                    assert_eq!(rig.versions(), shop.versions(), "seed {seed}, step {step}");
                }
            }
        }
        assert!(compared > 100, "{paging:?}: {compared}");
    }
}
