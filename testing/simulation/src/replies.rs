//! What the back end answers to reads.

use std::collections::BTreeSet;

use echolite_cache::{Head, Name, Paging, ReadReply, ReadRequest, ReadTarget};
use echolite_core::json::Json;

use crate::back_end::{BackEnd, IDS, Row};
use crate::declarations::is_asked_for;

/// So many rows make a page.
const PAGE: usize = 2;

impl BackEnd {
    /// The answer of a replica that has the first `length` changes.
    pub fn answer(&self, read: &ReadRequest, length: usize) -> ReadReply<Json> {
        let head = self.head_at(length);
        match read.target {
            ReadTarget::Row | ReadTarget::Entry => {
                let id = read.url.rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or(0);
                match (id <= IDS).then(|| self.row_at(id, length)).flatten() {
                    Some(row) => {
                        ReadReply::Row { row: Json(self.answered(row)), validator: None, head }
                    }
                    None => ReadReply::Gone,
                }
            }
            ReadTarget::Since => {
                self.since(read, length).unwrap_or_else(|| self.list(read, length, head))
            }
            ReadTarget::List | ReadTarget::Tail | ReadTarget::Page => {
                if let Some(paging) = self.paging {
                    return self.page(read, length, paging);
                }
                let etag = self.etag(length);
                if read.validator.as_deref() == Some(&etag) {
                    return ReadReply::NotModified { head };
                }
                self.list(read, length, head)
            }
        }
    }

    /// Names a state of the list: a restored backup is another one.
    fn etag(&self, length: usize) -> String {
        format!("\"{length}\"")
    }

    /// The rows that the URL asks for.
    fn asked_for(&self, url: &str, length: usize) -> impl Iterator<Item = &Row> {
        let is_asked_for =
            move |row: &&Row| row["id"].as_u64().is_some_and(|id| is_asked_for(url, id));
        self.listed_at(length).filter(is_asked_for)
    }

    fn list(&self, read: &ReadRequest, length: usize, head: Option<Head>) -> ReadReply<Json> {
        let rows = self.asked_for(&read.url, length).map(|row| Json(self.answered(row)));
        ReadReply::List { rows: rows.collect(), validator: Some(self.etag(length).into()), head }
    }

    /// One page of the list: by number as the rows are counted now, by cursor after an id.
    fn page(&self, read: &ReadRequest, length: usize, paging: Paging) -> ReadReply<Json> {
        let all = self.asked_for(&read.url, length);
        let value = |name: &str| read.url.split_once(name).and_then(|(_, n)| n.parse::<u64>().ok());
        let (rows, rest): (Vec<&Row>, bool) = match paging {
            Paging::Number => {
                let before = (value("page=").unwrap_or(1) as usize).saturating_sub(1) * PAGE;
                let rest: Vec<_> = all.skip(before).collect();
                (rest.iter().copied().take(PAGE).collect(), rest.len() > PAGE)
            }
            Paging::Cursor => {
                let after = value("cursor=").unwrap_or(0);
                let rest: Vec<_> = all.filter(|row| row["id"].as_u64() > Some(after)).collect();
                (rest.iter().copied().take(PAGE).collect(), rest.len() > PAGE)
            }
        };
        let next = match paging {
            Paging::Number => format!("page={}", value("page=").unwrap_or(1) + 1),
            Paging::Cursor => {
                let last = rows.last().map_or(0, |row| row["id"].as_u64().unwrap_or(0));
                format!("cursor={last}")
            }
        };
        let next = rest.then(|| next_url(&read.url, &next));
        let states = rows.iter().map(|row| row["n"].to_string()).collect::<Vec<_>>().join(",");
        let etag = Name::from(format!("\"{states};{}\"", next.as_deref().unwrap_or_default()));
        let head = self.head_at(length);
        if read.validator.as_ref() == Some(&etag) {
            return ReadReply::NotModified { head };
        }
        let rows = rows.into_iter().map(|row| Json(self.answered(row))).collect();
        ReadReply::Page { rows, validator: Some(etag), head, next }
    }

    /// What changed since the head in the URL; `None` where only the whole list can be given.
    fn since(&self, read: &ReadRequest, length: usize) -> Option<ReadReply<Json>> {
        let (_, wanted) = read.url.split_once("since=")?;
        let wanted = Head::parse(&wanted.replace("%3B", ";"))?;
        let head = self.head_at(length).filter(|head| head.epoch == wanted.epoch)?;
        let from = self.length_of(&wanted).filter(|from| *from <= length)?;
        let ids: BTreeSet<u64> =
            self.changes[from..length].iter().map(|change| change.id).collect();
        let listed: Vec<&Row> = self.asked_for(&read.url, length).collect();
        let row = |id: &u64| listed.iter().copied().find(|row| row["id"] == *id);
        let changed = ids.iter().filter_map(row).map(|row| Json(self.answered(row))).collect();
        let gone = ids.iter().filter(|id| row(id).is_none());
        let deleted = gone.map(|id| Name::from(id.to_string())).collect();
        Some(ReadReply::Since { changed, deleted, head })
    }
}

/// The URL of the next page: the list's own parameter stays.
fn next_url(url: &str, parameter: &str) -> Name {
    let rest = url.rfind("page=").or_else(|| url.rfind("cursor="));
    match rest {
        Some(at) => format!("{}{parameter}", &url[..at]).into(),
        None if url.contains('?') => format!("{url}&{parameter}").into(),
        None => format!("{url}?{parameter}").into(),
    }
}
