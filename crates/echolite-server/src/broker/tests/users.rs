//! Signed-in users, and terminating their connections.

use super::table::Table;

#[test]
fn a_user_hears_who_of_the_watchlist_is_there_and_watchers_hear_of_the_user() {
    let mut table = Table::new();
    table.sign_in('a', "1", &["2"]);
    table.sign_in('b', "2", &["1", "3"]);
    let expected = [
        r#"b: watched [{"name":"online","user_ids":["1"]}]"#,
        r#"a: watched [{"name":"online","user_ids":["2"]}]"#,
    ];
    assert_eq!(table.got(), expected);
    // A second connection is no news.
    table.sign_in('c', "2", &[]);
    assert_eq!(table.got(), [] as [&str; 0]);
}

#[test]
fn a_user_does_not_hear_of_itself_by_the_connection_that_signs_in() {
    let mut table = Table::new();
    table.sign_in('a', "1", &["1"]);
    // It is there by then, and said so once.
    assert_eq!(table.got(), [r#"a: watched [{"name":"online","user_ids":["1"]}]"#]);
}

#[test]
fn watchers_hear_that_a_user_is_gone_after_the_grace_time() {
    let mut table = Table::new();
    table.sign_in('a', "1", &["2"]);
    table.sign_in('b', "2", &[]);
    table.got();
    table.drop('b', &[]);
    assert!(table.woke());
    table.at(4);
    assert_eq!(table.got(), [] as [&str; 0]);
    table.at(5);
    assert_eq!(table.got(), [r#"a: watched [{"name":"offline","user_ids":["2"]}]"#]);
}

#[test]
fn each_connection_of_a_terminated_user_is_closed_once() {
    let mut table = Table::new();
    table.sign_in('a', "1", &[]);
    table.enter('a', "presence-a", "1");
    table.enter('a', "presence-ab", "1");
    table.enter('b', "presence-ab", "1");
    table.enter('c', "presence-ab", "2");
    table.subscribe('d', "news");
    table.got();
    assert_eq!(table.terminate("1"), 2);
    let mut got = table.got();
    got.sort_unstable();
    assert_eq!(got, ["a: closed 4009", "b: closed 4009"]);
    assert_eq!(table.terminate("1"), 0);
}

#[test]
fn a_member_that_is_not_confirmed_yet_is_terminated_too() {
    let mut table = Table::new();
    table.delays.history.set(1);
    table.enter('a', "presence-a", "1");
    assert_eq!(table.terminate("1"), 1);
    assert_eq!(table.got(), ["a: closed 4009"]);
    table.at(1);
    assert_eq!(table.got(), [] as [&str; 0]);
}

#[test]
fn a_terminated_connection_has_no_grace_time() {
    let mut table = Table::new();
    table.sign_in('a', "1", &["2"]);
    table.sign_in('b', "2", &[]);
    table.got();
    table.terminate("2");
    table.drop('b', &[]);
    assert_eq!(
        table.got(),
        ["b: closed 4009", r#"a: watched [{"name":"offline","user_ids":["2"]}]"#]
    );
}
