//! A [`Store`](echolite_store::Store) in the browser's IndexedDB, with rows in pages.
//!
//! A record for each row is what IndexedDB is slow at: 10 000 rows took 600 ms to write, and 36 ms in
//! pages of 200. So a page of rows is a record, a commit rewrites the pages it touches, and a map from
//! id to place is kept in memory. See `layout.rs` for what is stored where.
//!
//! One database is one scope. Everything of a commit (rows, meta, the check of the term) happens in one
//! `readwrite` transaction.
//!
//! On other targets than the browser this crate is empty, so that the workspace can be checked whole.

#![cfg(target_arch = "wasm32")]

mod connection;
mod layout;
mod pages;
mod request;
mod store;
mod transaction;
mod trouble;

pub use store::IndexedDbStore;
