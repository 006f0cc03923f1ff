//! Live queries against a naive one: whatever happens to the rows, what is shown is what a filter and a sort
//! of all rows would show.

mod rig;

use echolite_cache::{Command, Condition, Order, Query, Scalar};
use rig::{Rig, products};
use serde_json::{Value, json};

fn order(path: &str, descending: bool) -> Order {
    Order { path: path.into(), descending }
}

fn queries() -> Vec<Query> {
    let cheap = (Condition::AtMost(Scalar::Number(50.0)), "price");
    let conditions = |(condition, path): (Condition, &str)| vec![(path.into(), condition)];
    vec![
        Query::default(),
        Query { order: vec![order("price", false)], limit: Some(5), ..Query::default() },
        Query { order: vec![order("price", true)], offset: 3, limit: Some(4), ..Query::default() },
        Query { order: vec![order("name", true), order("price", false)], ..Query::default() },
        Query { conditions: conditions(cheap), limit: Some(0), ..Query::default() },
        Query {
            conditions: conditions((Condition::Contains("AB".into()), "name")),
            order: vec![order("price", false)],
            offset: 1,
            ..Query::default()
        },
        Query {
            conditions: conditions((Condition::Differs(Scalar::Number(7.0)), "price")),
            offset: 20,
            limit: Some(3),
            ..Query::default()
        },
    ]
}

fn naive(rows: &[Value], query: &Query) -> (Vec<Value>, usize) {
    let holds = |row: &Value| {
        query.conditions.iter().all(|(path, condition)| match condition {
            Condition::AtMost(Scalar::Number(n)) => row[&**path].as_f64() <= Some(*n),
            Condition::Differs(Scalar::Number(n)) => row[&**path].as_f64() != Some(*n),
            Condition::Contains(part) => {
                let text = row[&**path].as_str().unwrap_or_default().to_lowercase();
                text.contains(&part.to_lowercase())
            }
            _ => unreachable!("not among this test's queries"),
        })
    };
    let key = |row: &Value, path: &str| {
        (row[path].as_u64().unwrap_or(0), row[path].as_str().unwrap_or("").to_owned())
    };
    let mut matching: Vec<Value> = rows.iter().filter(|row| holds(row)).cloned().collect();
    matching.sort_by(|a, b| {
        let by = query.order.iter().map(|Order { path, descending }| {
            let order = key(a, path).cmp(&key(b, path));
            if *descending { order.reverse() } else { order }
        });
        by.chain([key(a, "id").cmp(&key(b, "id"))])
            .find(|o| o.is_ne())
            .unwrap_or_else(|| unreachable!())
    });
    let total = matching.len();
    let limit = query.limit.unwrap_or(usize::MAX);
    (matching.into_iter().skip(query.offset).take(limit).collect(), total)
}

fn random_row(random: &mut fastrand::Rng, id: u64, v: u64) -> Value {
    let name: String = (0..3).map(|_| random.choice(['a', 'b', 'A', 'B']).unwrap_or('a')).collect();
    json!({ "id": id, "v": v, "price": random.u64(0..100), "name": name })
}

#[test]
fn what_is_shown_is_what_a_filter_and_a_sort_of_all_rows_would_show() {
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        for query in queries() {
            let mut rows: Vec<Value> = (1..=15).map(|id| random_row(&mut random, id, 1)).collect();
            let mut rig = Rig::fresh(products(), &rows);
            rig.command(Command::Live(1, "products".into(), query.clone()));
            for step in 2..40_u64 {
                let id = random.u64(1..25);
                let at = rows.iter().position(|row| row["id"] == id);
                match (random.u8(0..4), at) {
                    (0, Some(at)) => {
                        rows.remove(at);
                        rig.changed(json!({ "deleted": true, "id": id, "v": step }));
                    }
                    (1, _) => {
                        // a read that differs in some rows, few or many
                        let replaced = random.usize(0..=rows.len());
                        for row in rows.iter_mut().take(replaced) {
                            *row = random_row(&mut random, row["id"].as_u64().unwrap_or(0), step);
                        }
                        rig.command(Command::Refresh("products".into()));
                        rig.answer_list(&rows);
                    }
                    (_, at) => {
                        let row = random_row(&mut random, id, step);
                        match at {
                            Some(at) => rows[at] = row.clone(),
                            None => rows.push(row.clone()),
                        }
                        rig.changed(json!({ "client_refresh": row }));
                    }
                }
                rig.reads();
                let (shown, total) = naive(&rows, &query);
                assert_eq!(rig.shown, shown, "seed {seed}, step {step}, {query:?}");
                assert_eq!(rig.total, total, "seed {seed}, step {step}, {query:?}");
            }
        }
    }
}

#[test]
fn another_query_under_the_same_id_replaces_the_rows() {
    let rows: Vec<_> = (1..=9).map(|id| rig::row(id, id)).collect();
    let mut rig = Rig::fresh(products(), &rows);
    let order = vec![order("price", true)];
    rig.command(Command::Live(
        1,
        "products".into(),
        Query { order, limit: Some(2), ..Query::default() },
    ));
    assert_eq!(rig.versions(), [(9, 9), (8, 8)]);
    assert_eq!(rig.total, 9);
    assert_eq!(rig.take_changes(), Vec::<String>::new(), "another view is no news");
}

#[test]
fn comparisons_hold_between_values_of_one_kind_only() {
    let rows =
        [json!({ "id": 1, "price": 5 }), json!({ "id": 2, "price": "five" }), json!({ "id": 3 })];
    let mut rig = Rig::fresh(products(), &rows);
    for (condition, ids) in [
        (Condition::Less(Scalar::Number(9.0)), vec![1]),
        (Condition::Greater(Scalar::Text("e".into())), vec![2]),
        (Condition::Equals(Scalar::Null), vec![3]),
        (Condition::OneOf(vec![Scalar::Null, Scalar::Number(5.0)]), vec![1, 3]),
        (Condition::AtLeast(Scalar::Number(5.0)), vec![1]),
    ] {
        let conditions = vec![("price".into(), condition.clone())];
        let query = Query { conditions, ..Query::default() };
        rig.command(Command::Live(1, "products".into(), query));
        let shown: Vec<_> = rig.shown.iter().filter_map(|row| row["id"].as_i64()).collect();
        assert_eq!(shown, ids, "{condition:?}");
    }
}
