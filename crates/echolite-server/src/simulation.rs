//! A node of the server without sockets and clock: its hub and its sessions, driven by hand.
//!
//! For the simulation of real engines with the real hub (`testing/simulation`); no part of the
//! library's interface. What [`App`](crate::app::App) does under locks and by queues is done here at once, with
//! the time as an argument, so that a schedule replays.

use crate::config::AppConfig;
use crate::dialect::Dialect;
use crate::hub::{Due, Hub, Keeping, Recover, Replay, Share, Subscriber};
use crate::session::{Effect, Rules, Session};
use crate::socket_id::SocketId;
use echolite_protocol::extension::{self, Position, SubscriptionPosition};
use echolite_protocol::member::presence_data_with;
use echolite_protocol::{Access, ChannelName, Credentials, Member, Stream, server_frame};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Bytes that a connection can take of a replay: more than any schedule makes.
const ROOM: usize = 1 << 20;

/// One node, of one application.
#[derive(Debug)]
pub struct Node {
    rules: Arc<Rules>,
    hub: Hub<SocketId, Arc<str>>,
    sessions: BTreeMap<SocketId, Session>,
    outgoing: VecDeque<Outgoing>,
}

/// What goes to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A frame.
    Frame(SocketId, Arc<str>),
    /// The end, with its close code; what came before it is sent first.
    Close(SocketId, u16),
}

impl Node {
    /// A node that nobody is connected to; `seed` is what tells its epochs from those of any other.
    #[must_use]
    pub fn new(config: AppConfig, seed: u64) -> Self {
        let histories = config.history.as_slice().into();
        let keeping = Keeping { histories, memory: config.history_memory, seed };
        let credentials = Credentials::new(&config.key, config.secret.expose());
        let rules = Arc::new(Rules { config, credentials });
        Self {
            rules,
            hub: Hub::keeping(keeping),
            sessions: BTreeMap::new(),
            outgoing: VecDeque::new(),
        }
    }

    /// A client is connected, under an id that no other has; `echolite` is that parameter of its URL.
    pub fn open(&mut self, now: Duration, id: SocketId, echolite: Option<&str>) {
        let dialect = Dialect::asked_for(echolite);
        let (session, effects) = Session::open(id, dialect, self.rules.clone(), now);
        self.sessions.insert(id, session);
        self.perform(now, id, effects);
    }

    /// A text message of a client; nothing when it is not connected.
    pub fn text(&mut self, now: Duration, id: SocketId, text: &str) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let effects = session.on_text(now, text);
        self.perform(now, id, effects);
    }

    /// A client is gone.
    pub fn close(&mut self, now: Duration, id: SocketId) {
        let Some(session) = self.sessions.remove(&id) else { return };
        for channel in session.subscriptions() {
            self.hub.unsubscribe(now, channel, id, Duration::ZERO);
        }
    }

    /// Publishes an event; `data` is a JSON string, as the HTTP API takes it. Its offset, if it has one.
    pub fn publish(
        &mut self,
        now: Duration,
        channel: &ChannelName,
        (event, data): (&str, &RawValue),
        except: Option<SocketId>,
    ) -> Option<u64> {
        let name = channel.as_str();
        let plain: Arc<str> = server_frame::event(name, event, data).into();
        let with = |offset| Arc::<str>::from(extension::event(name, event, data, offset));
        self.hub.keep(now, channel, plain.clone());
        let Some((offset, numbered)) = self.hub.record(now, channel, plain.len(), with) else {
            self.deliver(channel, &plain, except);
            return None;
        };
        for (id, share) in self.hub.shares(channel, except) {
            let frame = match share {
                Share::Plain => plain.clone(),
                Share::Numbered => numbered.clone(),
                Share::Position => extension::position(name, offset).into(),
            };
            self.outgoing.push_back(Outgoing::Frame(*id, frame));
        }
        Some(offset)
    }

    /// Events may be lost from now on, until [`Self::mark_certain`].
    pub fn mark_uncertain(&mut self, reason: &str) {
        self.tell_followers(&extension::uncertain(reason).into());
        self.hub.mark_uncertain(&reason.into());
    }

    /// Every event comes again.
    pub fn mark_certain(&mut self, now: Duration) {
        for (channel, position) in self.hub.mark_certain(now) {
            let frame: Arc<str> = extension::new_epoch(channel.as_str(), &position).into();
            let followers = self.hub.followers(&channel);
            self.outgoing.extend(followers.map(|id| Outgoing::Frame(*id, frame.clone())));
        }
        self.tell_followers(&extension::certain().into());
    }

    /// Tells all who asked for positions, each once.
    fn tell_followers(&mut self, frame: &Arc<str>) {
        let followers: BTreeSet<SocketId> = self.hub.all_followers().copied().collect();
        self.outgoing.extend(followers.into_iter().map(|id| Outgoing::Frame(id, frame.clone())));
    }

    /// Pings who is silent, and closes who does not answer.
    pub fn on_time(&mut self, now: Duration) {
        let due = self.sessions.iter().filter(|(_, session)| session.deadline() <= now);
        for id in due.map(|(id, _)| *id).collect::<Vec<_>>() {
            let effects = self.sessions.get_mut(&id).map(|session| session.on_time(now));
            self.perform(now, id, effects.unwrap_or_default());
        }
        for due in self.hub.on_time(now) {
            match due {
                Due::Departed(channel, user) => {
                    let frame = server_frame::member_removed(channel.as_str(), &user);
                    self.deliver(&channel, &frame.into(), None);
                }
                Due::Count(channel, count) => {
                    let frame = server_frame::subscription_count(channel.as_str(), count);
                    self.deliver(&channel, &frame.into(), None);
                }
            }
        }
    }

    /// When [`Self::on_time`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let sessions = self.sessions.values().map(Session::deadline);
        sessions.chain(self.hub.deadline()).min()
    }

    /// The next thing to send.
    pub fn poll(&mut self) -> Option<Outgoing> {
        self.outgoing.pop_front()
    }

    fn perform(&mut self, now: Duration, id: SocketId, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(frame) => self.send(id, frame.into()),
                Effect::Subscribe { channel, member, recover } => {
                    self.subscribe(now, id, &channel, (member, recover));
                }
                Effect::Confirm { channel, recovered } => {
                    let position = self.hub.history(&channel).map(|(position, _)| position);
                    let position = SubscriptionPosition { position, recovered };
                    self.send(id, self.confirmation(&channel, &position));
                }
                Effect::Unsubscribe(channel) => {
                    self.hub.unsubscribe(now, &channel, id, Duration::ZERO);
                }
                Effect::Relay { channel, frame } => {
                    self.deliver(&channel, &frame.into(), Some(id));
                }
                Effect::Close(code) => {
                    self.outgoing.push_back(Outgoing::Close(id, code.code()));
                    self.close(now, id);
                }
                // Users and webhooks are beside the question that is simulated.
                Effect::SignIn(_) | Effect::Note(_) => {}
            }
        }
    }

    fn subscribe(
        &mut self,
        now: Duration,
        id: SocketId,
        channel: &ChannelName,
        (member, recover): (Option<Arc<Member>>, Option<Position>),
    ) {
        let name = channel.as_str();
        let most = self.rules.config.limits.presence_members;
        let dialect = self.sessions.get(&id).map(Session::dialect).unwrap_or_default();
        let subscriber = Subscriber { recipient: id, member: member.clone(), dialect };
        let Ok(joined) = self.hub.subscribe(now, channel, (id, subscriber), most) else {
            let refusal = self.sessions.get_mut(&id).map(|session| session.on_full(channel));
            return self.perform(now, id, refusal.into_iter().collect());
        };
        let recovered = self.answer(now, id, channel, (dialect, recover));
        match joined.last_event {
            // It has had the last event, or gets it with what it missed.
            _ if recovered => {}
            Some(frame) => self.send(id, frame),
            None if channel.stream() == Stream::Cache => {
                self.send(id, server_frame::cache_miss(name).into());
            }
            None => {}
        }
        if let Some(member) = member.filter(|_| joined.arrived) {
            let info = member.user_info.as_deref();
            let added = server_frame::member_added(name, &member.user_id, info);
            self.deliver(channel, &added.into(), Some(id));
        }
    }

    /// Confirms a subscription, and sends what was missed; whether that is all there.
    fn answer(
        &mut self,
        now: Duration,
        id: SocketId,
        channel: &ChannelName,
        (dialect, recover): (Dialect, Option<Position>),
    ) -> bool {
        if dialect == Dialect::Pusher {
            self.send(id, self.confirmation(channel, &SubscriptionPosition::default()));
            return false;
        }
        let recover = recover.map(|position| Recover { position, room: ROOM });
        let beginning = self.hub.begin(now, channel, recover.as_ref());
        self.send(id, self.confirmation(channel, &beginning.position()));
        if let Some(reason) = &beginning.uncertain {
            self.send(id, extension::uncertain(reason).into());
        }
        let Replay::Covered(missed) = beginning.replay else { return false };
        missed.into_iter().for_each(|frame| self.send(id, frame));
        true
    }

    fn confirmation(&self, channel: &ChannelName, position: &SubscriptionPosition) -> Arc<str> {
        let data = match channel.access() {
            Access::Presence => {
                let members = self.hub.members(channel);
                let members = members.map(|m| (m.user_id.as_str(), m.user_info.as_deref()));
                presence_data_with(members, position)
            }
            _ => extension::subscription_data(position),
        };
        server_frame::subscription_succeeded(channel.as_str(), &data).into()
    }

    fn send(&mut self, id: SocketId, frame: Arc<str>) {
        self.outgoing.push_back(Outgoing::Frame(id, frame));
    }

    fn deliver(&mut self, channel: &ChannelName, frame: &Arc<str>, except: Option<SocketId>) {
        let recipients = self.hub.recipients(channel, except);
        self.outgoing.extend(recipients.map(|id| Outgoing::Frame(*id, frame.clone())));
    }
}
