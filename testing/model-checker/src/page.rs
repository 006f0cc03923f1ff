//! The pages of the small world: what reaches a page, what it wants done, and how pages come and go.

use std::collections::VecDeque;
use std::sync::Arc;

use echolite_cache::{Command, Input, Name, PageSignal, ReadFailure, StoreInput, Term};
use echolite_core::{Frame, Input as CoreInput, SocketInput};

use crate::canonical::GRAIN;
use crate::client::{Client, Deed, View};
use crate::data::Data;
use crate::kinds::{BrokenClient, Schedules};
use crate::reads::{Manner, Read, Since};
use crate::server::{Connection, Word};
use crate::store::Store;
use crate::world::{Loading, World};

/// The name of the list.
const ROWS: &str = "rows";

impl World {
    // --- what reaches the page ---------------------------------------------------------------------

    pub(crate) fn client_hears(&mut self, schedules: &Schedules) {
        let Some(connection) = &mut self.connection else { return };
        let Some(word) = connection.to_client.pop_front() else { return };
        match word {
            Word::Confirmed(channel) => connection.on_confirmed(channel),
            Word::Event(_, n) if self.is_listed => connection.handled |= 1 << n,
            Word::Greeting | Word::Miss(_) | Word::Event(..) => {}
        }
        if schedules.broken_client == Some(BrokenClient::Deaf) && matches!(word, Word::Event(..)) {
            return;
        }
        let (event, channel, data) = match word {
            Word::Greeting => ("pusher:connection_established", None, Data::Greeting),
            Word::Confirmed(channel) => {
                ("pusher_internal:subscription_succeeded", Some(channel), Data::Empty)
            }
            Word::Event(channel, n) => {
                let (form, counts) = (schedules.habits.told, schedules.facts.has_heads());
                ("Changed", Some(channel), self.back_end.event(n, form, counts))
            }
            Word::Miss(channel) => ("pusher:cache_miss", Some(channel), Data::Empty),
        };
        let channels = schedules.facts.channels();
        let channel = channel.map(|channel| Name::from(channels[usize::from(channel)]));
        let frame = Frame { event: event.into(), channel, data, user_id: None, offset: None };
        self.feed([self.client.socket(SocketInput::Frame(frame))], schedules);
    }

    pub(crate) fn time_passes(&mut self, schedules: &Schedules) {
        let before = self.client.now();
        Arc::make_mut(&mut self.client).wait();
        self.feed([Input::Core(CoreInput::Tick)], schedules);
        Arc::make_mut(&mut self.client).grow_older(before);
    }

    pub(crate) fn read_answered(&mut self, schedules: &Schedules) {
        if let Some(read) = self.read.take() {
            self.answer(&read, schedules);
        }
    }

    pub(crate) fn late_answer(&mut self, schedules: &Schedules) {
        if let Some(read) = self.late_read.take() {
            self.answer(&read, schedules);
        }
    }

    fn answer(&mut self, read: &Read, schedules: &Schedules) {
        let at = read.at.unwrap_or(self.back_end.len());
        let manner = Manner { counts: schedules.facts.has_heads(), form: schedules.habits.listed };
        let reply = read.answer(&self.back_end, at, manner);
        let request = read.request.0;
        let age = read.kept.map(|since| Input::Aged(request, self.age(read, at, since)));
        self.feed(age.into_iter().chain([Input::Read(request, Ok(reply))]), schedules);
    }

    /// The age that the engine is told of an answer which was kept since then: a second is lost in the header. It is
    /// chosen so that the wall time at which the read counts as begun hides the commits that were answered.
    fn age(&self, read: &Read, at: u8, since: Since) -> u64 {
        let age = (self.client.now() - since.0 + 1_000).next_multiple_of(GRAIN);
        age + u64::from(read.asked - at)
    }

    pub(crate) fn read_fails(&mut self, schedules: &Schedules) {
        self.fault(|left| &mut left.failures);
        let Some(read) = self.read.take() else { return };
        let message = "a fault of the world".into();
        let failure = ReadFailure { status: Some(500), message, retry_after: None };
        self.feed([Input::Read(read.request.0, Err(failure))], schedules);
    }

    pub(crate) fn store_loads(&mut self, schedules: &Schedules) {
        self.loading = None;
        let stored = self.store.as_ref().and_then(Store::load);
        self.forget_store();
        self.feed([Input::Store(StoreInput::Loaded(ROWS.into(), stored))], schedules);
    }

    pub(crate) fn lose_store(&mut self, schedules: &Schedules) {
        self.fault(|left| &mut left.stores);
        self.has_lost_store = true;
        self.feed([Input::Store(StoreInput::Lost)], schedules);
    }

    // --- pages come and go -------------------------------------------------------------------------

    /// The application of a page that is opened declares its list, and shows it.
    pub(crate) fn open(&mut self, schedules: &Schedules) {
        let term = self.store.as_mut().map_or(Term(1), Store::next_term);
        let owned = Input::Store(StoreInput::Owned(term));
        self.feed([owned].into_iter().chain(schedules.opening()), schedules);
    }

    pub(crate) fn reload(&mut self, (forgets, after): (bool, u64), schedules: &Schedules) {
        let store = self.store.as_mut().filter(|_| forgets);
        store.into_iter().for_each(Store::lose_last);
        if after > 0 {
            self.left.absences -= 1;
        }
        let stored = self.store.clone();
        self.fault(|left| &mut left.reloads);
        self.store = stored;
        self.leave_page();
        let now = self.client.now() + after.next_multiple_of(GRAIN);
        self.client = Arc::new(Client::new(now, schedules));
        self.open(schedules);
        self.forget_store();
    }

    /// What was under way to a page that is gone, or that sleeps, reaches nobody.
    fn leave_page(&mut self) {
        (self.connection, self.read, self.late_read, self.loading) = (None, None, None, None);
        (self.is_listed, self.is_cleared) = (true, false);
        (self.has_lost_store, self.commit_fails) = (false, false);
    }

    pub(crate) fn turn(&mut self, schedules: &Schedules) {
        self.fault(|left| &mut left.turns);
        self.asleep = Some(self.client.clone());
        self.leave_page();
        let now = self.client.now();
        self.client = Arc::new(Client::new(now, schedules));
        self.open(schedules);
    }

    /// The page that slept goes on: its socket is closed, its read was never answered, and its store was another's.
    pub(crate) fn turn_back(&mut self, knows: bool, schedules: &Schedules) {
        let Some(mut page) = self.asleep.take() else { return };
        Arc::make_mut(&mut page).sleep_until(self.client.now());
        self.leave_page();
        self.client = page;
        let closed = SocketInput::Closed { code: 1006, reason: String::new() };
        let closed = self.client.socket(closed);
        let resumed = Input::Core(CoreInput::Page(PageSignal::Resumed));
        let lost = Input::Store(StoreInput::Lost);
        match knows {
            true => self.feed([lost, closed, resumed], schedules),
            false => self.feed([closed, resumed, lost], schedules),
        }
        let term = self.store.as_mut().map_or(Term(1), Store::next_term);
        self.feed([Input::Store(StoreInput::Owned(term))], schedules);
        self.forget_store();
    }

    pub(crate) fn close_list(&mut self, schedules: &Schedules) {
        self.fault(|left| &mut left.leaves);
        self.is_listed = false;
        if let Some(connection) = &mut self.connection {
            connection.handled = 0;
        }
        // the page may be told of it all the same
        self.late_read = self.read.take().or_else(|| self.late_read.take());
        let close = [Command::CloseLive(1), Command::CloseResource(ROWS.into())];
        self.feed(close.map(Input::Command), schedules);
        Arc::make_mut(&mut self.client).view = View::default();
    }

    pub(crate) fn open_list(&mut self, schedules: &Schedules) {
        self.is_listed = true;
        self.feed(schedules.opening(), schedules);
    }

    pub(crate) fn clear(&mut self, elsewhere: bool, schedules: &Schedules) {
        self.fault(|left| &mut left.clears);
        self.is_cleared = true;
        self.late_read = self.read.take();
        if elsewhere {
            self.clear_store();
            return self.feed([Input::Store(StoreInput::Cleared)], schedules);
        }
        self.feed([Input::Command(Command::Clear(1))], schedules);
    }

    fn clear_store(&mut self) {
        self.store.iter_mut().for_each(Store::clear);
    }

    // --- what the page wants done ------------------------------------------------------------------

    /// Gives the client what happened, and does what it wants done at once.
    pub(crate) fn feed(
        &mut self,
        inputs: impl IntoIterator<Item = Input<Data>>,
        schedules: &Schedules,
    ) {
        let commits = self.back_end.len();
        let mut inputs: VecDeque<_> = inputs.into_iter().collect();
        while let Some(input) = inputs.pop_front() {
            for deed in Arc::make_mut(&mut self.client).handle(commits, input) {
                inputs.extend(self.carry_out(deed, schedules));
            }
        }
        let page = Arc::make_mut(&mut self.client);
        if schedules.broken_client == Some(BrokenClient::NeverFresh) {
            page.view.is_fresh = false;
        }
        page.seal();
    }

    /// What the client wants done; an answer, where it comes at once.
    fn carry_out(&mut self, deed: Deed, schedules: &Schedules) -> Option<Input<Data>> {
        if self.is_cleared && matches!(deed, Deed::Read(_) | Deed::Load | Deed::Commit(..)) {
            self.misdeed = Some("it reads or stores though its scope was cleared");
        }
        match deed {
            Deed::Open => self.connection = Some(Connection::new()),
            Deed::Close => self.connection = None,
            Deed::Subscribe(name) => {
                let channel = schedules.channel(&name)?;
                self.connection.as_mut()?.ask(channel);
            }
            Deed::Unsubscribe(name) => {
                let channel = schedules.channel(&name)?;
                self.connection.as_mut()?.leave(channel);
            }
            Deed::Read(asked) => self.read = Some(Read::new(asked, self.back_end.len())),
            Deed::Load if schedules.habits.slow_store => self.loading = Some(Loading::Soon),
            Deed::Load => {
                let stored = self.store.as_ref().and_then(Store::load);
                return Some(Input::Store(StoreInput::Loaded(ROWS.into(), stored)));
            }
            Deed::Commit(request, batch) => {
                if self.has_lost_store {
                    self.misdeed = Some("it stores though it lost the store");
                }
                let fails = std::mem::take(&mut self.commit_fails);
                let result = match &mut self.store {
                    _ if fails => Err("a fault of the world".into()),
                    Some(store) => store.commit(batch),
                    None => Ok(()),
                };
                return Some(Input::Store(StoreInput::Committed(request, result)));
            }
            Deed::ClearStore => self.clear_store(),
        }
        None
    }
}
