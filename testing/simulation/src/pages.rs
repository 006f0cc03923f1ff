//! What the pages' drivers do: they carry out what the engines want, and decide nothing.

use echolite_cache::{
    Input, Membership, Name, Output, ReadFailure, ReadReply, ReadRequest, ReadTarget, RequestId,
};
use echolite_core::json::Json;
use echolite_core::{
    AuthFailure, Authorization, ClientFrame, Input as CoreInput, Output as CoreOutput,
};

use crate::back_end::{Event, Fate, Row};
use crate::client::{Client, Role};
use crate::declarations::is_beginning;
use crate::fault::Fault;
use crate::names::EVENT;
use crate::network::Connection;
use crate::store_queue::Job;
use crate::world::{Page, Plan, World};

/// One in so many subscriptions is left soon after it was asked for, where parts of pages come and go.
const LEAVES: u32 = 4;

impl World {
    pub fn boot(&mut self, at: usize) {
        let client = &mut self.clients[at];
        if client.is_alive {
            return;
        }
        let persists = self.scopes[client.scope].persists && client.role == Role::Cache;
        let seed = self
            .seed
            .wrapping_mul(1_000)
            .wrapping_add(at as u64 * 100 + u64::from(client.incarnation));
        let verify_interval = self.habits.verify_interval;
        client.boot(seed, persists, self.back.kind.positions, verify_interval);
        self.say(|| format!("page {at}: loaded"));
        self.clients[at].build = self.draw_build().filter(|_| persists);
        if persists {
            self.say_build(self.page(at));
            self.want_lock(self.page(at));
        }
        self.open_list(at);
    }

    fn open_list(&mut self, at: usize) {
        self.clients[at].opened = self.now;
        self.clients[at].declaration = self.habits.declarations[self.random.usize(0..2)];
        for command in self.clients[at].commands(&self.back) {
            self.input(at, command);
        }
    }

    /// A part of the page goes away while its subscription is under way.
    pub fn leave_in_flight(&mut self, page: Page) {
        if self.is_there(page) && self.suspended(page).is_none() && !self.is_quiet {
            self.leave_for_a_while(page.0);
        }
    }

    /// A part of the page goes away, and comes back: at once, within the time of a frame, or later.
    fn leave_for_a_while(&mut self, at: usize) {
        if self.clients[at].is_closed {
            return;
        }
        self.say(|| format!("page {at}: leaves"));
        for command in self.clients[at].leave(self.back.kind) {
            self.input(at, command);
        }
        if let Some(connection) = self.clients[at].connection {
            // what a list knew that is opened again was forgotten with it
            self.connections[connection].handled.clear();
        }
        let (page, longest) = (self.page(at), [1, 300, 300, 4_000][self.random.usize(0..4)]);
        let after = self.random.u64(0..longest);
        self.plan(after, Plan::JoinAgain(page));
    }

    pub fn join_again(&mut self, page: Page) {
        if !self.is_there(page) {
            return;
        }
        if let Some(until) = self.suspended(page) {
            return self.plan_at(until, Plan::JoinAgain(page));
        }
        let at = page.0;
        self.say(|| format!("page {at}: joins again"));
        self.clients[at].is_closed = false;
        self.open_list(at);
    }

    /// Something for a page, if it is still there; later, if it is suspended.
    pub fn hand(&mut self, page: Page, input: CoreInput<Json>) {
        if !self.is_there(page) {
            return;
        }
        match (self.suspended(page), input) {
            (None, input) => self.input(page.0, input),
            (Some(until), CoreInput::Authorized(request, result)) => {
                self.plan_at(until, Plan::Authorized(page, request, result));
            }
            (Some(until), CoreInput::Page(signal)) => {
                self.plan_at(until, Plan::Signal(page, signal))
            }
            // nothing else is sent to a page that is suspended
            (Some(_), _) => {}
        }
    }

    pub fn input(&mut self, at: usize, input: impl Into<Input<Json>>) {
        let client = &mut self.clients[at];
        client.engine.handle(client.moment(self.now), input.into());
        while let Some(output) = self.clients[at].engine.poll_output() {
            self.obey(at, output);
        }
        self.wake(at);
    }

    fn obey(&mut self, at: usize, output: Output<Json>) {
        let page = self.page(at);
        match output {
            Output::Core(output) => self.obey_connection(page, output),
            Output::Read(read) => self.read(page, read),
            Output::Load(name) => self.keep(page, Job::Load(name)),
            Output::Commit(request, batch) => {
                self.keep(page, Job::Commit(request, Box::new(batch)));
            }
            Output::Live(update) => {
                let (before, broken_client) = (self.clients[at].status.clone(), self.broken_client);
                self.clients[at].show(update, broken_client);
                let status = self.clients[at].status.clone();
                if before != status {
                    self.say(|| format!("page {at}: {status:?}"));
                }
            }
            Output::Consult { request, data, .. } => self.consult(page, request, &data),
            Output::Got(request, row) => self.give(page, request, Some(row.map(|row| row.0))),
            Output::Rejected { id, message } => {
                self.say(|| format!("page {at}: {id} is rejected: {message}"));
                self.give(page, id, None);
            }
            Output::Activity(activity) => self.say(|| format!("page {at}: {activity:?}")),
            _ => {}
        }
    }

    fn obey_connection(&mut self, page: Page, output: CoreOutput<Json>) {
        match output {
            CoreOutput::OpenSocket(number, url) => {
                let after = self.random.u64(1..200);
                let asked = url.split(['?', '&']).find_map(|part| part.strip_prefix("echolite="));
                self.plan(after, Plan::Open(page, number, asked.map(str::to_owned)));
            }
            CoreOutput::Event { event, data, .. } if &*event == EVENT => self.tell(page, &data),
            CoreOutput::CloseSocket(number) => self.leave(page, number),
            CoreOutput::Send(number, frame) => {
                let is_subscription = matches!(frame, ClientFrame::Subscribe { .. });
                self.send(page, number, &frame);
                if is_subscription && self.habits.leaves && self.chance(LEAVES) {
                    let after = self.random.u64(0..400);
                    self.plan(after, Plan::Leave(page));
                }
            }
            CoreOutput::Authorize { request, channel, socket_id } => {
                self.authorise(page, request, (&channel, &socket_id));
            }
            _ => {}
        }
    }

    /// The page's application is told of an event of the back end.
    fn tell(&mut self, (at, _): Page, data: &Json) {
        let told = self.clients[at].on_told(&self.back, data);
        self.broken =
            told.err().map(|broken| format!("page {at}: {broken}")).or(self.broken.take());
    }

    /// The page's application is given a row that it asked for; `None`: it is refused one.
    fn give(&mut self, (at, _): Page, request: RequestId, row: Option<Option<Row>>) {
        self.say(|| format!("page {at}: {request} is answered by {row:?}"));
        let given = self.clients[at].on_answer(&self.back, request, row);
        self.broken =
            given.err().map(|broken| format!("page {at}: {broken}")).or(self.broken.take());
    }

    // --- signatures --------------------------------------------------------------------------------

    fn authorise(&mut self, page: Page, request: RequestId, (channel, socket): (&Name, &Name)) {
        if self.lasts(self.trouble.not_signing) {
            return self.note(Fault::SilentAuthoriser);
        }
        let failure = |status: Option<u16>, retry_after| {
            let message = "the back end does not sign".into();
            Err(AuthFailure { status, message, retry_after })
        };
        let result = if self.lasts(self.trouble.refusing) {
            self.note(Fault::SubscriptionRefused);
            // its user signs in again after a while, which needs another connection
            if let Some(connection) = self.clients[page.0].connection {
                let after = self.random.u64(3_000..6_000);
                self.plan(after, Plan::Closed { connection, code: crate::traffic::ABNORMAL });
            }
            failure(Some(403), None)
        } else if self.lasts(self.trouble.not_authorising) {
            self.note(Fault::AuthorisationFailed);
            match self.random.u8(0..4) {
                0 => failure(Some(429), Some(2_000)),
                1 => failure(Some(419), None),
                2 => failure(Some(503), None),
                _ => failure(None, None),
            }
        } else {
            let auth = self.credentials.channel_auth(socket, channel, None).into();
            Ok(Authorization { auth, channel_data: None, shared_secret: None })
        };
        let after = self.random.u64(1..400);
        self.plan(after, Plan::Authorized(page, request, result));
    }

    // --- reads -------------------------------------------------------------------------------------

    fn read(&mut self, page: Page, read: ReadRequest) {
        self.reads += 1;
        let client = &mut self.clients[page.0];
        client.reading += 1;
        let is_of_list = is_of_list(&read);
        client.asks.refresh &= !is_of_list;
        if is_of_list {
            let wall = client.moment(self.now).wall.0;
            // what a read of pages rests on began with the first
            if is_beginning(&read.url) || read.target == ReadTarget::Since {
                client.began = wall;
            }
            self.scopes[client.scope].confirm(wall, self.back.changes.len());
        }
        self.say(|| format!("page {}: reads {} ({:?})", page.0, read.url, read.validator));
        let mut after = self.random.u64(1..400);
        if !self.is_quiet && self.chance(25) {
            self.note(Fault::SlowRead);
            after = self.random.u64(3_000..35_000);
        }
        self.plan(after, Plan::ReadAtServer(page, read));
    }

    pub fn serve(&mut self, page: Page, read: &ReadRequest) {
        if self.is_answered_well(page, read) {
            let answer = self.answer_now(page, read);
            let back = self.random.u64(1..400);
            self.plan(back, Plan::ReadAnswered(page, read.request, answer));
        }
    }

    /// The back end's answer to a read.
    pub fn answer_now(
        &mut self,
        page: Page,
        read: &ReadRequest,
    ) -> Result<ReadReply<Json>, ReadFailure> {
        if self.lasts(self.trouble.reads_fail) {
            Err(self.failure())
        } else {
            // a row that is asked for is not compared with anything
            let length = match read.target {
                ReadTarget::Entry => self.back.changes.len(),
                _ => self.replica(page),
            };
            let scope = &mut self.scopes[self.clients[page.0].scope];
            scope.read = scope.read.max(length);
            if length < self.back.changes.len() && is_of_list(read) {
                // a replica confirms what it has
                let Client { scope, began, .. } = self.clients[page.0];
                self.scopes[scope].confirm(began, length);
            }
            let answer = self.back.answer(read, length);
            match &answer {
                ReadReply::NotModified { .. } => self.note(Fault::NotModified),
                ReadReply::Page { next: Some(_), .. } => self.note(Fault::Paged),
                _ => {}
            }
            if !is_beginning(&read.url) && read.target == ReadTarget::Page && self.moved_since(page)
            {
                self.note(Fault::PagesMoved);
            }
            Ok(answer)
        }
    }

    /// Whether something was committed since the page's read of its list began.
    fn moved_since(&self, (at, _): Page) -> bool {
        let Client { scope, began, .. } = self.clients[at];
        self.scopes[scope].confirms.get(&began).is_some_and(|had| *had < self.back.changes.len())
    }

    fn failure(&mut self) -> ReadFailure {
        let (fault, status, retry_after) = match self.random.u8(0..3) {
            0 => (Fault::ReadFailed, Some(503), None),
            1 => (Fault::RateLimited, Some(429), Some(self.random.u64(1..5) * 1_000)),
            _ => (Fault::ReadUnanswered, None, None),
        };
        self.note(fault);
        ReadFailure { status, message: fault.words().into(), retry_after }
    }

    pub fn answered(
        &mut self,
        page: Page,
        request: RequestId,
        answer: Result<ReadReply<Json>, ReadFailure>,
    ) {
        if !self.is_there(page) {
            return;
        }
        if let Some(until) = self.suspended(page) {
            return self.plan_at(until, Plan::ReadAnswered(page, request, answer));
        }
        self.clients[page.0].reading -= 1;
        self.say(|| format!("page {}: answer {answer:?}", page.0));
        self.input(page.0, Input::Read(request, answer));
    }

    /// How many changes the replica has that answers. It lags only behind what the page can tell.
    fn replica(&mut self, page: Page) -> usize {
        let all = self.back.changes.len();
        // pages of several replicas are of several moments, which only heads can show
        let tells = self.back.kind.heads || self.back.paging.is_none();
        let is_ordered = self.back.kind.heads || self.habits.rows_are_ordered();
        let concerns = tells && is_ordered && Fault::LaggingRead.concerns(self.back.kind);
        if !self.lasts(self.trouble.replica_lags) || !concerns {
            return all;
        }
        let lag = self.random.u64(100..1_200);
        let mut length = self.back.length_at(self.now.saturating_sub(lag));
        if !self.back.kind.heads {
            // what is in no event is not known to be missing
            length = length.max(self.scopes[self.clients[page.0].scope].read);
            // and versions tell nothing as long as the page has rows of before a restored backup
            if self.rests_on(page.0).is_none_or(|changes| changes < self.back.restored) {
                return all;
            }
        }
        let Some(connection) = self.clients[page.0].connection.map(|at| &self.connections[at])
        else {
            return all;
        };
        let tells = |event: &(usize, &Event)| self.tells(connection, *event, length);
        let hidden = self.back.events.iter().enumerate().filter(|(_, e)| e.changes.end > length);
        // replicas are restored with the back end: the epoch of a read is the truth (rule 10)
        if length == all
            || length < self.back.restored
            || !hidden.into_iter().all(|event| tells(&event))
        {
            return all;
        }
        self.note(Fault::LaggingRead);
        length
    }

    /// How many changes the read confirms on which a page's rows rest.
    fn rests_on(&self, at: usize) -> Option<usize> {
        let client = &self.clients[at];
        let as_of = client.status.as_ref()?.as_of?;
        self.scopes[client.scope].confirms.get(&as_of.0).copied()
    }

    /// Whether a page can tell by this event that a replica with `length` changes lags, or will hear it yet.
    fn tells(&self, connection: &Connection, (at, event): (usize, &Event), length: usize) -> bool {
        let published: Vec<_> = event
            .channels
            .iter()
            .filter_map(|channel| Some((*channel, event.publication(*channel)?)))
            .collect();
        if event.fates.contains(&Fate::Lost) {
            return false;
        }
        if published.is_empty() {
            return true;
        }
        if self.back.kind.heads {
            // any later event tells that this one was
            return connection.handled.iter().any(|later| *later >= at);
        }
        if !connection.handled.contains(&at) {
            return published.iter().all(|(channel, publication)| {
                connection.confirmed[*channel].is_some_and(|before| before <= *publication)
            });
        }
        let changes = &self.back.changes[event.changes.clone()];
        let version = |row: Option<&crate::back_end::Row>| row.map(|row| row["v"].clone());
        let ordered = changes.iter().all(|change| {
            let shown = version(self.back.row_at(change.id, length));
            let made = version(change.row.as_ref());
            let had = version(change.before.as_ref());
            if made.is_none() {
                return shown == had;
            }
            // where nothing says which rows the list holds, one that is missing may have left it
            let lists_all = self.habits.membership == Membership::All;
            if shown.is_none() && !lists_all {
                return false;
            }
            // a row made anew in the second in which it was deleted: either may have been the last
            let ties = had.is_none() && self.back.is_made_anew_at_once(change);
            shown != made && shown == had && !ties
        });
        event.carries_rows && ordered
    }
}

/// Whether a read covers the list, or a part of it.
const fn is_of_list(read: &ReadRequest) -> bool {
    !matches!(read.target, ReadTarget::Row | ReadTarget::Entry)
}
