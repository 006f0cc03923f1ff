//! What the cache knows and concluded, as JSON for people and tests.

use std::fmt::Write;

use super::Cache;
use super::resource::{Resource, Subscription};
use crate::{Head, Mono, Payload, StatusState};

impl<P: Payload> Cache<P> {
    /// A JSON object of all resources, by name.
    pub(crate) fn inspect(&self, now: Mono) -> String {
        let resources = self.resources.iter().map(|resource| {
            format!("{}:{}", quoted(&resource.config.name), resource.inspect(self.link, now))
        });
        format!("{{{}}}", resources.collect::<Vec<_>>().join(","))
    }
}

impl<P: Payload> Resource<P> {
    fn inspect(&self, link: super::Link, now: Mono) -> String {
        let status = self.status(link, now);
        let (state, reason) = match &status.state {
            StatusState::Empty(reason) => ("empty", Some(reason)),
            StatusState::Stale(reason) => ("stale", Some(reason)),
            StatusState::Fresh => ("fresh", None),
            StatusState::Offline(reason) => ("offline", Some(reason)),
        };
        let subscription = match &self.subscription {
            Subscription::Pending => "pending",
            Subscription::Confirmed => "confirmed",
            Subscription::Refused { .. } => "refused",
        };
        let facts = match (self.config.version.is_some(), self.heads.reflected().is_some()) {
            (true, true) => "[\"versions\",\"heads\"]",
            (true, false) => "[\"versions\"]",
            (false, true) => "[\"heads\"]",
            (false, false) => "[]",
        };
        let head = |head: Option<&Head>| {
            head.map_or_else(|| "null".to_owned(), |h| quoted(&format!("{};{}", h.epoch, h.seq)))
        };
        let optional = |text: Option<&str>| text.map_or_else(|| "null".to_owned(), quoted);
        let as_of = self.as_of.map_or_else(|| "null".to_owned(), |wall| wall.0.to_string());
        let outdated =
            self.trust.doubted_rows().map(|url| quoted(url)).collect::<Vec<_>>().join(",");
        let reading = self.reads.flight().map(|flight| &*flight.url);
        format!(
            "{{\"status\":{},\"reason\":{},\"asOf\":{as_of},\"facts\":{facts},\"subscription\":{},\
             \"reflected\":{},\"required\":{},\"held\":{},\"rows\":{},\"pages\":{},\"tombstones\":{},\"validator\":{},\"reading\":{},\"outdatedRows\":[{outdated}],\
             \"lastFailure\":{}}}",
            quoted(state),
            optional(reason.map(|reason| reason.code())),
            quoted(subscription),
            head(self.heads.reflected()),
            head(self.heads.required()),
            self.held.len(),
            self.rows.len(),
            self.pages.len(),
            self.rows.tombstones().count(),
            optional(self.validator.as_deref()),
            optional(reading),
            optional(self.reads.failure().map(|failure| &*failure.message)),
        )
    }
}

/// A JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                // writing to a String cannot fail
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
