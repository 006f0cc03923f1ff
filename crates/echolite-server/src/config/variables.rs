//! The table of environment variables: those that are read, and those of Reverb that have no meaning here.

/// A variable, and the key of the configuration file that it sets; empty where it is something else.
type Variable = (&'static str, &'static str);

/// Every variable that is read. `docs/server.md` lists the same ones; a test compares them.
pub(super) const VARIABLES: &[Variable] = &[
    ("REVERB_APP_ID", "app_id"),
    ("REVERB_APP_KEY", "key"),
    ("REVERB_APP_SECRET", "secret"),
    ("PUSHER_APP_ID", ""),
    ("PUSHER_APP_KEY", ""),
    ("PUSHER_APP_SECRET", ""),
    ("PUSHER_APP_ENCRYPTION_MASTER_KEY", ""),
    ("REVERB_SERVER_HOST", "server.host"),
    ("REVERB_SERVER_PORT", "server.port"),
    ("REVERB_SERVER_PATH", "server.path"),
    ("REVERB_MAX_REQUEST_SIZE", "server.max_request_size"),
    ("REVERB_HOST", "server.hostname"),
    ("REVERB_PORT", ""),
    ("REVERB_SCHEME", ""),
    ("REVERB_SCALING_ENABLED", "scaling.enabled"),
    ("REVERB_SCALING_CHANNEL", "scaling.channel"),
    ("REDIS_URL", "scaling.url"),
    ("REVERB_APP_PING_INTERVAL", "ping_interval"),
    ("REVERB_APP_ACTIVITY_TIMEOUT", "activity_timeout"),
    ("REVERB_APP_MAX_CONNECTIONS", "max_connections"),
    ("REVERB_APP_MAX_MESSAGE_SIZE", "max_message_size"),
    ("REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", "accept_client_events_from"),
    ("REVERB_APP_ALLOWED_ORIGINS", "allowed_origins"),
    ("REVERB_APP_RATE_LIMITING_ENABLED", "rate_limiting.enabled"),
    ("REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS", "rate_limiting.max_attempts"),
    ("REVERB_APP_RATE_LIMIT_DECAY_SECONDS", "rate_limiting.decay_seconds"),
    ("REVERB_APP_RATE_LIMIT_TERMINATE", "rate_limiting.terminate_on_limit"),
    ("ECHOLITE_PRESENCE_GRACE", "presence_grace"),
    ("ECHOLITE_LEAVES_PER_MINUTE", "limits.leaves_per_minute"),
    ("ECHOLITE_HISTORY_CHANNELS", "history.channels"),
    ("ECHOLITE_HISTORY_MAX_EVENTS", "history.max_events"),
    ("ECHOLITE_HISTORY_MAX_BYTES", "history.max_bytes"),
    ("ECHOLITE_HISTORY_MAX_AGE", "history.max_age"),
    ("ECHOLITE_HISTORY_MEMORY", "history_memory"),
];

/// Variables of Laravel's `config/reverb.php` that say nothing to this server, and may be there.
pub(super) const WITHOUT_MEANING: [&str; 3] =
    ["REVERB_SERVER", "REVERB_PULSE_INGEST_INTERVAL", "REVERB_TELESCOPE_INGEST_INTERVAL"];

/// Whether a variable is the server's, known or misspelt, so that its line in `.env` must be right.
pub(super) fn is_own(name: &str) -> bool {
    has_own_prefix(name) || VARIABLES.iter().any(|(known, _)| *known == name)
}

fn has_own_prefix(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with("REVERB_") || name.starts_with("ECHOLITE_")
}

/// The variable that sets a key of the configuration file.
pub(super) fn of_key(key: &str) -> Option<&'static str> {
    VARIABLES.iter().find(|(_, of)| *of == key).map(|(name, _)| *name)
}

/// A warning if a variable is probably meant for this server, and is none that it knows.
pub(super) fn warning(name: &str) -> Option<String> {
    let known = || VARIABLES.iter().map(|(known, _)| *known);
    if known().chain(WITHOUT_MEANING).any(|known| known == name) {
        return None;
    }
    let upper = name.to_ascii_uppercase();
    let distance = |known: &&str| strsim::damerau_levenshtein(&upper, known);
    let nearest = known().min_by_key(distance)?;
    // Another prefix may be that of another program, unless it is all but the same.
    let most = match has_own_prefix(name) {
        true => nearest.len() / 3,
        false => nearest.len() / 8,
    };
    let near = distance(&nearest) <= most;
    let unknown = format!("the variable {name:?} is not one of the server's and has no effect");
    match (near, has_own_prefix(name)) {
        (true, _) => Some(format!("{unknown}; did you mean {nearest}?")),
        (false, true) => Some(format!("{unknown}; docs/server.md lists those that have one")),
        (false, false) => None,
    }
}
