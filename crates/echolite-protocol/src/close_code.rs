//! Close codes, in one table: what each is called, what is said, what a client does about it.
//!
//! Source: "Connection closure" and "Error codes" of the Pusher Channels protocol, and the table of
//! actions in `pusher-js` (`Protocol.getCloseAction`), which every stock client follows.

/// What a client does after its connection was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseAction {
    /// Reconnect at once, with TLS only (4000).
    UseTls,
    /// Never reconnect: the same request would be refused again (4001–4099, 4300 and above).
    Refused,
    /// Reconnect after a pause (4100–4199, and the transport's own abnormal closes).
    Backoff,
    /// Reconnect at once (4200–4299).
    Retry,
}

impl CloseAction {
    /// The action for a WebSocket close code, by ranges, so that codes added later have one too.
    ///
    /// Codes below 4000 belong to WebSocket itself: the connection was lost, so back off.
    #[must_use]
    pub const fn of(code: u16) -> Self {
        match code {
            4000 => Self::UseTls,
            4001..=4099 => Self::Refused,
            4200..=4299 => Self::Retry,
            0..=3999 | 4100..=4199 => Self::Backoff,
            _ => Self::Refused,
        }
    }
}

macro_rules! close_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $message:literal;)*) => {
        /// A close code of the protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum CloseCode { $($(#[$doc])* $name,)* }

        impl CloseCode {
            /// Every close code, in order of number.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The number on the wire.
            #[must_use]
            pub const fn code(self) -> u16 { match self { $(Self::$name => $code,)* } }

            /// The text sent with it.
            #[must_use]
            pub const fn message(self) -> &'static str { match self { $(Self::$name => $message,)* } }
        }
    };
}

close_codes! {
    /// The application accepts TLS connections only.
    TlsOnly = 4000, "Application only accepts SSL connections, reconnect using wss://";
    /// No application has this key.
    AppNotFound = 4001, "Application does not exist";
    /// The application is switched off.
    AppDisabled = 4003, "Application disabled";
    /// The application's connection quota is used up. Never for a transient condition: clients give up.
    OverQuota = 4004, "Application is over connection quota";
    /// Nothing is served at this path.
    PathNotFound = 4005, "Path not found";
    /// The `protocol` parameter is not a number.
    InvalidVersion = 4006, "Invalid version string format";
    /// The protocol version is not 7.
    UnsupportedVersion = 4007, "Unsupported protocol version";
    /// The `protocol` parameter is missing.
    NoVersion = 4008, "No protocol version supplied";
    /// Not authorised, or the origin is not allowed.
    Unauthorized = 4009, "Connection is unauthorized";
    /// Over capacity; also a consumer too slow for its queue.
    OverCapacity = 4100, "Over capacity";
    /// Reconnect at once: the server restarts.
    Reconnect = 4200, "Generic reconnect immediately";
    /// A ping was not answered.
    PongNotReceived = 4201, "Pong reply not received";
    /// Nothing came for too long.
    Inactive = 4202, "Closed after inactivity";
    /// A client event was rejected: rate limit or permission.
    ClientEventRejected = 4301, "Client event rejected due to rate limit";
    /// Too many watched users.
    WatchlistLimit = 4302, "Watchlist limit exceeded";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_action_of_its_range() {
        for code in CloseCode::ALL {
            let expected = match code.code() {
                4000 => CloseAction::UseTls,
                4100 => CloseAction::Backoff,
                4200..=4202 => CloseAction::Retry,
                _ => CloseAction::Refused,
            };
            assert_eq!(CloseAction::of(code.code()), expected, "{code:?}");
        }
        assert_eq!(CloseAction::of(1006), CloseAction::Backoff);
        assert_eq!(CloseAction::of(65535), CloseAction::Refused);
    }
}
