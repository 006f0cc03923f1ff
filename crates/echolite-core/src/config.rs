//! Settings of a connection: address and timeouts.

/// The settings of one connection. Durations are milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The application key.
    pub key: String,
    /// Host name of the server.
    pub host: String,
    /// Port without TLS.
    pub ws_port: u16,
    /// Port with TLS.
    pub wss_port: u16,
    /// Path prefix, such as `/realtime`; empty for none.
    pub path: String,
    /// Whether to connect with TLS.
    pub tls: bool,
    /// `enabledTransports`: whether plain WebSockets may be used.
    pub allow_ws: bool,
    /// `enabledTransports`: whether WebSockets over TLS may be used.
    pub allow_wss: bool,
    /// Longest silence before a ping; the server may ask for a shorter one.
    pub activity_timeout: u64,
    /// How long a pong may take.
    pub pong_timeout: u64,
    /// An outage longer than this is called `unavailable`, as in pusher-js.
    pub unavailable_timeout: u64,
    /// Whether the page asks for many signatures in one request: then as many as are needed are asked for at
    /// once, and channels that wait to try again go along.
    pub batch_authorizations: bool,
    /// Whether the server is asked to count events, and to replay what was missed while there was no connection.
    pub recover: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            key: String::new(),
            host: "127.0.0.1".into(),
            ws_port: 80,
            wss_port: 443,
            path: String::new(),
            tls: true,
            allow_ws: true,
            allow_wss: true,
            activity_timeout: 120_000,
            pong_timeout: 30_000,
            unavailable_timeout: 10_000,
            batch_authorizations: false,
            recover: false,
        }
    }
}
