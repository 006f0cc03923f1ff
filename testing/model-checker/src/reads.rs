//! Reads: what the client asks of the back end, and what the answer is.

use std::hash::{Hash, Hasher};

use echolite_cache::{Head, Mono, Name, ReadReply, ReadRequest, ReadTarget, RequestId};

use crate::back_end::BackEnd;
use crate::data::{Counter, Data, Form, ID_TEXTS, Row};

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
    /// By which the client knows the answer.
    pub request: Number,
    /// What was asked.
    pub question: Question,
    /// How many commits there were when it was asked.
    pub asked: u8,
    /// How many commits there were when the back end read; none: it has not yet.
    pub at: Option<u8>,
    /// A cache on the way had the answer: since then.
    pub kept: Option<Since>,
}

/// The number of a request: no two are alike, and which it is decides nothing.
#[derive(Clone, Copy, Debug)]
pub struct Number(pub RequestId);

impl PartialEq for Number {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// A moment past. What is kept goes out of use soon, so that the moment itself decides nothing.
#[derive(Clone, Copy, Debug)]
pub struct Since(pub Mono);

impl PartialEq for Since {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Since {}

impl Hash for Since {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// How a back end answers.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Its answers carry heads.
    pub counts: bool,
    /// The form of their versions.
    pub form: Form,
}

impl Read {
    /// What the client asked.
    ///
    /// # Panics
    /// If it asked for what the back end does not have.
    #[must_use]
    pub fn new(asked: ReadRequest, commits: u8) -> Self {
        let request = Number(asked.request);
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
        Self { request, question, asked: commits, at: None, kept: None }
    }

    /// Whether it asks for the list, or a page of it.
    #[must_use]
    pub const fn is_of_list(&self) -> bool {
        matches!(self.question, Question::List(_) | Question::Page(..))
    }

    /// The answer of a back end that read when there were so many commits.
    #[must_use]
    pub fn answer(&self, back_end: &BackEnd, at: u8, manner: Manner) -> ReadReply<Data> {
        let counter = back_end.counter_at(at);
        let head = manner.counts.then(|| head(counter));
        let shown = |row: Row| Data::Row(row.shown(manner.form));
        let rows = back_end.list_at(at);
        let list = rows.iter().flatten().copied();
        match &self.question {
            // a row has its URL, whether the list shows it or not
            Question::Row(id) => match back_end.rows_at(at)[usize::from(*id)] {
                Some(row) => ReadReply::Row { row: shown(row), validator: None, head },
                None => ReadReply::Gone,
            },
            Question::Since(since) if since.epoch == counter.epoch => {
                let concerned = back_end.concerned(*since, at);
                let ids = (0_u8..).zip(&rows).filter(|(id, _)| concerned(*id));
                let (mut changed, mut deleted) = (Vec::new(), Vec::new());
                for (id, row) in ids {
                    match row {
                        Some(row) => changed.push(shown(*row)),
                        // one that left the list is named, too
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
                let rows = of_page().map(shown).collect();
                ReadReply::Page { rows, validator: Some(validator), head, next }
            }
            Question::List(Some(validator)) if *validator == self::validator(list.clone()) => {
                ReadReply::NotModified { head }
            }
            Question::List(_) | Question::Since(_) => ReadReply::List {
                rows: list.clone().map(shown).collect(),
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
