//! A list in pages: many answers that are one read only if all are of one moment (rule 13).
//!
//! Pure. Either of these shows that they are:
//! - one head that all pages report;
//! - without heads, the order of a key that never changes (`Paging::Cursor`): no row can pass from a page not yet
//!   read to one already read, so each row is as it was when its page was read, as in any other read;
//! - without heads and by number, a second look: pages that answer the same before and after the last one was
//!   read stood still meanwhile. With validators the second look costs a 304 a page. The last page is looked at
//!   again, too: what was changed and then undone while it was read shows there alone.

use crate::freshness::Stamp;
use crate::rows::{NoRow, id_text};
use crate::{Head, Mono, Name, Paging, Payload, ResourceConfig, Wall};

/// So many times in a row may pages move before the list is given out as moving.
const TRIES: u32 = 3;
/// More pages than this are no list, but a back end that leads from page to page without end.
const MOST_PAGES: usize = 10_000;

/// The last answer of a page's URL.
///
/// The rows are kept as they were answered: the validator speaks of them, whatever events make of the list's
/// own rows meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct Page<P> {
    pub(crate) url: Name,
    pub(crate) rows: Vec<P>,
    pub(crate) validator: Option<Name>,
    pub(crate) next: Option<Name>,
}

/// The beginning of a read of all pages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Began {
    pub(crate) stamp: Stamp,
    pub(crate) at: Mono,
    pub(crate) as_of: Wall,
    /// As of a [`Flight`](crate::flight::Flight).
    pub(crate) older: u64,
}

/// A read of all pages, as far as it has come.
#[derive(Clone, Debug)]
struct Pass {
    began: Began,
    /// The pages read, in their order.
    order: Vec<Name>,
    /// The head that the pages report, and whether one reported none.
    head: Option<Head>,
    headless: bool,
    /// The number of pages looked at a second time, once the last one is read.
    verified: Option<usize>,
}

/// The next step after a page.
#[derive(Clone, Debug)]
pub(crate) enum PageStep<P> {
    /// Read this page next.
    Ask(Name),
    /// The pages are not of one moment: begin anew.
    Again,
    /// They are not, for the last time: these rows are in the list, or were just now.
    Moving(Began, Vec<P>),
    /// All rows, and the head of all pages.
    Whole(Began, Vec<P>, Option<Head>),
}

/// The pages of one list.
#[derive(Clone, Debug)]
pub(crate) struct Pages<P> {
    /// In the order in which they were first read, which seldom differs from theirs.
    pages: Vec<Page<P>>,
    pass: Option<Pass>,
    moved: u32,
}

impl<P: Payload> Page<P> {
    fn same(&self, other: &Self) -> bool {
        self.next == other.next
            && self.rows.len() == other.rows.len()
            && self.rows.iter().zip(&other.rows).all(|(ours, theirs)| ours.same(theirs))
    }
}

impl<P: Payload> Pages<P> {
    pub(crate) fn new() -> Self {
        Self { pages: Vec::new(), pass: None, moved: 0 }
    }

    /// The number of pages when the list was last read.
    pub(crate) fn len(&self) -> usize {
        self.pages.len()
    }

    /// The validator to ask a page with.
    pub(crate) fn validator(&self, url: &str) -> Option<Name> {
        self.at(url)?.validator.clone()
    }

    fn at(&self, url: &str) -> Option<&Page<P>> {
        self.pages.iter().find(|page| *page.url == *url)
    }

    /// A read of all pages begins.
    pub(crate) fn begin(&mut self, began: Began) {
        let (order, head) = (Vec::new(), None);
        self.pass = Some(Pass { began, order, head, headless: false, verified: None });
    }

    /// A page's answer is older than the read of all pages: that counts as begun as early.
    pub(crate) fn age(&mut self, page: Began) {
        let before = |pass: &&mut Pass| {
            let later = page.at - pass.began.at;
            page.older > pass.began.older.saturating_add(later)
        };
        if let Some(pass) = self.pass.as_mut().filter(before) {
            pass.began = page;
        }
    }

    /// A page was answered; `None` where it is as its validator says.
    ///
    /// # Errors
    /// [`NoRow`] when the answer cannot be one of a page of this list.
    pub(crate) fn take(
        &mut self,
        config: &ResourceConfig,
        url: &Name,
        page: Option<Page<P>>,
        head: Option<Head>,
    ) -> Result<PageStep<P>, NoRow> {
        // what was known was forgotten meanwhile
        let Some(mut pass) = self.pass.take() else { return Ok(PageStep::Again) };
        let before = self.pages.iter_mut().find(|before| before.url == *url);
        let same = match (page, before) {
            (None, None) => {
                return Err(NoRow("answered 304 to a question without a validator".into()));
            }
            (None, Some(_)) => true,
            (Some(page), None) => {
                self.pages.push(page);
                false
            }
            (Some(page), Some(before)) => {
                let same = pass.verified.is_some() && before.same(&page);
                *before = page;
                same
            }
        };
        match pass.verified {
            Some(_) if !same => return Ok(self.moved(&pass)),
            Some(verified) => pass.verified = Some(verified + 1),
            None => {
                pass.order.push(url.clone());
                if !pass.reports(head) {
                    return Ok(self.moved(&pass));
                }
            }
        }
        self.go_on(config, pass, url)
    }

    fn go_on(
        &mut self,
        config: &ResourceConfig,
        mut pass: Pass,
        url: &Name,
    ) -> Result<PageStep<P>, NoRow> {
        if pass.verified.is_none() {
            if let Some(next) = self.at(url).and_then(|page| page.next.clone()) {
                if pass.order.contains(&next) || pass.order.len() == MOST_PAGES {
                    let why = "leads in a circle, or without end: the page after it is said to be ";
                    return Err(NoRow([why, &next].concat()));
                }
                self.pass = Some(pass);
                return Ok(PageStep::Ask(next));
            }
            if self.has_twins(config, &pass) {
                return Ok(self.moved(&pass));
            }
            let moves = pass.headless && config.paging == Some(Paging::Number);
            pass.verified = (moves && pass.order.len() > 1).then_some(0);
        }
        if let Some(next) = pass.verified.and_then(|at| pass.order.get(at).cloned()) {
            self.pass = Some(pass);
            return Ok(PageStep::Ask(next));
        }
        let rows = self.rows(&pass).cloned().collect();
        self.moved = 0;
        self.pages.retain(|page| pass.order.contains(&page.url));
        let head = pass.head.filter(|_| !pass.headless);
        Ok(PageStep::Whole(pass.began, rows, head))
    }

    fn moved(&mut self, pass: &Pass) -> PageStep<P> {
        self.moved += 1;
        if self.moved < TRIES {
            return PageStep::Again;
        }
        self.moved = 0;
        PageStep::Moving(pass.began, self.rows(pass).cloned().collect())
    }

    fn rows(&self, pass: &Pass) -> impl Iterator<Item = &P> {
        pass.order.iter().filter_map(|url| self.at(url)).flat_map(|page| &page.rows)
    }

    /// Whether a row is on two pages: it moved, and another may have fallen between them.
    fn has_twins(&self, config: &ResourceConfig, pass: &Pass) -> bool {
        // what has no id is told when it is taken for a row
        let ids = self.rows(pass).filter_map(|row| id_text(&row.leaf(&config.key)));
        let mut ids: Vec<Name> = ids.collect();
        ids.sort_unstable();
        ids.windows(2).any(|pair| pair[0] == pair[1])
    }
}

impl Pass {
    /// Takes in a page's head; whether it is still the one of all.
    fn reports(&mut self, head: Option<Head>) -> bool {
        match (&self.head, head) {
            (_, None) => self.headless = true,
            (None, head) => self.head = head,
            (Some(first), Some(head)) => return *first == head,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;
    use crate::freshness::Freshness;
    use echolite_core::json::Json;
    use serde_json::json;

    fn config(paging: Paging) -> ResourceConfig {
        ResourceConfig { paging: Some(paging), ..ResourceConfig::new("rows", "/rows") }
    }

    fn page(url: &str, ids: &[u64], next: Option<&str>) -> Page<Json> {
        let rows = ids.iter().map(|id| json!({ "id": id }).into()).collect();
        Page { url: url.into(), rows, validator: Some("v".into()), next: next.map(Into::into) }
    }

    fn head(seq: u64) -> Option<Head> {
        Some(Head { epoch: "e".into(), seq })
    }

    fn begun() -> Pages<Json> {
        let mut pages = Pages::new();
        pages.begin(Began { stamp: Stamp::START, at: Mono(0), as_of: Wall(0), older: 0 });
        pages
    }

    /// Takes a page in, as its URL answers it.
    fn take(
        pages: &mut Pages<Json>,
        paging: Paging,
        page: Page<Json>,
        head: Option<Head>,
    ) -> PageStep<Json> {
        let url = page.url.clone();
        pages.take(&config(paging), &url, Some(page), head).expect("it is a page of this list")
    }

    fn asks(step: &PageStep<Json>) -> Option<&str> {
        match step {
            PageStep::Ask(url) => Some(url),
            _ => None,
        }
    }

    #[test]
    fn pages_of_one_head_are_one_read() {
        let mut pages = begun();
        let first = take(&mut pages, Paging::Number, page("/rows", &[1], Some("/2")), head(5));
        assert_eq!(asks(&first), Some("/2"));
        let last = take(&mut pages, Paging::Number, page("/2", &[2], None), head(5));
        assert!(matches!(last, PageStep::Whole(_, rows, of) if rows.len() == 2 && of == head(5)));
        assert_eq!(pages.len(), 2);
    }

    #[test]
    fn pages_of_two_heads_are_read_again_and_in_the_end_given_out_as_moving() {
        let mut pages = begun();
        for tries in 1..=TRIES {
            pages.begin(Began { stamp: Stamp::START, at: Mono(0), as_of: Wall(0), older: 0 });
            take(&mut pages, Paging::Number, page("/rows", &[1], Some("/2")), head(5));
            let step = take(&mut pages, Paging::Number, page("/2", &[2], None), head(6));
            assert_eq!(matches!(step, PageStep::Moving(..)), tries == TRIES, "{step:?}");
        }
    }

    #[test]
    fn numbered_pages_without_heads_are_looked_at_twice() {
        let mut pages = begun();
        take(&mut pages, Paging::Number, page("/rows", &[1], Some("/2")), None);
        let again = take(&mut pages, Paging::Number, page("/2", &[2], None), None);
        assert_eq!(asks(&again), Some("/rows"));
        let still = pages.take(&config(Paging::Number), &"/rows".into(), None, None);
        assert_eq!(asks(&still.unwrap()), Some("/2"), "a 304 says that it stood still");
        let moved = take(&mut pages, Paging::Number, page("/2", &[3], None), None);
        assert!(matches!(moved, PageStep::Again));
    }

    #[test]
    fn pages_by_cursor_need_one_look_but_no_row_twice() {
        let mut pages = begun();
        take(&mut pages, Paging::Cursor, page("/rows", &[1], Some("/2")), None);
        let whole = take(&mut pages, Paging::Cursor, page("/2", &[2], None), None);
        assert!(matches!(whole, PageStep::Whole(_, _, None)));
        pages.begin(Began { stamp: Stamp::START, at: Mono(0), as_of: Wall(0), older: 0 });
        take(&mut pages, Paging::Cursor, page("/rows", &[1], Some("/2")), None);
        let twins = take(&mut pages, Paging::Cursor, page("/2", &[1], None), None);
        assert!(matches!(twins, PageStep::Again));
    }

    #[test]
    fn a_circle_and_a_304_without_a_page_are_no_answers() {
        let mut pages = begun();
        let circle = page("/rows", &[1], Some("/rows"));
        assert!(pages.take(&config(Paging::Cursor), &"/rows".into(), Some(circle), None).is_err());
        let mut pages = begun();
        assert!(pages.take(&config(Paging::Cursor), &"/rows".into(), None, None).is_err());
    }

    #[test]
    fn pages_count_as_begun_as_early_as_the_oldest_of_them() {
        let mut freshness = Freshness::new(Reason::Loading);
        let (first, second) = (freshness.now(), freshness.now());
        for (older, oldest) in [(99, first), (100, first), (101, second)] {
            let mut pages = Pages::new();
            let (at, as_of) = (Mono(1_000), Wall(0));
            pages.begin(Began { stamp: first, at, as_of, older: 0 });
            pages.age(Began { stamp: second, at: at + 100, as_of, older });
            let step = take(&mut pages, Paging::Cursor, page("/rows", &[1], None), None);
            let PageStep::Whole(began, ..) = step else { panic!("{step:?}") };
            assert_eq!(began.stamp, oldest, "{older}");
        }
    }
}
