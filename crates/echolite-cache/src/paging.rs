//! How a resource reads its list in pages.

use super::pages::{Began, Page, Step};
use super::reading::Done;
use super::reads::Flight;
use super::reconcile::{List, Reconciliation};
use super::resource::Resource;
use super::rows::NoRow;
use super::rules::Basis;
use crate::context::Context;
use crate::{Head, Payload, ReadTarget, Reason};

impl<P: Payload> Resource<P> {
    /// A page of the list was answered; `None` where it is as its validator says.
    pub(super) fn on_page(
        &mut self,
        flight: &Flight,
        page: Option<Page<P>>,
        head: Option<Head>,
        cx: &mut Context<'_, P>,
    ) -> Result<Done, NoRow> {
        let of_list = |began: Began| Flight {
            target: ReadTarget::List,
            began: began.stamp,
            as_of: began.as_of,
            ..flight.clone()
        };
        let unchanged = page.is_none();
        match self.pages.take(&self.config, &flight.url, page, head)? {
            Step::Ask(url) => {
                self.ask(ReadTarget::Page, url, cx);
                let outcome = if unchanged { "not-modified" } else { "page" };
                Ok(Done { outcome, changed: 0 })
            }
            Step::Again => {
                self.begin_pages(cx);
                self.ask(ReadTarget::Page, self.config.url.clone(), cx);
                Ok(Done { outcome: "moved", changed: 0 })
            }
            Step::Moving(began, rows) => self.on_moving(&of_list(began), rows, cx),
            Step::Whole(began, rows, head) => self.on_list(&of_list(began), rows, (None, head), cx),
        }
    }

    pub(super) fn begin_pages(&mut self, cx: &Context<'_, P>) {
        let (stamp, as_of) = (self.trust.now(), cx.now.wall);
        self.pages.begin(Began { stamp, as_of });
    }

    /// The pages are not of one moment: their rows are shown, none is missed, and nothing is settled.
    fn on_moving(
        &mut self,
        flight: &Flight,
        rows: Vec<P>,
        cx: &mut Context<'_, P>,
    ) -> Result<Done, NoRow> {
        let list = List { rows, whole: false, basis: Basis::Versions };
        let moment = (flight.began, cx.now);
        let news = Reconciliation::new(&self.rows, &self.config, list, moment)?;
        let mut changed = 0;
        if news.suspect.is_none() {
            changed = news.put.len();
            self.apply(news, flight, cx);
            self.as_of = self.as_of.or(Some(flight.as_of));
        }
        self.trust.doubt_list(Reason::Moving);
        self.reads.moving(cx.now.mono);
        Ok(Done { outcome: "moved", changed })
    }
}
