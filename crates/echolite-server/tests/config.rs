//! Configuration: the file, the environment over it, and what is said when something is wrong.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use echolite_server::{
    ClientEventPolicy, Config, ConfigError, Environment, HistoryConfig, WebhookEvent,
};
use std::path::PathBuf;

const FILE: &str = r#"
[server]
host = "127.0.0.1"
port = 9000
path = "ws"
max_request_size = 20000

[[apps]]
app_id = "shop"
key = "shop-key"
secret = "shop-secret"
allowed_origins = ["shop.example", "*.shop.example"]
ping_interval = 20
max_connections = 10
accept_client_events_from = "all"
rate_limiting = { enabled = true, max_attempts = 5 }
presence_grace = 0
limits = { presence_members = 500 }

[[apps.webhooks]]
url = "https://shop.example/hooks"
events = ["member_added", "member_removed"]
filter_by_prefix = "presence-"
headers = { Authorization = "Bearer hidden" }

[[apps.history]]
channels = "private-cache-*"
max_age = 600

[[apps.history]]
channels = ["private-orders.*", "news"]
max_events = 50
max_bytes = 65536

[[apps]]
app_id = "blog"
key = "blog-key"
secret = "blog-secret"
"#;

/// A file of the test's own, removed when it is dropped.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("echolite-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn load(name: &str, text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let file = File::new(name, text);
    Config::load(Some(&file.0), &Environment::from_pairs(environment.iter().copied()))
}

fn error(name: &str, text: &str, environment: &[(&str, &str)]) -> String {
    load(name, text, environment).unwrap_err().to_string()
}

#[test]
fn a_file_says_everything() {
    let config = load("whole", FILE, &[]).unwrap();
    assert_eq!(config.server.prefix(), "/ws");
    assert_eq!((config.server.port, config.server.max_request_size), (9000, 20_000));
    let [shop, blog] = &config.apps[..] else { panic!("two applications") };
    assert_eq!((shop.ping_interval, shop.activity_timeout), (20, 30));
    assert_eq!((shop.max_connections, blog.max_connections), (Some(10), None));
    assert_eq!(shop.accept_client_events_from, ClientEventPolicy::All);
    assert_eq!((shop.limits.presence_members, blog.limits.presence_members), (500, 100));
    assert_eq!((shop.presence_grace, blog.presence_grace), (0, 5));
    let [hook] = &shop.webhooks[..] else { panic!("one webhook") };
    assert_eq!(hook.events, [WebhookEvent::MemberAdded, WebhookEvent::MemberRemoved]);
    assert_eq!((hook.filter_by_prefix.as_str(), hook.filter_by_suffix.as_str()), ("presence-", ""));
    assert_eq!(hook.headers["Authorization"].expose(), "Bearer hidden");
    assert!(!format!("{config:?}").contains("hidden"));
    let cached = HistoryConfig::new(["private-cache-*"]);
    let orders = HistoryConfig::new(["private-orders.*", "news"]);
    let orders = HistoryConfig { max_events: 50, max_bytes: 65_536, ..orders };
    assert_eq!(shop.history, [HistoryConfig { max_age: 600, ..cached.clone() }, orders]);
    assert_eq!(blog.history, [cached]);
    assert_eq!((shop.rate_limiting.max_attempts, shop.rate_limiting.decay_seconds), (5, 60));
}

#[test]
fn the_environment_wins_over_the_file() {
    let environment = [
        ("REVERB_SERVER_PORT", "9001"),
        ("REVERB_SERVER_PATH", ""),
        ("REVERB_APP_ID", "blog"),
        ("REVERB_APP_KEY", "new-key"),
        ("REVERB_APP_SECRET", "new-secret"),
        ("REVERB_APP_PING_INTERVAL", "7"),
        ("REVERB_APP_RATE_LIMITING_ENABLED", "true"),
        ("REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", "none"),
        ("REVERB_APP_MAX_CONNECTIONS", "3"),
        ("ECHOLITE_PRESENCE_GRACE", "9"),
    ];
    let config = load("environment", FILE, &environment).unwrap();
    assert_eq!((config.server.port, config.server.path.as_str()), (9001, "ws"));
    let [shop, blog] = &config.apps[..] else { panic!("two applications") };
    assert_eq!(shop.ping_interval, 20);
    assert_eq!((blog.key.as_str(), blog.secret.expose()), ("new-key", "new-secret"));
    assert_eq!((blog.ping_interval, blog.max_connections), (7, Some(3)));
    assert_eq!((shop.presence_grace, blog.presence_grace), (0, 9));
    assert!(blog.rate_limiting.enabled);
    assert_eq!(blog.accept_client_events_from, ClientEventPolicy::None);
}

#[test]
fn the_environment_says_which_channels_keep_history_and_how_much() {
    let environment = [
        ("REVERB_APP_ID", "shop"),
        ("REVERB_APP_KEY", "shop-key"),
        ("REVERB_APP_SECRET", "shop-secret"),
        ("ECHOLITE_HISTORY_CHANNELS", "private-cache-*  presence-room.*"),
        ("ECHOLITE_HISTORY_MAX_EVENTS", "10"),
        ("ECHOLITE_HISTORY_MAX_BYTES", "20000"),
        ("ECHOLITE_HISTORY_MAX_AGE", "30"),
        ("ECHOLITE_HISTORY_MEMORY", "320000"),
    ];
    let config = load("history", FILE, &environment).unwrap();
    let channels = vec!["private-cache-*".to_owned(), "presence-room.*".to_owned()];
    let expected = HistoryConfig { channels, max_events: 10, max_bytes: 20_000, max_age: 30 };
    assert_eq!(config.apps[0].history, [expected]);
    assert_eq!((config.apps[0].history_memory, config.apps[1].history.len()), (320_000, 1));
    // The limits alone are those of the histories in the file.
    let config = load("history-limits", FILE, &[("ECHOLITE_HISTORY_MAX_AGE", "9")]).unwrap();
    assert!(config.apps.iter().flat_map(|app| &app.history).all(|history| history.max_age == 9));
    let config = load("history-none", FILE, &[("ECHOLITE_HISTORY_CHANNELS", "none")]).unwrap();
    assert!(config.apps.iter().all(|app| app.history.is_empty()));
}

#[test]
fn a_history_that_cannot_be_is_named() {
    let cases = [
        ("channels = \"private-cache-*\"", "channels = []", "history.channels must name"),
        ("channels = \"private-cache-*\"", "channels = [\"\"]", "history.channels must be names"),
        ("channels = \"private-cache-*\"", "channels = \"a b\"", "history.channels must be names"),
        ("channels = \"private-cache-*\"", "channels = 7", "a pattern of channel names, or a list"),
        ("channels = \"private-cache-*\"", "", "missing field `channels`"),
        ("max_events = 50", "max_events = 0", "history.max_events must be over 0; history = []"),
        ("max_bytes = 65536", "max_bytes = 0", "history.max_bytes must be over 0"),
        ("max_age = 600", "max_age = 0", "history.max_age must be over 0"),
        ("max_age = 600", "max_aeg = 600", "`max_age`"),
        ("max_bytes = 65536", "max_bytes = 5000000", "history_memory must be at least 16 times"),
    ];
    for (right, wrong, said) in cases {
        let text = error("history-wrong", &FILE.replace(right, wrong), &[]);
        assert!(text.contains(said), "{wrong}: {text}");
    }
    let none = "[[apps]]\napp_id = \"a\"\nkey = \"k\"\nsecret = \"s\"\nhistory = []\n";
    assert!(load("history-empty", none, &[]).unwrap().apps[0].history.is_empty());
    let text = error("history-variable", FILE, &[("ECHOLITE_HISTORY_MAX_AGE", "1h")]);
    assert_eq!(
        text,
        "ECHOLITE_HISTORY_MAX_AGE=1h: expected a whole number of seconds, 1 to 31536000"
    );
}

#[test]
fn rules_of_the_environment_are_for_every_application_when_it_names_none() {
    let config = load("rules", FILE, &[("REVERB_APP_PING_INTERVAL", "7")]).unwrap();
    assert!(config.apps.iter().all(|app| app.ping_interval == 7));
}

#[test]
fn an_application_of_the_environment_joins_those_of_the_file() {
    let environment =
        [("PUSHER_APP_ID", "new"), ("PUSHER_APP_KEY", "key"), ("PUSHER_APP_SECRET", "secret")];
    assert_eq!(load("join", FILE, &environment).unwrap().apps.len(), 3);
}

#[test]
fn an_unknown_key_is_named_with_its_file_and_what_is_allowed() {
    let text = error("unknown-key", "[server]\nprot = 9000\n", &[]);
    for part in ["unknown-key", "line 2", "prot", "`port`"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let text = error("app-key", &FILE.replace("ping_interval", "pingInterval"), &[]);
    for part in ["pingInterval", "`ping_interval`"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let text = error("no-toml", "[server\n", &[]);
    assert!(text.contains("no-toml") && text.contains("line 1"), "{text}");
    let text = error("type", "[server]\nport = \"x\"\n", &[]);
    assert!(text.contains("line 2"), "{text}");
    let missing = Config::load(Some("/nowhere/echolite.toml".as_ref()), &Environment::default());
    assert!(missing.unwrap_err().to_string().contains("/nowhere/echolite.toml"));
    let text = error("policy", &FILE.replace("\"all\"", "\"some\""), &[]);
    assert!(text.contains("members"), "{text}");
}

#[test]
fn an_error_of_the_file_names_the_line_and_shows_no_secret() {
    let lines = [
        "secret = \"hidden",
        "secret = hidden",
        "secret = \"\"\"hidden",
        "secret = \"hidden\" x",
        "secret = [\"hidden\"]",
        "secret = 4711",
        "secret = { hidden = 4711 }",
        "secert = \"hidden\"",
        "max_connections = \"hidden\"",
    ];
    for line in lines {
        let text = error("secret", &format!("[[apps]]\nkey = \"k\"\n{line}\n"), &[]);
        assert!(text.contains(", line "), "{line}: {text}");
        assert!(!text.contains("hidden") && !text.contains("4711"), "{line}: {text}");
    }
    let text = error("secret", "[[apps]]\nsecert = \"hidden\"\n", &[]);
    assert!(text.contains("line 2: unknown field `secert`"), "{text}");
}

const NO_LIMIT: &str = "a whole number over 0; without a value there is no limit";

#[test]
fn a_variable_that_does_not_fit_is_named_with_what_is_allowed() {
    let cases = [
        ("REVERB_SERVER_PORT", "http", "a port, 65535 at most"),
        ("REVERB_SERVER_PORT", "99999", "a port, 65535 at most"),
        ("REVERB_APP_PING_INTERVAL", "-1", "a whole number of seconds, 1 to 86400"),
        ("REVERB_APP_ACTIVITY_TIMEOUT", "30s", "a whole number of seconds, 1 to 86400"),
        ("REVERB_APP_ACTIVITY_TIMEOUT", "1e30", "a whole number of seconds, 1 to 86400"),
        ("ECHOLITE_PRESENCE_GRACE", "-1", "a whole number of seconds, 0 to 86400"),
        ("REVERB_APP_RATE_LIMIT_DECAY_SECONDS", "1m", "a whole number of seconds, 1 to 31536000"),
        ("ECHOLITE_HISTORY_MAX_AGE", "1h", "a whole number of seconds, 1 to 31536000"),
        ("REVERB_APP_MAX_CONNECTIONS", "-1", NO_LIMIT),
        ("REVERB_APP_MAX_CONNECTIONS", "unlimited", NO_LIMIT),
        ("REVERB_APP_MAX_CONNECTIONS", "1.5", NO_LIMIT),
        ("REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS", "many", "a whole number"),
        ("ECHOLITE_LEAVES_PER_MINUTE", "-1", "a whole number"),
        ("REVERB_MAX_REQUEST_SIZE", "10M", "a whole number of bytes"),
        ("REVERB_APP_MAX_MESSAGE_SIZE", "10_000", "a whole number of bytes"),
        ("REVERB_SCALING_ENABLED", "redis", "true or false"),
        ("REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", "some", "all, members or none"),
        ("REVERB_APP_RATE_LIMITING_ENABLED", "maybe", "true or false"),
    ];
    for (name, value, expected) in cases {
        let text = error("variable", FILE, &[(name, value)]);
        assert_eq!(text, format!("{name}={value}: expected {expected}"));
    }
    let text = error("incomplete", FILE, &[("REVERB_APP_ID", "1"), ("REVERB_APP_KEY", "k")]);
    assert!(text.starts_with("REVERB_APP_SECRET is not set"), "{text}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let text = error("empty", "", &[]);
    assert!(text.contains("REVERB_APP_ID") && text.contains("echolite init"), "{text}");
    let text = error("twice", &FILE.replace("\"blog\"", "\"shop\""), &[]);
    assert!(text.contains("app_id \"shop\""), "{text}");
    let text = error("zero", &FILE.replace("ping_interval = 20", "activity_timeout = 0"), &[]);
    assert!(text.contains("\"shop\": activity_timeout"), "{text}");
    let url = "\"https://shop.example/hooks\"";
    for wrong in ["\"\"", "\"/hooks\"", "\"ftp://shop.example\""] {
        let text = error("webhook-url", &FILE.replace(url, wrong), &[]);
        assert!(text.contains("\"shop\": webhooks.url"), "{text}");
    }
    let text = error("webhook-header", &FILE.replace("Authorization", "X-Pusher-Key"), &[]);
    assert!(text.contains("webhooks.headers"), "{text}");
    let text = error("webhook-event", &FILE.replace("member_added", "member_came"), &[]);
    assert!(text.contains("member_came") && text.contains("`member_added`"), "{text}");
    let text = error("webhook-key", &FILE.replace("filter_by_prefix", "prefix"), &[]);
    assert!(text.contains("`filter_by_prefix`"), "{text}");
    let text = error("unreachable", &FILE.replace("\"shop-key\"", "\"shop/key\""), &[]);
    assert!(
        text.contains("key is part of addresses") && text.contains("it is \"shop/key\""),
        "{text}"
    );
    let text = error("scaling", FILE, &[("REVERB_SCALING_ENABLED", "true")]);
    assert_eq!(
        text,
        "scaling (REVERB_SCALING_ENABLED, or scaling.enabled in the file) is not supported by this version; switch it off"
    );
}

/// As Laravel's `.env.example` leaves variables: without a value.
#[test]
fn a_variable_without_a_value_is_the_default() {
    for value in ["", "null", "(empty)", "\"\""] {
        let config = load(
            "empty-variables",
            "",
            &[
                ("REVERB_APP_ID", "shop"),
                ("REVERB_APP_KEY", "key"),
                ("REVERB_APP_SECRET", "secret"),
                ("REVERB_APP_ALLOWED_ORIGINS", value),
                ("REVERB_APP_MAX_CONNECTIONS", value),
            ],
        );
        let shop = &config.unwrap().apps[0];
        assert_eq!((&*shop.allowed_origins, shop.max_connections), (&["*".to_owned()][..], None));
    }
}

#[test]
fn a_value_that_would_do_harm_is_refused_with_what_was_found_and_the_variable() {
    let overflow = u64::MAX.to_string();
    let (most, day) = (usize::MAX.to_string(), "86401");
    let on = ("REVERB_APP_RATE_LIMITING_ENABLED", "true");
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[on, ("REVERB_APP_RATE_LIMIT_DECAY_SECONDS", "0")], "rate_limiting.decay_seconds"),
        (&[on, ("REVERB_APP_RATE_LIMIT_DECAY_SECONDS", &overflow)], "rate_limiting.decay_seconds"),
        (&[on, ("REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS", "0")], "rate_limiting.max_attempts"),
        (&[("REVERB_APP_PING_INTERVAL", "0")], "ping_interval must be 1 to 86400 seconds; it is 0"),
        (&[("REVERB_APP_PING_INTERVAL", &overflow)], "ping_interval"),
        (&[("REVERB_APP_ACTIVITY_TIMEOUT", &overflow)], "activity_timeout"),
        (&[("REVERB_APP_ACTIVITY_TIMEOUT", day)], "activity_timeout"),
        (&[("ECHOLITE_PRESENCE_GRACE", &overflow)], "presence_grace"),
        (&[("ECHOLITE_HISTORY_MAX_AGE", &overflow)], "history.max_age"),
        (&[("ECHOLITE_HISTORY_MEMORY", "1000")], "largest history.max_bytes; it is 1000 ("),
        (&[("REVERB_APP_MAX_CONNECTIONS", "0")], "max_connections must be over 0, or left out"),
        (&[("REVERB_APP_MAX_MESSAGE_SIZE", "0")], "max_message_size"),
        (&[("REVERB_APP_MAX_MESSAGE_SIZE", &most)], "max_message_size"),
        (&[("REVERB_MAX_REQUEST_SIZE", "0")], "server.max_request_size"),
        (&[("REVERB_SERVER_PATH", "a:b")], "server.path must be segments"),
        (&[("REVERB_SERVER_PATH", ":app")], "server.path"),
        (&[("REVERB_SERVER_PATH", "*")], "server.path"),
        (&[("REVERB_SERVER_PATH", "/{app}")], "server.path"),
        (&[("REVERB_SERVER_PATH", "ws//x")], "server.path"),
        (&[("REVERB_SERVER_PATH", "../ws")], "server.path"),
        (&[("REVERB_SERVER_PATH", "ws?x#y")], "server.path"),
        (&[("REVERB_SERVER_PATH", "w s")], "server.path"),
        (&[("REVERB_SERVER_PATH", "https://x.example/ws")], "server.path"),
        (&[("REVERB_SERVER_HOST", "http://0.0.0.0")], "server.host must be a host name"),
        (&[("REVERB_SERVER_HOST", "0.0.0.0:8080")], "server.host"),
        (&[("REVERB_APP_ALLOWED_ORIGINS", "https://shop.example")], "allowed_origins are hosts"),
        (&[("REVERB_APP_ALLOWED_ORIGINS", "a.example, //b.example")], "it is \"//b.example\""),
        (&[("REVERB_APP_ALLOWED_ORIGINS", "shop.example:3000")], "allowed_origins"),
        (&[("REVERB_APP_ALLOWED_ORIGINS", "shop.example/")], "allowed_origins"),
        (&[("REVERB_APP_ALLOWED_ORIGINS", "shop.example,")], "it is \"\""),
        (&[("REVERB_APP_ALLOWED_ORIGINS", "grüße.example")], "allowed_origins"),
    ];
    for (environment, said) in cases {
        let text = error("harm", FILE, environment);
        let (variable, _) = environment[environment.len() - 1];
        assert!(text.contains(said) && text.contains("; it is "), "{variable}: {text}");
        assert!(text.ends_with(&format!("({variable} sets it, too)")), "{text}");
    }
    let limits = ["event_name", "event_data", "channels_per_event", "batch", "user_id"];
    for limit in [&limits[..], &["channels_per_connection", "client_events_per_second"]].concat() {
        let text =
            error("limit", &FILE.replace("presence_members = 500", &format!("{limit} = 0")), &[]);
        assert!(text.contains(&format!("limits.{limit} must be over 0")), "{text}");
    }
    for (queue, fits) in [("0", false), ("100", false), ("4095", false), ("4096", true)] {
        let file = FILE.replace("max_request_size = 20000", &format!("max_queue_size = {queue}"));
        let loaded = load("queue", &file, &[]).map(drop).map_err(|error| error.to_string());
        assert!(loaded.is_ok() == fits, "{loaded:?}");
        assert!(fits || loaded.unwrap_err().contains("server.max_queue_size must be 4096 bytes"));
    }
}

#[test]
fn what_fits_is_taken() {
    let fits = [
        ("REVERB_SERVER_PATH", "/ws/v1.0_~-x/"),
        ("REVERB_SERVER_PATH", "/"),
        ("REVERB_SERVER_HOST", "::1"),
        ("REVERB_SERVER_HOST", "fe80::1%eth0"),
        ("REVERB_SERVER_HOST", "node-1.internal"),
        ("REVERB_APP_ALLOWED_ORIGINS", "*"),
        ("REVERB_APP_ALLOWED_ORIGINS", "shop.example, *.Shop.example, localhost, 127.0.0.1, [::1]"),
        ("REVERB_APP_PING_INTERVAL", "86400"),
        ("REVERB_SERVER_PORT", " 8080 "),
        ("ECHOLITE_PRESENCE_GRACE", "0"),
    ];
    for (name, value) in fits {
        let config = load("fits", FILE, &[(name, value)]);
        assert!(config.is_ok(), "{name}={value}: {}", config.unwrap_err());
        // A path is a route: it must not stop the router either.
        assert!(echolite_server::app(config.unwrap()).is_ok(), "{name}={value}");
    }
}

#[test]
fn every_configuration_in_the_documentation_is_one() {
    let text = include_str!("../../../docs/server.md");
    let blocks: Vec<_> = text.split("```toml\n").skip(1).collect();
    assert!(!blocks.is_empty());
    for (at, block) in blocks.iter().enumerate() {
        let block = block.split("```").next().unwrap();
        let config = load(&format!("documentation-{at}"), block, &[]);
        assert!(config.is_ok(), "{}:\n{block}", config.unwrap_err());
    }
}
