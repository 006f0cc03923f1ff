//! Answers to reads of the list's pages, which are one read only together.

use super::Resource;
use crate::context::Context;
use crate::flight::{Flight, Landed};
use crate::pages::{Began, Page, PageStep};
use crate::reconcile::{List, Reconciliation};
use crate::rows::NoRow;
use crate::rules::Basis;
use crate::{Head, Payload, ReadOutcome, ReadTarget, Reason};

impl<P: Payload> Resource<P> {
    /// A page of the list was answered; `None` where it is as its validator says.
    pub(super) fn on_page(
        &mut self,
        flight: &Flight,
        page: Option<Page<P>>,
        head: Option<Head>,
        cx: &mut Context<'_, P>,
    ) -> Result<Landed, NoRow> {
        let of_list = |began: Began| Flight {
            target: ReadTarget::List,
            began: began.stamp,
            at: began.at,
            as_of: began.as_of,
            older: began.older,
            ..flight.clone()
        };
        let unchanged = page.is_none();
        match self.pages.take(&self.config, &flight.url, page, head)? {
            PageStep::Ask(url) => {
                self.ask(ReadTarget::Page, url, cx);
                let outcome = if unchanged { ReadOutcome::NotModified } else { ReadOutcome::Page };
                Ok(Landed::unchanged(outcome))
            }
            PageStep::Again => {
                self.begin_pages(cx);
                self.ask(ReadTarget::Page, self.config.url.clone(), cx);
                Ok(Landed::unchanged(ReadOutcome::Moved))
            }
            PageStep::Moving(began, rows) => self.on_moving(&of_list(began), rows, cx),
            PageStep::Whole(began, rows, head) => {
                self.on_list(&of_list(began), rows, (None, head), cx)
            }
        }
    }

    pub(super) fn begin_pages(&mut self, cx: &Context<'_, P>) {
        let (stamp, at, as_of) = (self.freshness.now(), cx.now.mono, cx.now.wall);
        self.pages.begin(Began { stamp, at, as_of, older: 0 });
    }

    /// The pages are not of one moment: their rows are shown, none is missed, and nothing is settled.
    fn on_moving(
        &mut self,
        flight: &Flight,
        rows: Vec<P>,
        cx: &mut Context<'_, P>,
    ) -> Result<Landed, NoRow> {
        let (basis, painted_since) = (Basis::Versions, None);
        let list = List { rows, whole: false, basis, painted_since };
        let moment = (flight.began, cx.now);
        let news = Reconciliation::new(&self.rows, &self.config, list, moment)?;
        let mut changed = 0;
        if news.suspect.is_none() {
            changed = news.put.len();
            self.apply(news, flight, cx);
            self.last_read.as_of = self.last_read.as_of.or(Some(flight.as_of));
        }
        self.freshness.mark_stale(Reason::Moving);
        self.schedule.moving(cx.now.mono);
        Ok(Landed { outcome: ReadOutcome::Moved, changed })
    }
}
