//! Carries out a session's `Effect`s, and ends a connection (`leave`).

use super::outcome::{Outcome, Refused};
use super::prepared_subscription::PreparedSubscription;
use super::sign_in::{sign_in, sign_out};
use super::state::Broker;
use super::subscribe::Ending;
use crate::cluster::Cluster;
use crate::config::AppConfig;
use crate::delivery::{Frame, Recipient};
use crate::session::{Effect, Session};
use crate::users::Users;
use crate::webhooks::Event;
use echolite_protocol::{ChannelName, CloseAction, CloseCode};
use std::time::Duration;

/// Where brokers and users live: behind locks in the server, in the open in the simulation.
pub(crate) trait Host {
    type Recipient: Recipient;
    type Cluster: Cluster;

    fn config(&self) -> &AppConfig;

    /// Has a channel's broker do something at this moment, and sees to what follows from it but for
    /// refusals, which it gives back.
    fn with_broker(
        &mut self,
        channel: &ChannelName,
        act: impl FnOnce(&mut Broker<Self::Recipient, Self::Cluster>, Duration) -> Outcome,
    ) -> Vec<Refused>;

    /// The same with the signed-in users.
    fn with_users(&mut self, act: impl FnOnce(&mut Users<Self::Recipient>, Duration) -> Outcome);

    /// Tells the webhooks.
    fn note(&mut self, event: Event);
}

/// Does what a session asks for, in this order.
pub(crate) fn perform<H: Host>(
    host: &mut H,
    session: &mut Session,
    recipient: &H::Recipient,
    effects: Vec<Effect>,
) {
    let socket = session.id();
    for effect in effects {
        match effect {
            Effect::Send(frame) => recipient.send(Frame::text(&frame)),
            Effect::Subscribe { channel, member, recover } => {
                let wanted =
                    PreparedSubscription::new(channel.clone(), member, session.dialect(), recover);
                let subscriber = (socket, recipient.clone());
                let refused = host
                    .with_broker(&channel, |broker, now| broker.subscribe(now, wanted, subscriber));
                for Refused { channel, .. } in refused {
                    let refusal = session.on_full(&channel);
                    perform(host, session, recipient, vec![refusal]);
                }
            }
            Effect::Confirm { channel, recovered } => {
                host.with_broker(&channel, |broker, now| {
                    broker.confirm_again(now, &channel, socket, recovered)
                });
            }
            Effect::SignIn(user) => {
                host.with_users(|users, now| sign_in(users, now, &user, (socket, recipient)));
            }
            Effect::Unsubscribe(channel) => {
                host.with_broker(&channel, |broker, now| {
                    broker.unsubscribe(now, &channel, socket, Ending::Left)
                });
            }
            Effect::Relay { channel, frame } => {
                let frame = Frame::text(&frame);
                host.with_broker(&channel, |broker, _| broker.relay(&channel, &frame, socket));
            }
            Effect::Note(event) => host.note(*event),
            Effect::Close(code) => _ = recipient.close(code),
        }
    }
}

/// Ends everything of a connection that is gone. Only a client that was told not to return will not;
/// any other is missed after the grace time.
pub(crate) fn leave<H: Host>(host: &mut H, session: &Session, recipient: &H::Recipient) {
    let socket = session.id();
    let refused = |code: CloseCode| CloseAction::of(code.code()) == CloseAction::Refused;
    let for_good = recipient.close_code().is_some_and(refused);
    let grace = if for_good { 0 } else { host.config().presence_grace };
    let grace = Duration::from_secs(grace);
    for channel in session.subscriptions() {
        let ending = Ending::Gone { grace };
        host.with_broker(channel, |broker, now| broker.unsubscribe(now, channel, socket, ending));
    }
    host.with_users(|users, now| sign_out(users, now, socket, grace));
}
