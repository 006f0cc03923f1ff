//! Terminating a user's connections: over all brokers of an application, and its signed-in users.

use super::state::Broker;
use crate::cluster::Cluster;
use crate::delivery::Recipient;
use crate::users::Users;
use echolite_protocol::CloseCode;

/// Closes a user's connections with 4009, so that their clients do not come back: those signed in,
/// and those that are members of presence channels as this user. Gives how many they are.
pub(crate) fn terminate<R: Recipient, C: Cluster>(
    brokers: &[&mut Broker<R, C>],
    users: &Users<R>,
    user_id: &str,
) -> usize {
    let members = brokers.iter().flat_map(|broker| broker.connections_of(user_id));
    // A connection may be found several times, and is closed once.
    let found = users.connections(user_id).chain(members);
    found.filter(|connection| connection.close(CloseCode::Unauthorized)).count()
}
