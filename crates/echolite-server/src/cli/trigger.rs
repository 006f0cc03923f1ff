//! `echolite trigger`

use super::error::CliError;
use clap::Args;
use echolite_server::{
    BroadcastError, Broadcaster, EncryptionKey, Environment, Event, HttpOptions, ToOthers,
};
use serde_json::value::RawValue;

/// Where Laravel's configuration usually takes the key from.
const MASTER_KEY: &str = "PUSHER_APP_ENCRYPTION_MASTER_KEY";

#[derive(Debug, Args)]
pub(super) struct Trigger {
    /// The channel by its full name: private-products. May be given several times.
    #[arg(long, required = true)]
    channel: Vec<String>,
    /// The event's name: ProductChanged
    #[arg(long)]
    event: String,
    /// The payload, as JSON: '{"id":1}'
    #[arg(long, default_value = "{}")]
    data: String,
    /// A connection that does not get the event
    #[arg(long)]
    socket_id: Option<String>,
    /// The key of encrypted channels, 32 bytes in base64 [default: PUSHER_APP_ENCRYPTION_MASTER_KEY]
    #[arg(long)]
    encryption_master_key: Option<String>,
    /// The server's address [default: http://REVERB_HOST:REVERB_PORT, or what REVERB_SERVER_* say]
    #[arg(long)]
    url: Option<String>,
    /// Pusher's own service, in this cluster: eu, mt1, us2
    #[arg(long, conflicts_with_all = ["url", "host", "port", "path"])]
    cluster: Option<String>,
    /// The server's host
    #[arg(long, conflicts_with = "url")]
    host: Option<String>,
    /// The server's port
    #[arg(long, conflicts_with = "url")]
    port: Option<u16>,
    /// The path before /apps
    #[arg(long, conflicts_with = "url")]
    path: Option<String>,
    /// The application's id [default: REVERB_APP_ID]
    #[arg(long, requires_all = ["key", "secret"])]
    app_id: Option<String>,
    /// The application's key [default: REVERB_APP_KEY]
    #[arg(long, requires = "app_id")]
    key: Option<String>,
    /// The application's secret [default: REVERB_APP_SECRET]
    #[arg(long, requires = "app_id")]
    secret: Option<String>,
}

impl Trigger {
    pub(super) fn run(self) -> Result<(), CliError> {
        let environment = Environment::of_process()?;
        let options = self.options(&environment)?;
        // As it was written: neither the order of its fields nor large numbers change.
        let payload: &RawValue = serde_json::from_str(&self.data)
            .map_err(|error| CliError::Usage(format!("--data is no JSON: {error}")))?;
        let event = Event::new(&self.event, payload).to_others(self.socket_id.clone());
        let event = self.channel.iter().fold(event, |event, name| event.channel(name));
        if let Some(id) =
            self.socket_id.as_deref().filter(|id| ToOthers::from(*id) == ToOthers::default())
        {
            let text = "is not a socket id; expected a form such as 123.456";
            return Err(CliError::Usage(format!("--socket-id: {id:?} {text}")));
        }
        let address = options.address();
        let mut broadcaster = Broadcaster::http(options)?;
        if let Some(key) = self.master_key(&environment)? {
            broadcaster = broadcaster.encryption_master_key(key);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(broadcaster.send(event)).map_err(|error| match error {
            BroadcastError::NoMasterKey(channel) => CliError::Usage(format!(
                "{channel} is encrypted: set {MASTER_KEY} (here or in .env), or give --encryption-master-key"
            )),
            error => error.into(),
        })?;
        println!("{} sent to {} through {address}", self.event, self.channel.join(", "));
        Ok(())
    }

    fn options(&self, environment: &Environment) -> Result<HttpOptions, CliError> {
        let given = [&self.app_id, &self.key, &self.secret].map(|value| value.as_deref());
        let credentials = match given {
            [Some(id), Some(key), Some(secret)] => Some([id, key, secret]),
            _ => environment.credentials()?,
        };
        let Some([app_id, key, secret]) = credentials else {
            return Err(CliError::Usage(
                "no credentials: set REVERB_APP_ID, REVERB_APP_KEY and REVERB_APP_SECRET (here or in \
                 .env), or give --app-id, --key and --secret"
                    .into(),
            ));
        };
        if let Some(cluster) = &self.cluster {
            return Ok(HttpOptions::pusher(cluster, app_id, key, secret));
        }
        let url = self.url.clone().unwrap_or_else(|| self.address(environment));
        Ok(HttpOptions { url, app_id: app_id.into(), key: key.into(), secret: secret.into() })
    }

    fn master_key(&self, environment: &Environment) -> Result<Option<EncryptionKey>, CliError> {
        let given = self.encryption_master_key.as_deref();
        let Some(text) = given.or_else(|| environment.get(MASTER_KEY)) else { return Ok(None) };
        let name = if given.is_some() { "--encryption-master-key" } else { MASTER_KEY };
        EncryptionKey::from_base64(text)
            .map(Some)
            .map_err(|error| CliError::Usage(format!("{name}: {error}")))
    }

    /// The public address, when one is set; else where the server listens on this machine.
    fn address(&self, environment: &Environment) -> String {
        let get = |name| environment.get(name);
        let public = get("REVERB_HOST");
        let scheme = match get("REVERB_SCHEME") {
            Some("https" | "wss") if public.is_some() => "https",
            _ => "http",
        };
        let host = self.host.as_deref().or(public).unwrap_or("127.0.0.1");
        let port = self.port.map(|port| port.to_string());
        let configured = if public.is_some() { get("REVERB_PORT") } else { None };
        let configured = configured.or_else(|| get("REVERB_SERVER_PORT")).unwrap_or("8080");
        let port = port.as_deref().unwrap_or(configured);
        let path = self.path.as_deref().or_else(|| get("REVERB_SERVER_PATH")).unwrap_or_default();
        match path.trim_matches('/') {
            "" => format!("{scheme}://{host}:{port}"),
            path => format!("{scheme}://{host}:{port}/{path}"),
        }
    }
}
