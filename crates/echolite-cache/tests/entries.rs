//! The entries of a resource beside its list: single rows by their own URLs, and lists of the same rows with
//! different filters.

mod rig;

use std::slice;

use echolite_cache::{
    Advice, Command, Head, Input, LiveId, Membership, Output, Query, Reaction, ReadReply,
    ReadRequest, ReadTarget, ResourceConfig, StatusState, VersionMode,
};
use echolite_core::json::Json;
use rig::{Rig, Wire, config, head, products, row};
use serde_json::{Value, json};

const ROWS: &str = "https://shop.test/api/products";

fn get(rig: &mut Rig, request: u32, id: &str) {
    rig.command(Command::Get(request, "products".into(), id.into()));
}

fn answered(row: Value, validator: Option<&str>) -> ReadReply<Json> {
    ReadReply::Row { row: row.into(), validator: validator.map(Into::into), head: None }
}

/// Connected and subscribed, nobody looks at the list, and nothing was read.
fn unobserved() -> Rig {
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.command(Command::Resource(products()));
    rig.establish();
    rig.confirm("products");
    assert_eq!(rig.reads(), []);
    rig
}

// --- single rows -----------------------------------------------------------------------------------

#[test]
fn a_row_of_a_list_that_nobody_read_is_read_from_its_own_url() {
    let mut rig = unobserved();
    get(&mut rig, 9, "7");
    let read = rig.reads().remove(0);
    assert_eq!((read.target, &*read.url), (ReadTarget::Entry, &*format!("{ROWS}/7")));
    rig.answer(&read, answered(row(7, 3), None));
    assert_eq!(rig.got(9), Some(Ok(Some(row(7, 3)))));
    rig.no_read(60_000);
}

#[test]
fn a_row_that_the_list_does_not_have_is_read_and_stays_out_of_it() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    get(&mut rig, 9, "7");
    let read = rig.reads().remove(0);
    assert_eq!(read.target, ReadTarget::Entry);
    rig.answer(&read, answered(row(7, 3), None));
    assert_eq!(rig.got(9), Some(Ok(Some(row(7, 3)))));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
}

#[test]
fn a_row_is_asked_for_each_time_with_its_own_validator() {
    let mut rig = unobserved();
    get(&mut rig, 9, "7");
    let read = rig.reads().remove(0);
    assert_eq!(read.validator, None);
    rig.answer(&read, answered(row(7, 3), Some("v3")));
    get(&mut rig, 10, "7");
    let read = rig.reads().remove(0);
    assert_eq!(read.validator.as_deref(), Some("v3"));
    rig.answer(&read, ReadReply::NotModified { head: None });
    assert_eq!(rig.got(10), Some(Ok(Some(row(7, 3)))));
    // one that is gone leaves no validator behind
    get(&mut rig, 11, "7");
    let read = rig.reads().remove(0);
    rig.answer(&read, ReadReply::Gone);
    assert_eq!(rig.got(11), Some(Ok(None)));
    get(&mut rig, 12, "7");
    assert_eq!(rig.reads().remove(0).validator, None);
}

#[test]
fn who_asks_while_a_read_is_under_way_is_answered_by_the_next() {
    let mut rig = unobserved();
    get(&mut rig, 9, "7");
    let first = rig.reads().remove(0);
    get(&mut rig, 10, "7");
    get(&mut rig, 11, "7");
    assert_eq!(rig.reads(), [], "one read at a time");
    rig.answer(&first, answered(row(7, 3), None));
    assert!(rig.got(9).is_some());
    assert_eq!(rig.got(10), None, "it may have been changed since");
    let second = rig.reads().remove(0);
    rig.answer(&second, answered(row(7, 4), None));
    assert_eq!(rig.got(10), Some(Ok(Some(row(7, 4)))));
    assert_eq!(rig.got(11), Some(Ok(Some(row(7, 4)))), "one read answers all who asked before it");
}

#[test]
fn a_read_of_the_list_that_is_due_anyway_answers_as_well() {
    let mut rig = Rig::new(config());
    rig.declare(products());
    get(&mut rig, 9, "1");
    get(&mut rig, 10, "7");
    rig.establish();
    rig.confirm("products");
    rig.answer_list(&[row(1, 1)]);
    assert_eq!(rig.got(9), Some(Ok(Some(row(1, 1)))));
    let read = rig.read();
    assert_eq!((read.target, &*read.url), (ReadTarget::Entry, &*format!("{ROWS}/7")));
    rig.answer(&read, ReadReply::Gone);
    assert_eq!(rig.got(10), Some(Ok(None)));
}

#[test]
fn a_row_that_comes_into_the_list_meanwhile_is_given_from_there() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    get(&mut rig, 9, "7");
    let read = rig.reads().remove(0);
    rig.changed(json!({ "client_refresh": row(7, 5) }));
    assert_eq!(rig.got(9), None, "the list is to be confirmed");
    rig.answer(&read, answered(row(7, 4), None));
    assert_eq!(rig.got(9), Some(Ok(Some(row(7, 5)))));
    assert_eq!(rig.versions(), [(1, 1), (7, 5)], "the answer is of before the event");
}

#[test]
fn a_read_of_a_row_in_the_list_updates_the_list() {
    let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 1)]);
    rig.changed(json!({ "url": "/api/products/2" }));
    let read = rig.read();
    rig.answer(&read, answered(row(2, 2), Some("v2")));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1), (2, 2)], "fresh".to_owned()));
    get(&mut rig, 9, "2");
    assert_eq!(rig.got(9), Some(Ok(Some(row(2, 2)))));
    assert_eq!(rig.reads(), []);
}

#[test]
fn a_row_deleted_in_the_list_is_gone() {
    let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 3)]);
    rig.changed(json!({ "deleted": true, "id": 2, "v": 4 }));
    get(&mut rig, 9, "2");
    assert_eq!(rig.got(9), Some(Ok(None)));
    assert_eq!(rig.reads(), []);
    // and an answer from before the deletion does not raise it
    get(&mut rig, 10, "7");
    let read = rig.reads().remove(0);
    rig.changed(json!({ "deleted": true, "id": 7, "v": 4 }));
    assert_eq!(rig.got(10), Some(Ok(None)));
    rig.answer(&read, answered(row(7, 3), Some("v3")));
    rig.close(1006);
    get(&mut rig, 11, "7");
    let read = rig.reads().remove(0);
    rig.answer(&read, answered(row(7, 3), Some("v3")));
    assert_eq!(rig.got(11), Some(Ok(None)), "a lagging replica, perhaps");
    assert_eq!(rig.versions(), [(1, 1)]);
}

/// It was made anew where no event told of it, and is outside of the list: a list that was read since has nothing to say.
#[test]
fn a_row_deleted_before_the_list_was_read_is_asked_for() {
    let resource = ResourceConfig { membership: Membership::Undeclared, ..products() };
    let mut rig = Rig::fresh(resource, &[row(1, 1), row(2, 3)]);
    rig.changed(json!({ "deleted": true, "id": 2, "v": 4 }));
    rig.reconnect("products");
    rig.answer_list(&[row(1, 1)]);
    assert_eq!(rig.state(), "fresh");
    get(&mut rig, 9, "2");
    let read = rig.reads().remove(0);
    assert_eq!((read.target, &*read.url), (ReadTarget::Entry, &*format!("{ROWS}/2")));
    rig.answer(&read, answered(row(2, 5), None));
    assert_eq!(rig.got(9), Some(Ok(Some(row(2, 5)))));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
}

#[test]
fn a_deleted_row_is_not_asked_for_where_the_list_holds_all_or_was_not_read_since() {
    for (membership, read_since) in [(Membership::All, true), (Membership::Undeclared, false)] {
        let mut rig = Rig::fresh(ResourceConfig { membership, ..products() }, &[row(1, 1)]);
        rig.changed(json!({ "deleted": true, "id": 2, "v": 4 }));
        if read_since {
            rig.reconnect("products");
            rig.answer_list(&[row(1, 1)]);
        }
        assert_eq!(rig.state(), "fresh", "{membership:?}");
        get(&mut rig, 9, "2");
        assert_eq!(rig.got(9), Some(Ok(None)), "{membership:?}");
        assert_eq!(rig.reads(), []);
    }
}

/// Without versions, a row that an event painted and a read of the list contradicted.
fn painted_and_contradicted(asks_before: bool) -> Rig {
    let mut rig = Rig::fresh(ResourceConfig { version: None, ..products() }, &[row(1, 1)]);
    rig.pass(2_000); // the next read need not wait for the window of the first
    rig.changed(json!({ "client_refresh": row(1, 9) }));
    if asks_before {
        get(&mut rig, 9, "1");
    }
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List, "it is due soon, and tells as well");
    rig.answer(&read, Rig::list(&[row(1, 2)], None));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 9)], "stale(lagging-read)".to_owned()));
    rig
}

/// The event may be an old one that came late: the row stays painted until a second read decides, and is not given to
/// whoever asks.
#[test]
fn a_row_that_only_an_unordered_event_shows_is_not_given() {
    for asks_before in [true, false] {
        let mut rig = painted_and_contradicted(asks_before);
        if !asks_before {
            get(&mut rig, 9, "1");
        }
        assert_eq!(rig.got(9), None, "asked before: {asks_before}");
        let read = rig.reads().remove(0);
        assert_eq!((read.target, &*read.url), (ReadTarget::Entry, &*format!("{ROWS}/1")));
        rig.answer(&read, answered(row(1, 2), None));
        assert_eq!(rig.got(9), Some(Ok(Some(row(1, 2)))), "asked before: {asks_before}");
        assert_eq!(rig.versions(), [(1, 9)]);
    }
}

/// The same, where rows have no URLs: the second read of the list answers.
#[test]
fn without_row_urls_whoever_asks_for_a_painted_row_waits_for_the_second_read() {
    let resource = ResourceConfig { version: None, row_prefixes: vec![], ..products() };
    let mut rig = Rig::fresh(resource, &[row(1, 1)]);
    rig.pass(2_000);
    rig.changed(json!({ "client_refresh": row(1, 9) }));
    get(&mut rig, 9, "1");
    rig.answer_list(&[row(1, 2)]);
    assert_eq!((rig.versions(), rig.got(9)), (vec![(1, 9)], None));
    rig.answer_list(&[row(1, 2)]);
    assert_eq!((rig.versions(), rig.got(9)), (vec![(1, 2)], Some(Ok(Some(row(1, 2))))));
}

/// The event may be an old one that came late, and the list was asked for before it came: only the row's URL tells.
#[test]
fn a_row_that_an_unordered_event_painted_during_the_read_of_the_list_is_not_given() {
    for version_mode in [VersionMode::Coarse, VersionMode::Strict] {
        let unversioned = ResourceConfig { version: None, version_mode, ..products() };
        let mut rig = Rig::fresh(unversioned, &[row(1, 1)]);
        // no second read of the list is allowed for a while: one was made
        rig.changed(json!({}));
        rig.answer_list(&[row(1, 1)]);
        rig.answer_list(&[row(1, 1)]);
        rig.pass(2_000);
        rig.changed(json!({}));
        get(&mut rig, 9, "1");
        let list = rig.read();
        assert_eq!(list.target, ReadTarget::List);
        rig.changed(json!({ "client_refresh": row(1, 9) }));
        rig.answer(&list, Rig::list(&[row(1, 2)], None));
        assert_eq!((rig.versions(), rig.got(9)), (vec![(1, 9)], None));
        let read = rig.reads().remove(0);
        assert_eq!((read.target, &*read.url), (ReadTarget::Entry, &*format!("{ROWS}/1")));
        rig.answer(&read, answered(row(1, 2), None));
        assert_eq!(rig.got(9), Some(Ok(Some(row(1, 2)))));
    }
}

/// The deletion may be an old one that came late: the answer was asked for later than the row.
#[test]
fn an_unordered_deletion_during_the_read_of_a_row_does_not_hide_it() {
    let mut rig = Rig::fresh(ResourceConfig { version: None, ..products() }, &[row(1, 1)]);
    rig.changed(json!({})); // the list is stale
    get(&mut rig, 9, "1");
    let read = rig.reads().remove(0);
    rig.changed(json!({ "deleted": 1 }));
    rig.answer(&read, answered(row(1, 2), None));
    assert_eq!(rig.got(9), Some(Ok(Some(row(1, 2)))));
}

/// A timestamp that both share says nothing: the row was made anew in the second in which it was deleted, perhaps.
#[test]
fn a_row_made_anew_in_the_second_of_its_deletion_is_given() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({ "deleted": true, "id": 1, "v": 4 }));
    rig.changed(json!({})); // the list is stale
    get(&mut rig, 9, "1");
    let read = rig.reads().remove(0);
    rig.answer(&read, answered(row(1, 4), None));
    assert_eq!(rig.got(9), Some(Ok(Some(row(1, 4)))));
}

/// A deletion that comes again, or late, is no younger than the row that was made anew.
#[test]
fn a_row_made_anew_is_given_though_an_old_deletion_comes_meanwhile() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({ "deleted": true, "id": 1, "v": 4 }));
    rig.changed(json!({})); // the list is stale
    get(&mut rig, 9, "1");
    let read = rig.reads().remove(0);
    rig.changed(json!({ "deleted": true, "id": 1, "v": 3 }));
    rig.answer(&read, answered(row(1, 5), None));
    assert_eq!(rig.got(9), Some(Ok(Some(row(1, 5)))));
}

/// The key of a deleted row is used again, with versions that begin again, while the list was never read.
#[test]
fn a_row_of_a_head_behind_its_deletion_is_given_though_the_list_was_never_read() {
    let mut rig = unobserved();
    rig.changed(json!({ "deleted": true, "id": 2, "v": 4, "head": head("e", 5, 6) }));
    get(&mut rig, 9, "2");
    let read = rig.reads().remove(0);
    let head = Some(Head { epoch: "e".into(), seq: 7 });
    rig.answer(&read, ReadReply::Row { row: row(2, 1).into(), validator: None, head });
    assert_eq!(rig.got(9), Some(Ok(Some(row(2, 1)))));
}

/// An event of the second of the answer may be of an earlier change: the answer is given, as it began after the question.
#[test]
fn a_row_that_an_event_paints_in_the_second_of_the_answer_is_not_given() {
    let answer = json!({ "id": 1, "v": 4, "n": 2 });
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({})); // the list is stale
    get(&mut rig, 9, "1");
    let read = rig.reads().remove(0);
    rig.changed(json!({ "client_refresh": { "id": 1, "v": 4, "n": 1 } }));
    rig.answer(&read, answered(answer.clone(), None));
    assert_eq!(rig.got(9), Some(Ok(Some(answer))));
}

/// As before, where the list answers: its second read decides.
#[test]
fn a_row_that_an_event_paints_in_the_second_of_the_lists_answer_waits_for_the_second_read() {
    let [one, two] = [1, 2].map(|n| json!({ "id": 1, "v": 4, "n": n }));
    let resource = ResourceConfig { row_prefixes: Vec::new(), ..products() };
    let mut rig = Rig::fresh(resource, &[row(1, 1)]);
    rig.pass(2_000); // the next read need not wait for the window of the first
    rig.changed(json!({})); // the list is stale
    get(&mut rig, 9, "1");
    let read = rig.read();
    rig.changed(json!({ "client_refresh": one }));
    rig.answer(&read, Rig::list(slice::from_ref(&two), None));
    assert_eq!(rig.got(9), None);
    rig.answer_list(slice::from_ref(&two));
    assert_eq!(rig.got(9), Some(Ok(Some(two))));
}

#[test]
fn who_asks_for_a_row_is_told_why_it_could_not_be_read_and_the_list_is_as_it_was() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    get(&mut rig, 9, "7");
    let read = rig.reads().remove(0);
    rig.fail(&read, Some(500));
    assert_eq!(rig.got(9), Some(Err("no".into())));
    assert_eq!(rig.state(), "fresh");
    // one that is never answered
    get(&mut rig, 10, "7");
    let read = rig.reads().remove(0);
    rig.pass(30_000);
    assert_eq!(rig.got(10), Some(Err(format!("{} did not answer within 30 s", read.url))));
    assert_eq!(rig.state(), "fresh");
    // one that is answered by what is no row
    get(&mut rig, 11, "7");
    let read = rig.reads().remove(0);
    rig.answer(&read, answered(json!([]), None));
    let refused = rig.got(11).expect("answered").expect_err("it is no row");
    assert_eq!(refused, format!("{}: a row must be an object", read.url));
}

#[test]
fn a_row_is_answered_whatever_name_its_url_has_for_it() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    get(&mut rig, 9, "red-shoe");
    let read = rig.reads().remove(0);
    assert_eq!(&*read.url, &*format!("{ROWS}/red-shoe"));
    rig.answer(&read, answered(row(1, 1), None));
    assert_eq!(rig.got(9), Some(Ok(Some(row(1, 1)))));
    rig.no_read(60_000);
}

#[test]
fn where_single_rows_have_no_urls_the_list_alone_can_tell() {
    let resource = ResourceConfig { row_prefixes: vec![], ..products() };
    let mut rig = Rig::fresh(resource, &[row(1, 1)]);
    get(&mut rig, 9, "7");
    assert_eq!(rig.got(9), Some(Ok(None)));
    rig.command(Command::CloseLive(1));
    rig.changed(json!({}));
    get(&mut rig, 10, "7");
    assert_eq!(rig.got(10), None);
    rig.answer_list(&[row(1, 1), row(7, 1)]);
    assert_eq!(rig.got(10), Some(Ok(Some(row(7, 1)))));
}

// --- lists of the same rows ------------------------------------------------------------------------

/// Two lists of the same products, by category; `belongs` where the application says which rows belong.
struct Shop {
    rig: Rig,
    belongs: bool,
    heads: bool,
    seq: u64,
}

const LISTS: [&str; 2] = ["shoes", "hats"];

impl Shop {
    fn new(belongs: bool, heads: bool) -> Self {
        let mut rig = Rig::new(config());
        rig.answers_pings = true;
        let membership = if belongs { Membership::Asked } else { Membership::Undeclared };
        for (at, name) in LISTS.into_iter().enumerate() {
            let url = format!("{ROWS}?category={name}").into();
            let resource = ResourceConfig {
                name: name.into(),
                url,
                consult: belongs,
                membership,
                ..products()
            };

            rig.command(Command::Resource(resource));
            rig.command(Command::Live(at as LiveId + 1, name.into(), Query::default()));
        }
        rig.establish();
        rig.confirm("products");
        let mut shop = Self { rig, belongs, heads, seq: 0 };
        assert_eq!(shop.answer(&[product(1, "shoes", 1), product(2, "hats", 1)]), 2);
        assert_eq!(shop.states(), ["fresh"; 2]);
        shop
    }

    /// Answers all reads that come within 3 s; how many.
    fn answer(&mut self, all: &[Value]) -> usize {
        self.rig.pass(3_000);
        let reads = self.rig.reads();
        for read in &reads {
            let reply = self.list(read, all);
            self.rig.answer(read, reply);
        }
        assert_eq!(self.rig.reads(), []);
        reads.len()
    }

    fn list(&self, read: &ReadRequest, all: &[Value]) -> ReadReply<Json> {
        let listed = all
            .iter()
            .filter(|row| read.resource.contains(row["category"].as_str().unwrap_or("-")));
        let rows = listed.cloned().map(Json::from).collect();
        let head = self.heads.then(|| Head { epoch: "e".into(), seq: self.seq });
        ReadReply::List { rows, validator: None, head }
    }

    fn changed(&mut self, row: &Value) {
        self.seq += 1;
        let mut data = json!({ "client_refresh": row });
        if self.heads {
            data["head"] = json!({ "epoch": "e", "seq": self.seq });
        }
        self.rig.changed(data);
        let asked: Vec<_> = self
            .rig
            .outputs
            .iter()
            .filter_map(|output| match output {
                Output::Consult { request, resource, .. } => Some((*request, resource.clone())),
                _ => None,
            })
            .collect();
        self.rig.outputs.retain(|output| !matches!(output, Output::Consult { .. }));
        for (request, resource) in asked {
            assert!(self.belongs);
            let belongs = vec![row["category"] == *resource];
            let advice = Advice { belongs, ..Advice::declared(Reaction::Auto) };
            self.rig.input(Input::Consulted(request, advice));
        }
    }

    /// Ids of both lists, as they were told last.
    fn shown(&mut self) -> [Vec<u64>; 2] {
        [1, 2].map(|live| {
            let mut rows: Vec<Json> = Vec::new();
            for output in &self.rig.outputs {
                if let Output::Live(update) = output
                    && update.live == live
                {
                    for splice in &update.splices {
                        rows.splice(
                            splice.at..splice.at + splice.remove,
                            splice.insert.iter().cloned(),
                        );
                    }
                }
            }
            rows.iter().filter_map(|row| row.0["id"].as_u64()).collect()
        })
    }

    fn states(&self) -> [&'static str; 2] {
        [1, 2].map(|live| {
            let last = self.rig.outputs.iter().rev().find_map(|output| match output {
                Output::Live(update) if update.live == live => Some(&update.status.state),
                _ => None,
            });
            match last.expect("it was told") {
                StatusState::Fresh => "fresh",
                StatusState::Stale(reason) => reason.code(),
                StatusState::Empty(_) => "empty",
                StatusState::Offline(_) => "offline",
            }
        })
    }
}

fn product(id: u64, category: &str, v: u64) -> Value {
    json!({ "id": id, "v": v, "category": category, "price": 1, "name": "x" })
}

#[test]
fn a_row_that_leaves_the_filter_is_out_without_a_read_where_belongs_says_so() {
    let mut shop = Shop::new(true, false);
    shop.changed(&product(1, "boots", 2));
    assert_eq!(shop.shown(), [vec![], vec![2]]);
    assert_eq!(shop.states(), ["fresh"; 2]);
    // and it comes back without one: the version that it left with is known
    shop.changed(&product(1, "shoes", 3));
    assert_eq!(shop.shown(), [vec![1], vec![2]]);
    assert_eq!((shop.states(), shop.answer(&[])), (["fresh"; 2], 0));
    // what comes late of the time outside does not move it
    shop.changed(&product(1, "boots", 2));
    assert_eq!((shop.shown(), shop.states()), ([vec![1], vec![2]], ["fresh"; 2]));
}

#[test]
fn a_row_that_left_the_filter_is_not_brought_back_by_a_late_event() {
    let mut shop = Shop::new(true, false);
    shop.changed(&product(1, "boots", 3));
    shop.changed(&product(1, "boots", 5));
    shop.changed(&product(1, "shoes", 4));
    assert_eq!((shop.shown(), shop.states()), ([vec![], vec![2]], ["fresh"; 2]));
}

#[test]
fn a_read_that_overlaps_a_row_leaving_the_filter_does_not_bring_it_back() {
    let mut shop = Shop::new(true, false);
    shop.rig.command(Command::Refresh("shoes".into()));
    let read = shop.rig.reads().remove(0);
    shop.changed(&product(1, "boots", 2));
    let reply = shop.list(&read, &[product(1, "shoes", 1)]);
    shop.rig.answer(&read, reply);
    assert_eq!(shop.shown()[0], Vec::<u64>::new());
}

#[test]
fn a_row_new_to_a_list_needs_one_read_unless_heads_order_it() {
    let moved = [product(1, "hats", 2), product(2, "hats", 1)];
    let mut shop = Shop::new(true, false);
    shop.changed(&moved[0]);
    assert_eq!(shop.shown(), [vec![], vec![1, 2]], "it is shown at once");
    assert_eq!(shop.states(), ["fresh", "provisional"], "a late event may raise the dead");
    assert_eq!(shop.answer(&moved), 1);
    assert_eq!((shop.shown(), shop.states()), ([vec![], vec![1, 2]], ["fresh"; 2]));

    let mut shop = Shop::new(true, true);
    shop.changed(&moved[0]);
    assert_eq!((shop.shown(), shop.states()), ([vec![], vec![1, 2]], ["fresh"; 2]));
    assert_eq!(shop.answer(&[]), 0);
}

#[test]
fn without_belongs_each_list_asks_once_and_is_stale_until_then() {
    for heads in [false, true] {
        let moved = [product(1, "hats", 2), product(2, "hats", 1)];
        let mut shop = Shop::new(false, heads);
        shop.changed(&moved[0]);
        assert_eq!(shop.states(), ["membership", if heads { "membership" } else { "provisional" }]);
        assert_eq!(shop.shown()[1], [2], "a new row is not taken in");
        assert_eq!(shop.answer(&moved), 2);
        assert_eq!((shop.shown(), shop.states()), ([vec![], vec![1, 2]], ["fresh"; 2]));
    }
}

#[test]
fn a_row_outside_of_the_list_is_no_row_that_was_deleted() {
    let mut shop = Shop::new(true, false);
    shop.changed(&product(1, "boots", 2));
    shop.rig.command(Command::Get(9, "shoes".into(), "1".into()));
    let read = shop.rig.reads().remove(0);
    assert_eq!(read.target, ReadTarget::Entry);
    shop.rig.answer(&read, answered(product(1, "boots", 2), None));
    assert_eq!(shop.rig.got(9), Some(Ok(Some(product(1, "boots", 2)))));
    assert_eq!(shop.shown(), [vec![], vec![2]]);
}

/// Row 4 is deleted: its URL is to be read when the list is, and a late event of the row makes that read leave it alone.
#[test]
fn a_row_that_a_read_left_in_doubt_answers_nobody() {
    let resource = ResourceConfig { version_mode: VersionMode::Strict, ..products() };
    let mut rig = Rig::fresh(resource, &[row(1, 5), row(4, 7)]);
    rig.pass(60_000);
    rig.changed(json!({ "id": 4 }));
    get(&mut rig, 9, "4");
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List);
    rig.changed(json!({ "client_refresh": row(4, 6) }));
    rig.answer(&read, Rig::list(&[row(1, 5)], None));
    assert_ne!(rig.state(), "fresh");
    assert_eq!(rig.got(9), None, "only what was read since may answer");
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::Entry);
    rig.answer(&read, ReadReply::Gone);
    assert_eq!(rig.got(9), Some(Ok(None)));
}

#[test]
fn the_url_of_a_row_may_end_in_a_parameter() {
    let prefix = "https://shop.test/api/product?id=";
    let resource = ResourceConfig { row_prefixes: vec![prefix.into()], ..products() };
    let mut rig = Rig::fresh(resource, &[row(1, 1)]);
    get(&mut rig, 9, "7");
    let read = rig.reads().remove(0);
    assert_eq!(&*read.url, &*format!("{prefix}7"));
    rig.answer(&read, ReadReply::Gone);
    rig.changed(json!({ "url": "/api/product?id=1" }));
    let read = rig.read();
    assert_eq!((read.target, &*read.url), (ReadTarget::Row, &*format!("{prefix}1")));
    rig.answer(&read, answered(row(1, 2), None));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

#[test]
fn a_list_in_place_of_a_row_is_refused() {
    let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 1)]);
    rig.changed(json!({ "url": "/api/products/2" }));
    let read = rig.read();
    rig.answer(&read, Rig::list(&[row(2, 2)], None));
    assert_eq!(
        (rig.versions(), rig.state()),
        (vec![(1, 1), (2, 1)], "stale(read-failed)".to_owned())
    );
    let read = rig.read();
    rig.answer(&read, answered(row(2, 2), None));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1), (2, 2)], "fresh".to_owned()));
    get(&mut rig, 9, "7");
    let read = rig.reads().remove(0);
    rig.answer(&read, Rig::list(&[], None));
    let refused = rig.got(9).expect("answered").expect_err("it is no row");
    assert!(refused.ends_with("something else came where one row was read"));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1), (2, 2)], "fresh".to_owned()));
}
