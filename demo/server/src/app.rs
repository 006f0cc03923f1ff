//! State that the handlers share.

use echolite_server::Broadcaster;
use tokio::sync::watch;

use crate::catalogue::Catalogue;
use crate::chat::Chat;
use crate::gate::Rules;

/// State that the handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) catalogue: Catalogue,
    pub(crate) chat: Chat,
    pub(crate) broadcaster: Broadcaster,
    pub(crate) rules: watch::Sender<Rules>,
}
