//! All resources of an engine, kept right by events and reads.

use echolite_core::inspect::quoted;
use echolite_core::{Channels, Notice, Timeout};

use crate::context::Context;
use crate::link::{Link, Socket};
use crate::resource::Resource;
use crate::surroundings::Surroundings;
use crate::{
    Activity, Advice, Config, Frame, LiveId, Name, Now, Output, PageSignal, Payload, Position,
    Query, ReadFailure, ReadReply, Reason, RequestId, ResourceConfig, StoreInput, Term,
};

/// All resources of an engine.
#[derive(Clone, Debug)]
pub(crate) struct Cache<P> {
    /// In the order of their declaration; there are few.
    resources: Vec<Resource<P>>,
    link: Link,
    /// The term of this engine's ownership of the store, while it has it.
    term: Option<Term>,
    /// The scope was cleared: nothing is read, asked or stored any more.
    is_cleared: bool,
}

impl<P: Payload> Cache<P> {
    pub(crate) fn new() -> Self {
        let link = Link { socket: Socket::Opening, online: true, hidden: false, uncertain: false };
        Self { resources: Vec::new(), link, term: None, is_cleared: false }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    pub(crate) const fn is_cleared(&self) -> bool {
        self.is_cleared
    }

    // --- commands ----------------------------------------------------------------------------------

    /// Declares a resource; another declaration of the same name replaces it only if it differs.
    pub(crate) fn declare(
        &mut self,
        resource: ResourceConfig,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) {
        match self.resources.iter_mut().find(|known| known.config().name == resource.name) {
            Some(known) if *known.config() == resource => {}
            Some(known) => *known = Resource::new(resource, config, cx),
            None => self.resources.push(Resource::new(resource, config, cx)),
        }
    }

    /// Forgets a resource; the channels that no other resource needs.
    pub(crate) fn close(&mut self, name: &str) -> Vec<Name> {
        let at = self.resources.iter().position(|resource| *resource.config().name == *name);
        let Some(closed) = at.map(|at| self.resources.remove(at)) else { return Vec::new() };
        let needed =
            |channel: &&Name| self.resources.iter().any(|resource| resource.hears(channel));
        closed.config().channels.iter().filter(|channel| !needed(channel)).cloned().collect()
    }

    pub(crate) fn open_live(
        &mut self,
        id: LiveId,
        resource: &Name,
        query: Query,
        cx: &mut Context<'_, P>,
    ) {
        let opened = match self.named(resource) {
            Some(resource) => resource.open_live(id, query),
            None => Err(undeclared(resource)),
        };
        if let Err(message) = opened {
            cx.emit(Output::Rejected { id, message });
        }
    }

    pub(crate) fn close_live(&mut self, id: LiveId) {
        self.resources.iter_mut().for_each(|resource| resource.close_live(id));
    }

    pub(crate) fn get(
        &mut self,
        request: RequestId,
        resource: &Name,
        id: Name,
        cx: &mut Context<'_, P>,
    ) {
        match self.named(resource) {
            Some(resource) => resource.get(request, id, cx.now.mono),
            None => cx.emit(Output::Rejected { id: request, message: undeclared(resource) }),
        }
    }

    pub(crate) fn refresh(&mut self, resource: &Name, cx: &mut Context<'_, P>) {
        if let Some(resource) = self.named(resource) {
            resource.refresh(cx);
        }
    }

    /// Forgets everything, for good (rule 8). Without resources no answer that is still to come is taken, and nothing
    /// is read or committed.
    pub(crate) fn clear(&mut self, cx: &mut Context<'_, P>) {
        self.resources.drain(..).for_each(|resource| resource.end(cx));
        self.term = None;
        self.is_cleared = true;
    }

    fn named(&mut self, name: &str) -> Option<&mut Resource<P>> {
        self.resources.iter_mut().find(|resource| *resource.config().name == *name)
    }

    // --- what happens ------------------------------------------------------------------------------

    /// Something happened to the connection or to what it carries.
    pub(crate) fn on_notice(&mut self, notice: Notice<P>, cx: &mut Context<'_, P>) {
        match notice {
            Notice::Up => self.on_link(Socket::Up),
            Notice::Down => self.on_link(Socket::Opening),
            Notice::Absent => self.on_link(Socket::Absent),
            Notice::Slept => self.revoke(Reason::Slept, cx),
            Notice::Event(frame, at) => self.on_frame(&frame, at.as_ref(), cx),
            Notice::Missed(channel) => self.mark_stale(&channel, &Reason::Missed, cx),
            Notice::EpochChanged(channel) => self.mark_stale(&channel, &Reason::EpochChanged, cx),
            Notice::Count(channel, count) => self.on_count(&channel, count),
            Notice::Uncertain => self.on_uncertain(cx),
            Notice::Certain => self.on_certain(cx),
        }
    }

    /// An event; `at`: its position, where the server counts it.
    fn on_frame(&mut self, frame: &Frame<P>, at: Option<&Position>, cx: &mut Context<'_, P>) {
        let Some(channel) = &frame.channel else { return };
        let mut is_named =
            frame.event.starts_with("pusher:") || frame.event.starts_with("pusher_internal:");
        for resource in self.resources.iter_mut().filter(|resource| resource.hears(channel)) {
            is_named |= at.is_some_and(|at| !resource.take_position(channel, at))
                || resource.on_event(frame, cx);
        }
        let mut hearers = self.resources.iter_mut().filter(|resource| resource.hears(channel));
        if let Some(first) = hearers.next().filter(|_| !is_named) {
            first.on_unnamed(&frame.event, cx);
        }
    }

    /// `pusher_internal:subscription_count`: the larger the crowd, the wider its reads are spread (rule 12).
    fn on_count(&mut self, channel: &Name, count: u64) {
        for resource in &mut self.resources {
            if resource.hears(channel) {
                resource.on_count(count);
            }
        }
    }

    pub(crate) fn on_advice(
        &mut self,
        request: RequestId,
        advice: &Advice<P>,
        cx: &mut Context<'_, P>,
    ) {
        self.resources.iter_mut().for_each(|resource| resource.on_advice(request, advice, cx));
    }

    /// The answer to a read, which comes next, is so many milliseconds old.
    pub(crate) fn on_aged(&mut self, request: RequestId, age: u64, cx: &mut Context<'_, P>) {
        self.resources.iter_mut().for_each(|resource| resource.on_aged(request, age, cx.now.mono));
    }

    /// A part of an answer came.
    pub(crate) fn on_read_progress(&mut self, request: RequestId, now: crate::Mono) {
        if let Some(resource) = self.resources.iter_mut().find(|r| r.awaits_answer(request)) {
            resource.on_read_progress(now);
        }
    }

    pub(crate) fn on_read(
        &mut self,
        request: RequestId,
        result: Result<ReadReply<P>, ReadFailure>,
        cx: &mut Context<'_, P>,
    ) {
        // whatever the browser says of the network: somebody answered
        let unanswered = matches!(result, Err(ReadFailure { status: None, .. }));
        self.link.online |= !unanswered;
        let waiting = self.resources.iter_mut().find(|resource| resource.awaits_answer(request));
        if let Some(resource) = waiting {
            resource.on_read(request, result, self.link, cx);
        }
    }

    pub(crate) fn on_store(&mut self, input: StoreInput<P>, cx: &mut Context<'_, P>) {
        match input {
            StoreInput::Owned(term) => {
                self.term = Some(term);
                self.resources.iter_mut().for_each(Resource::on_owned);
            }
            StoreInput::Lost => self.term = None,
            StoreInput::Loaded(name, stored) => {
                // what was asked for another declaration of the name answers nothing
                let asked = |resource: &&mut Resource<P>| resource.config().stored_as() == name;
                if let Some(resource) = self.resources.iter_mut().find(asked) {
                    resource.on_loaded(stored, cx);
                }
            }
            StoreInput::Committed(request, result) => {
                let (ok, now) = (result.is_ok(), cx.now.mono);
                for resource in self.resources.iter_mut() {
                    resource.on_committed(request, ok, now);
                }
                if let Err(message) = result {
                    cx.emit(Output::Activity(Activity::StoreFailed { message }));
                }
            }
            StoreInput::Cleared => {
                self.clear(cx);
                cx.emit(Output::LeaveStore);
            }
        }
    }

    /// Goes on without the store where it has not answered for too long (rule 9); whether any resource does.
    pub(crate) fn give_up_loading(&mut self, cx: &mut Context<'_, P>) -> bool {
        let given_up = self.resources.iter_mut().map(|resource| resource.give_up_loading(cx));
        given_up.fold(false, |any, one| any | one)
    }

    pub(crate) fn on_page(&mut self, signal: PageSignal, cx: &mut Context<'_, P>) {
        match signal {
            PageSignal::Online => self.link.online = true,
            PageSignal::Offline => self.link.online = false,
            PageSignal::Visible => self.link.hidden = false,
            PageSignal::Hidden => self.link.hidden = true,
            PageSignal::Resumed => self.revoke(Reason::Resumed, cx),
        }
    }

    /// Rule 5: what was certain of all resources is so no longer.
    fn revoke(&mut self, reason: Reason, cx: &mut Context<'_, P>) {
        for resource in self.resources.iter_mut() {
            resource.mark_stale(reason.clone(), cx);
        }
    }

    fn on_link(&mut self, socket: Socket) {
        self.link.socket = socket;
        // another connection knows for itself
        self.link.uncertain = false;
    }

    /// Follows the channels' subscriptions, after they may have changed.
    pub(crate) fn on_subscriptions(&mut self, channels: &Channels, cx: &mut Context<'_, P>) {
        for resource in self.resources.iter_mut() {
            resource.on_subscriptions(|name| channels.subscription(name), cx);
        }
    }

    // --- channels ----------------------------------------------------------------------------------

    /// The channels that resources need. `recover`: not before the store has said where their rows stand.
    pub(crate) fn channels(&self, recover: bool) -> Vec<Name> {
        let all = self.resources.iter().flat_map(|resource| &resource.config().channels);
        let is_loading = |channel: &&Name| {
            let mut of = self.resources.iter().filter(|resource| resource.hears(channel));
            of.any(Resource::is_loading)
        };
        all.filter(|channel| !(recover && is_loading(channel))).cloned().collect()
    }

    /// The position after which a channel is to be replayed: each resource skips what its rows include.
    pub(crate) fn position(&self, channel: &str) -> Option<Position> {
        let taken = self.resources.iter().filter_map(|resource| resource.position(channel));
        let earlier = |a: &Position, b: &Position| a.epoch == b.epoch && b.offset < a.offset;
        taken.reduce(|a, b| if earlier(a, b) { b } else { a }).cloned()
    }

    /// Something happened on a channel that the rows do not include (rule 5).
    fn mark_stale(&mut self, channel: &Name, reason: &Reason, cx: &mut Context<'_, P>) {
        let of = self.resources.iter_mut().filter(|resource| resource.hears(channel));
        of.for_each(|resource| resource.mark_stale(reason.clone(), cx));
    }

    /// The server cannot promise delivery: lists are polled until it can.
    fn on_uncertain(&mut self, cx: &mut Context<'_, P>) {
        self.link.uncertain = true;
        self.revoke(Reason::Uncertain, cx);
    }

    /// The server counts again: what was lost meanwhile is to be read.
    fn on_certain(&mut self, cx: &mut Context<'_, P>) {
        if std::mem::take(&mut self.link.uncertain) {
            self.revoke(Reason::Uncertain, cx);
        }
    }

    // --- after each input --------------------------------------------------------------------------

    /// Begins what is due, reports what changed, commits.
    pub(crate) fn settle(&mut self, config: &Config, channels: &Channels, cx: &mut Context<'_, P>) {
        let around = self.surroundings(config);
        for resource in self.resources.iter_mut() {
            resource.settle(around, channels, cx);
        }
    }

    /// The next timer that is due.
    pub(crate) fn timeout(&self, config: &Config) -> Option<Timeout> {
        let around = self.surroundings(config);
        Timeout::earliest(self.resources.iter().map(|resource| resource.timeout(around)))
    }

    /// A JSON object of all resources, by name.
    pub(crate) fn inspect(&self, config: &Config, channels: &Channels, now: Now) -> String {
        let around = self.surroundings(config);
        let resources = self.resources.iter().map(|resource| {
            let facts = resource.inspect(around, channels, now);
            format!("{}:{facts}", quoted(&resource.config().name))
        });
        format!("{{{}}}", resources.collect::<Vec<_>>().join(","))
    }

    fn surroundings<'a>(&self, config: &'a Config) -> Surroundings<'a> {
        Surroundings { config, link: self.link, term: self.term }
    }
}

fn undeclared(resource: &str) -> String {
    format!("no resource '{resource}': declare it with cache.resource('{resource}', …) first")
}
