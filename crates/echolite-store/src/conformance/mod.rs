//! What every store must do, as asynchronous tests over a [`Harness`].
//!
//! A store's own test names its harness and a macro for one test, and lets
//! [`for_each_conformance_test!`](crate::for_each_conformance_test) call it with each name:
//!
//! ```
//! # use echolite_store::{MemoryStore, conformance::{self, Harness}};
//! struct Memory;
//! impl Harness<String> for Memory {
//!     type Store = MemoryStore<String>;
//!     async fn fresh(&self) -> Self::Store { MemoryStore::new() }
//!     async fn reopen(&self, store: &Self::Store) -> Self::Store { store.clone() }
//!     async fn size(&self, store: &Self::Store) -> usize { store.len() }
//!     fn payload(&self, text: &str) -> String { text.into() }
//!     fn text(&self, payload: &String) -> String { payload.clone() }
//! }
//! macro_rules! one {
//!     ($name:ident) => {
//!         conformance::ready(conformance::$name(&Memory));
//!     };
//! }
//! echolite_store::for_each_conformance_test!(one);
//! ```

mod harness;
mod rows;
mod scope;

pub use harness::Harness;
pub use rows::{
    failed_commit_changes_nothing, many_rows, meta_comes_back, put_replaces_and_remove_forgets,
    removed_room_is_used_again, replacing_does_not_grow, reset_drops_all_rows,
    rows_come_back_whole, tombstones_come_back, unicode_ids,
};
pub use scope::{
    a_clearing_is_heard_of, claims_rise, clear_leaves_nothing_and_raises_the_term,
    few_declarations_of_a_name_are_kept, newer_term_is_taken, older_term_is_refused, reopening,
    resources_are_isolated, starts_empty, two_connections_see_each_other,
};

/// Calls a macro with the name of each test of the suite.
#[macro_export]
macro_rules! for_each_conformance_test {
    ($one:ident) => {
        $one!(starts_empty);
        $one!(claims_rise);
        $one!(older_term_is_refused);
        $one!(newer_term_is_taken);
        $one!(reopening);
        $one!(two_connections_see_each_other);
        $one!(clear_leaves_nothing_and_raises_the_term);
        $one!(a_clearing_is_heard_of);
        $one!(resources_are_isolated);
        $one!(few_declarations_of_a_name_are_kept);
        $one!(rows_come_back_whole);
        $one!(meta_comes_back);
        $one!(put_replaces_and_remove_forgets);
        $one!(tombstones_come_back);
        $one!(reset_drops_all_rows);
        $one!(failed_commit_changes_nothing);
        $one!(replacing_does_not_grow);
        $one!(removed_room_is_used_again);
        $one!(unicode_ids);
        $one!(many_rows);
    };
}

/// Runs a future that never waits, as those of a store in memory.
///
/// # Panics
/// Where it waits after all.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the store waits for something"),
    }
}
