//! Seeded simulation of the cache's contract: whatever is delayed, swapped, lost or cut, `fresh` is true.
//!
//! A crate of its own, because it needs both sides of the wire at once: real engines (the cache's and Echo's)
//! and the store that rows are kept in on the one, the server's real brokers and sessions on the other. Between them a modelled
//! network, and behind them a modelled back end, whose writers, publisher, outbox and replicas err as real ones do.
//! Nothing sleeps and nothing is random but the seed: a schedule replays.
//!
//! [`schedule::run`] runs one; the program `echolite-simulation` runs as many as are asked for, on all cores.
//! The promise itself stands in `promise.rs`.
#![allow(missing_docs, unreachable_pub, reason = "a program for the workspace's own tests")]

mod asked;
mod asks;
mod back_end;
mod builds;
mod client;
mod consults;
mod declarations;
pub mod fault;
mod habits;
mod halves;
pub mod kind;
mod mischief;
mod names;
mod network;
mod page_engine;
mod pages;
mod promise;
mod questions;
mod replies;
pub mod report;
mod resource;
pub mod schedule;
mod storage;
mod store_queue;
mod streams;
mod traffic;
mod version_forms;
mod world;

pub use client::BrokenClient;
