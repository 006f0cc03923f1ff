//! Reads: what the client asks of the back end, and what the answer is.

use echolite_cache::{Head, Name, ReadReply, ReadRequest, ReadTarget};

use crate::back_end::BackEnd;
use crate::data::{Counter, Data, ID_TEXTS, Row};

/// The second page; the first one has the list's URL.
const SECOND_PAGE: &str = "https://a.test/rows?page=2";

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// The list; nothing, if it is still this one.
    List(Option<Name>),
    /// A page of it, counted from 0; nothing, if it is still this one.
    Page(usize, Option<Name>),
    /// One row.
    Row(u8),
    /// What changed since.
    Since(Counter),
}

/// A read under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Read {
    /// What was asked.
    pub question: Question,
    /// How many commits there were when the back end read; none: it has not yet.
    pub at: Option<u8>,
}

impl Read {
    /// What the client asked.
    ///
    /// # Panics
    /// If it asked for what the back end does not have.
    #[must_use]
    pub fn new(asked: ReadRequest) -> Self {
        let last = |mark| asked.url.rsplit(mark).next().unwrap_or_default();
        let question = match asked.target {
            ReadTarget::Row => {
                let id = ID_TEXTS.iter().position(|id| *id == last("/"));
                Question::Row(id.expect("the world's events name rows of the world") as u8)
            }
            ReadTarget::Since => {
                let epoch = u8::from(last("=").starts_with(Counter::LATER));
                let seq = last("%3B").parse().expect("`since` carries a head of the world");
                Question::Since(Counter { epoch, seq })
            }
            ReadTarget::Page => {
                Question::Page(usize::from(&*asked.url == SECOND_PAGE), asked.validator)
            }
            ReadTarget::List => Question::List(asked.validator),
            ReadTarget::Tail | ReadTarget::Entry => {
                unreachable!("the world declares no append list, and asks for no single row")
            }
        };
        Self { question, at: None }
    }

    /// The answer of a back end that read when there were so many commits.
    #[must_use]
    pub fn answer(&self, back_end: &BackEnd, at: u8, counts: bool) -> ReadReply<Data> {
        let rows = back_end.rows_at(at);
        let counter = back_end.counter_at(at);
        let head = counts.then(|| head(counter));
        let list = rows.iter().flatten().copied();
        match &self.question {
            Question::Row(id) => match rows[usize::from(*id)] {
                Some(row) => ReadReply::Row { row: Data::Row(row), validator: None, head },
                None => ReadReply::Gone,
            },
            Question::Since(since) if since.epoch == counter.epoch => {
                let concerned = back_end.concerned(*since, at);
                let ids = (0_u8..).zip(&rows).filter(|(id, _)| concerned(*id));
                let (mut changed, mut deleted) = (Vec::new(), Vec::new());
                for (id, row) in ids {
                    match row {
                        Some(row) => changed.push(Data::Row(*row)),
                        None => deleted.push(ID_TEXTS[usize::from(id)].into()),
                    }
                }
                ReadReply::Since { changed, deleted, head: self::head(counter) }
            }
            Question::Page(page, asked) => {
                let of_page = || list.clone().skip(*page).take(1);
                let next = (list.clone().count() > page + 1).then(|| SECOND_PAGE.into());
                // a page says whether there is another
                let more = if next.is_some() { "more" } else { "" };
                let validator = Name::from(format!("{}{more}", validator(of_page())));
                if asked.as_ref() == Some(&validator) {
                    return ReadReply::NotModified { head };
                }
                let rows = of_page().map(Data::Row).collect();
                ReadReply::Page { rows, validator: Some(validator), head, next }
            }
            Question::List(Some(validator)) if *validator == self::validator(list.clone()) => {
                ReadReply::NotModified { head }
            }
            Question::List(_) | Question::Since(_) => ReadReply::List {
                rows: list.clone().map(Data::Row).collect(),
                validator: Some(validator(list)),
                head,
            },
        }
    }
}

fn head(counter: Counter) -> Head {
    Head { epoch: counter.epoch_name().into(), seq: counter.seq.into() }
}

/// An `ETag` that tells what is listed, not when: a list that is as it was before has the validator it had.
fn validator(rows: impl Iterator<Item = Row>) -> Name {
    rows.map(|row| format!("{}:{},", row.id, row.n)).collect::<String>().into()
}
