//! A list in pages: many answers that are one read only if all are of one moment (rule 13).
//!
//! Pure. What shows that they are:
//! - one head that all pages report;
//! - without heads, the order of a key that never changes (`Paging::Cursor`): no row can pass from a page not yet
//!   read to one already read, so each row is as it was when its page was read, as in any other read;
//! - without heads and by number, a second look: pages that answer the same before and after the last one was
//!   read stood still meanwhile. With validators the second look costs a 304 a page. The last page is looked at
//!   again, too: what was changed and then undone while it was read shows there alone.

use super::rows::{NoRow, id_text};
use super::trust::Stamp;
use crate::{Head, Name, Paging, Payload, ResourceConfig, Wall};

/// So many times in a row may pages move before the list is given out as moving.
const TRIES: u32 = 3;
/// More pages than this are no list, but a back end that leads from page to page without end.
const MOST_PAGES: usize = 10_000;

/// What the URL of a page last answered.
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

/// When a read of all pages began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Began {
    pub(crate) stamp: Stamp,
    pub(crate) as_of: Wall,
}

/// What has been read so far.
#[derive(Clone, Debug)]
struct Pass {
    began: Began,
    /// The pages read, in their order.
    order: Vec<Name>,
    /// The head that the pages report, and whether one reported none.
    head: Option<Head>,
    headless: bool,
    /// How many pages were looked at a second time, once the last one is read.
    verified: Option<usize>,
}

/// What to do after a page.
#[derive(Clone, Debug)]
pub(crate) enum Step<P> {
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

    /// How many pages the list had when it was last read.
    pub(crate) fn len(&self) -> usize {
        self.pages.len()
    }

    /// What to ask a page with.
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
    ) -> Result<Step<P>, NoRow> {
        // what was known was forgotten meanwhile
        let Some(mut pass) = self.pass.take() else { return Ok(Step::Again) };
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
    ) -> Result<Step<P>, NoRow> {
        if pass.verified.is_none() {
            if let Some(next) = self.at(url).and_then(|page| page.next.clone()) {
                if pass.order.contains(&next) || pass.order.len() == MOST_PAGES {
                    let why = "leads in a circle, or without end: the page after it is said to be ";
                    return Err(NoRow([why, &next].concat()));
                }
                self.pass = Some(pass);
                return Ok(Step::Ask(next));
            }
            if self.has_twins(config, &pass) {
                return Ok(self.moved(&pass));
            }
            let moves = pass.headless && config.paging == Some(Paging::Number);
            pass.verified = (moves && pass.order.len() > 1).then_some(0);
        }
        if let Some(next) = pass.verified.and_then(|at| pass.order.get(at).cloned()) {
            self.pass = Some(pass);
            return Ok(Step::Ask(next));
        }
        let rows = self.rows(&pass).cloned().collect();
        self.moved = 0;
        self.pages.retain(|page| pass.order.contains(&page.url));
        let head = pass.head.filter(|_| !pass.headless);
        Ok(Step::Whole(pass.began, rows, head))
    }

    fn moved(&mut self, pass: &Pass) -> Step<P> {
        self.moved += 1;
        if self.moved < TRIES {
            return Step::Again;
        }
        self.moved = 0;
        Step::Moving(pass.began, self.rows(pass).cloned().collect())
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
