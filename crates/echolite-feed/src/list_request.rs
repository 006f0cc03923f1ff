//! A request for a list: the head that the client knows, and the answer that it therefore needs.

use http::HeaderMap;
use http::header::IF_NONE_MATCH;

use crate::head::Head;
use crate::row_id::RowId;

/// A client's request for a list, with the validator or the head of an earlier answer.
///
/// ```
/// use echolite_feed::ListRequest;
/// let headers = http::HeaderMap::new();
/// let request = ListRequest::of(Some("category=shoes&since=5f3a%3B42"), &headers);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRequest {
    since: Option<Head>,
    known: Option<String>,
}

/// The kind of answer that a request needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListAnswer {
    /// The client has it all: [`Head::not_modified`].
    NotModified,
    /// These rows: [`Head::changes`].
    Changes(Changes),
    /// The whole list: [`Head::list`].
    Whole,
}

/// The rows that changed since the client's head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows that are new or different.
    pub changed: Vec<RowId>,
    /// Rows that are gone.
    pub deleted: Vec<RowId>,
}

/// The part of the change log that an answer needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// None: the client has it all.
    NotModified,
    /// All after this seq.
    Since(i64),
    /// None: the client gets the whole list.
    Whole,
}

impl ListRequest {
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
    pub(crate) fn lookup(&self, head: &Head, log_from: i64) -> Lookup {
        match (&self.since, &self.known) {
            (Some(since), _) => {
                let reaches =
                    since.epoch == head.epoch && (log_from..=head.seq).contains(&since.seq);
                if reaches { Lookup::Since(since.seq) } else { Lookup::Whole }
            }
            (None, Some(known)) if has(known, &head.etag()) => Lookup::NotModified,
            _ => Lookup::Whole,
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

    fn request(query: &str, tag: Option<&str>) -> ListRequest {
        let tags = tag.map(|tag| (IF_NONE_MATCH, tag.parse().expect("a header's value")));
        ListRequest::of(Some(query), &tags.into_iter().collect())
    }

    #[test]
    fn a_known_list_needs_nothing_and_a_known_head_what_changed() {
        let head: Head = "a;9".parse().expect("a head");
        for (query, tag, lookup) in [
            ("", None, Lookup::Whole),
            ("", Some("\"a;9\""), Lookup::NotModified),
            ("", Some("\"x\", W/\"a;9\""), Lookup::NotModified),
            ("", Some("\"a;8\""), Lookup::Whole),
            ("since=a;7", None, Lookup::Since(7)),
            ("page=2&since=a%3B9", Some("\"a;9\""), Lookup::Since(9)),
            ("since=a;4", None, Lookup::Since(4)),
            // before the log, after the head, another epoch, no head
            ("since=a;3", None, Lookup::Whole),
            ("since=a;10", None, Lookup::Whole),
            ("since=b;9", None, Lookup::Whole),
            ("since=yesterday", None, Lookup::Whole),
        ] {
            assert_eq!(request(query, tag).lookup(&head, 4), lookup, "{query} {tag:?}");
        }
    }
}
