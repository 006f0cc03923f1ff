//! What a request for a list knows already, and what it therefore needs.

use http::HeaderMap;
use http::header::IF_NONE_MATCH;

use crate::head::Head;
use crate::row_id::RowId;

/// What the asker has: the validator or the head of an earlier answer.
///
/// ```
/// use echolite_feed::Asked;
/// let headers = http::HeaderMap::new();
/// let asked = Asked::of(Some("category=shoes&since=5f3a%3B42"), &headers);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    since: Option<Head>,
    known: Option<String>,
}

/// What to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The asker has it all: [`Head::not_modified`].
    Nothing,
    /// These rows: [`Head::changes`].
    Changes(Changes),
    /// The whole list: [`Head::list`].
    All,
}

/// What changed since the asker's head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows that are new or different.
    pub changed: Vec<RowId>,
    /// Rows that are gone.
    pub deleted: Vec<RowId>,
}

/// What the request needs, before the change log is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    Nothing,
    Since(i64),
    All,
}

impl Asked {
    /// Reads a request's query and headers. A `since` that is no head asks for the whole list.
    #[must_use]
    pub fn of(query: Option<&str>, headers: &HeaderMap) -> Self {
        let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let since = pairs.find(|(name, _)| name == "since");
        let known = headers.get_all(IF_NONE_MATCH).iter();
        let known: Vec<&str> = known.filter_map(|value| value.to_str().ok()).collect();
        Self {
            since: since.and_then(|(_, since)| since.parse().ok()),
            known: (!known.is_empty()).then(|| known.join(",")),
        }
    }

    /// `log_from`: the change log has everything after this seq.
    pub(crate) fn plan(&self, head: &Head, log_from: i64) -> Plan {
        match (&self.since, &self.known) {
            (Some(since), _) => {
                let reaches =
                    since.epoch == head.epoch && (log_from..=head.seq).contains(&since.seq);
                if reaches { Plan::Since(since.seq) } else { Plan::All }
            }
            (None, Some(known)) if has(known, &head.etag()) => Plan::Nothing,
            _ => Plan::All,
        }
    }
}

/// Whether an `If-None-Match` names this tag; a proxy that compresses may have made it weak.
fn has(known: &str, tag: &str) -> bool {
    known.split(',').map(str::trim).any(|one| one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str, tag: Option<&str>) -> Asked {
        let tags = tag.map(|tag| (IF_NONE_MATCH, tag.parse().expect("a header's value")));
        Asked::of(Some(query), &tags.into_iter().collect())
    }

    #[test]
    fn a_known_list_needs_nothing_and_a_known_head_what_changed() {
        let head: Head = "a;9".parse().expect("a head");
        for (query, tag, plan) in [
            ("", None, Plan::All),
            ("", Some("\"a;9\""), Plan::Nothing),
            ("", Some("\"x\", W/\"a;9\""), Plan::Nothing),
            ("", Some("\"a;8\""), Plan::All),
            ("since=a;7", None, Plan::Since(7)),
            ("page=2&since=a%3B9", Some("\"a;9\""), Plan::Since(9)),
            ("since=a;4", None, Plan::Since(4)),
            // before the log, after the head, another epoch, no head
            ("since=a;3", None, Plan::All),
            ("since=a;10", None, Plan::All),
            ("since=b;9", None, Plan::All),
            ("since=yesterday", None, Plan::All),
        ] {
            assert_eq!(asked(query, tag).plan(&head, 4), plan, "{query} {tag:?}");
        }
    }
}
