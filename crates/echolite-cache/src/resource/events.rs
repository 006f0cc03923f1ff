//! Events: the path of one event through a resource.
//!
//! 1. A [`Reaction`] is declared by the application for the name of an event.
//! 2. An [`Advice`] is the reaction to this one event, with what the application said of it if it wants to be asked.
//! 3. A [`Place`] is where the event stands to the rows by its head: past, next, beyond a gap, or not ordered.
//! 4. A [`Plan`] is the work that advice and data ask for; a [`RowPlan`] is the part of it for one row.
//! 5. An `EventDecision` is made by the rules for each row of a plan: apply, show provisionally, ignore, or read.
//! 6. An [`EventOutcome`] is the decisions taken together, and is reported as activity.

use super::Resource;
use crate::context::Context;
use crate::event_order::HeldEvent;
use crate::heads::{EventHead, Place};
use crate::plan::{self, Plan, RowPlan, Target, Work};
use crate::rows::id_text;
use crate::{
    Activity, Advice, EventOutcome, Frame, Mono, Name, Output, Payload, Reaction, Reason,
    RequestId, WarningCode,
};

/// So many rows named as stale at once are read as one list.
const ROW_READS: usize = 8;

impl<P: Payload> Resource<P> {
    /// An event of one of the resource's channels; `false` where it does not name it.
    pub(crate) fn on_event(&mut self, frame: &Frame<P>, cx: &mut Context<'_, P>) -> bool {
        if &*frame.event == "pusher:cache_miss" {
            self.subscription.end_head();
        }
        // rule 15: only the back end speaks
        if frame.event.starts_with("client-") {
            return true;
        }
        let declared = self.config.on.iter().find(|(event, _)| *event == frame.event);
        let Some((_, reaction)) = declared else { return false };
        let reaction = *reaction;
        let awaited_head = self.subscription.awaited_head();
        if self.config.consult {
            let request = cx.next_request();
            let (event, data) = (frame.event.clone(), frame.data.clone());
            let asked = (event.clone(), data.clone());
            self.consultations.ask(request, asked, awaited_head, cx.now.mono);
            let resource = self.config.name.clone();
            cx.emit(Output::Consult { request, resource, event, data });
        } else {
            let advice = Advice::declared(reaction);
            self.carry_out((&frame.event, &frame.data), awaited_head, &advice, cx);
        }
        true
    }

    /// No resource names an event of this one's channels.
    pub(crate) fn on_unnamed(&mut self, event: &Name, cx: &mut Context<'_, P>) {
        self.warn(WarningCode::EventUnnamed, &[event], cx);
    }

    /// The application answered a consultation.
    pub(crate) fn on_advice(
        &mut self,
        request: RequestId,
        advice: &Advice<P>,
        cx: &mut Context<'_, P>,
    ) {
        self.consultations.answer(request, || advice.clone());
        self.carry_out_answered(cx);
    }

    /// Nobody said in time what some events do: the list is read.
    pub(super) fn give_up_consultations(&mut self, cx: &mut Context<'_, P>) {
        for event in self.consultations.give_up(cx.now.mono) {
            self.warn(WarningCode::ConsultationUnanswered, &[&event], cx);
        }
        self.carry_out_answered(cx);
    }

    /// Carries out the events of which the application said what they do, in their order.
    fn carry_out_answered(&mut self, cx: &mut Context<'_, P>) {
        while let Some((event, data, awaited_head, advice)) = self.consultations.take() {
            self.carry_out((&event, &data), awaited_head, &advice, cx);
        }
    }

    /// `awaited_head`: the wait for the last event of the channels in which the event came.
    fn carry_out(
        &mut self,
        (event, data): (&Name, &P),
        awaited_head: Option<Mono>,
        advice: &Advice<P>,
        cx: &mut Context<'_, P>,
    ) {
        let head = EventHead::of(&self.config, data);
        let mut place = self.order.place(head.as_ref());
        let awaited = self.subscription.end_head_of(awaited_head);
        // the last event of a cache channel, heard before the connection was lost
        if awaited && place == Place::Unordered && head.is_some() && self.shows(data, advice) {
            place = Place::Past;
        }
        if let Some(head) = head.as_ref().filter(|_| place != Place::Retired) {
            self.order.require(head, || self.freshness.now());
        }
        let reaction = advice.reaction;
        let (reaction, outcome, detail) = match (place, head) {
            (Place::Retired, _) => {
                (reaction, EventOutcome::Ignored, Some("its epoch is over".to_owned()))
            }
            (Place::Past, _) => {
                (reaction, EventOutcome::Ignored, Some("the rows include it already".to_owned()))
            }
            (Place::NewEpoch, _) => {
                self.mark_stale(Reason::EpochChanged, cx);
                (reaction, EventOutcome::Queued, None)
            }
            // events from before the subscription will not come any more
            (Place::Gap, _) if awaited => {
                self.mark_stale(Reason::Missed, cx);
                (reaction, EventOutcome::Queued, Some("events before it were missed".to_owned()))
            }
            (Place::Gap, Some(head)) => {
                let (data, advice) = (data.clone(), advice.clone());
                self.order.hold(HeldEvent { head, data, advice }, cx.now.mono);
                (reaction, EventOutcome::Queued, Some("it waits for an event before it".to_owned()))
            }
            (_, head) => {
                let next = head.filter(|_| place == Place::Next);
                place = if next.is_some() { Place::Past } else { place };
                let owed = awaited.then(|| self.second_read.clone());
                let taken = self.take_in(data, advice, next.as_ref(), cx);
                // the last event of a cache channel is no news
                self.second_read = owed.unwrap_or_else(|| std::mem::take(&mut self.second_read));
                taken
            }
        };
        if outcome == EventOutcome::Rejected {
            self.warn(WarningCode::EventUnfit, &[event, detail.as_deref().unwrap_or_default()], cx);
        }
        let (resource, event) = (self.config.name.clone(), event.clone());
        cx.emit(Output::Activity(Activity::Event { resource, event, reaction, outcome, detail }));
        self.release_held(cx);
        // rule 4c: the first event after a subscription may show that nothing was missed
        if awaited && place == Place::Past && self.order.is_reached() && !self.order.has_gap() {
            self.confirm(cx);
        }
    }

    /// Whether the rows are as this event says.
    fn shows(&self, data: &P, advice: &Advice<P>) -> bool {
        let (_, Plan::Work(work)) = plan::plan(&self.config, advice, data) else {
            return false;
        };
        let nothing_else = work.urls.is_empty() && work.misfit.is_none();
        nothing_else
            && work.rows.iter().all(|row| match row {
                RowPlan::Patch { row, .. } => {
                    let id = id_text(&row.leaf(&self.config.key));
                    let known = id.and_then(|id| self.rows.get(&id));
                    let (row, lacking) = self.completed(row.clone());
                    lacking.is_none() && known.is_some_and(|known| known.payload.same(&row))
                }
                RowPlan::Delete { id, .. } => self.rows.get(id).is_none(),
            })
    }

    /// Takes in an event that is in order (`next`), or that only versions can order.
    fn take_in(
        &mut self,
        data: &P,
        advice: &Advice<P>,
        next: Option<&EventHead>,
        cx: &mut Context<'_, P>,
    ) -> (Reaction, EventOutcome, Option<String>) {
        let (reaction, plan) = plan::plan(&self.config, advice, data);
        let is_bare = matches!(plan, Plan::Refresh | Plan::Misfit(_));
        if is_bare && next.is_none() && EventHead::of(&self.config, data).is_none() {
            self.owe_second_read(true, cx);
        }
        let (outcome, detail) = match plan {
            Plan::Nothing(why) => (EventOutcome::Ignored, Some(why.to_owned())),
            // its head says that the list changed all the same
            Plan::Untagged if next.is_none() => {
                let why = "none of its tags is among the resource's `tags`";
                (EventOutcome::Ignored, Some(why.to_owned()))
            }
            Plan::Untagged | Plan::Refresh => {
                self.mark_stale(Reason::Changed, cx);
                (EventOutcome::Queued, None)
            }
            Plan::Misfit(why) => {
                self.mark_stale(Reason::Changed, cx);
                (EventOutcome::Rejected, Some(format!("{why}; the list is read instead")))
            }
            Plan::Work(work) => self.on_work(work, next, cx),
        };
        if let Some(head) = next
            && matches!(
                outcome,
                EventOutcome::Ignored | EventOutcome::Applied | EventOutcome::Provisional
            )
        {
            self.order.reflect(head);
        }
        (reaction, outcome, detail)
    }

    /// Carries out all that an event carries; the last outcome counts.
    fn on_work(
        &mut self,
        Work { rows, urls, misfit }: Work<P>,
        next: Option<&EventHead>,
        cx: &mut Context<'_, P>,
    ) -> (EventOutcome, Option<String>) {
        let mut told = (EventOutcome::Ignored, None);
        if !rows.is_empty() {
            told = self.on_rows(rows, next.map(|head| head.seq), cx);
        }
        if !urls.is_empty() {
            let of_urls = self.on_urls(&urls, cx);
            told = if of_urls.0 >= told.0 { of_urls } else { told };
            let alone = urls.len() == 1 && !self.freshness.is_list_stale();
            let row = self.freshness.stale_rows().next_back().filter(|_| alone).cloned();
            self.order.await_row(row.zip(next.cloned()));
        }
        if let Some(misfit) = misfit {
            if next.is_none() {
                self.owe_second_read(true, cx);
            }
            self.mark_stale(Reason::Changed, cx);
            let why = format!("its {misfit}; the list is read, too");
            told = (EventOutcome::Rejected, Some(why));
        }
        told
    }

    /// Takes in events that waited, as far as what was missing came.
    pub(super) fn release_held(&mut self, cx: &mut Context<'_, P>) {
        while let Some(HeldEvent { head, data, advice }) = self.order.release() {
            self.take_in(&data, &advice, Some(&head), cx);
        }
    }

    /// Nothing closed the gap in time: only a read can tell what was missed.
    pub(super) fn give_up_gap(&mut self, cx: &mut Context<'_, P>) {
        self.order.drop_held();
        self.mark_stale(Reason::Missed, cx);
    }

    /// Marks the rows at these URLs as stale, or the list where they are not its rows.
    fn on_urls(
        &mut self,
        urls: &[Name],
        cx: &mut Context<'_, P>,
    ) -> (EventOutcome, Option<String>) {
        for url in urls {
            match plan::target(&self.config, url) {
                Target::Row { url, id } if self.rows.get(&id).is_some() => {
                    self.freshness.mark_row_stale(url)
                }
                // a row that is not in the list: only the list can say whether it belongs
                Target::Row { .. } | Target::List => self.mark_stale(Reason::Changed, cx),
                Target::Foreign => {
                    self.mark_stale(Reason::Changed, cx);
                    let why =
                        format!("{url} is another site's: it is not read, the list is instead");
                    return (EventOutcome::Rejected, Some(why));
                }
            }
        }
        if self.freshness.stale_rows().count() > ROW_READS {
            self.freshness.forget_stale_rows();
            self.mark_stale(Reason::Changed, cx);
        }
        (EventOutcome::Queued, None)
    }
}
