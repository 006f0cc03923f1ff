//! Publishing over the HTTP API.

use super::error::BroadcastError;
use super::message::Message;
use crate::config::Secret;
use crate::shown::{shown, shown_address};
use echolite_protocol::{ApiRequest, Credentials, Limits};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes of a batch that is more than one event: Reverb takes 10,000 in a request unless it is configured
/// otherwise, and counts the request's head too.
const BATCH_BYTES: usize = 8_000;

/// So many characters of a refusal are read and shown. It may be anything: a proxy's page, a file.
const SHOWN_BODY: usize = 500;
const LONGEST_CHARACTER: usize = 4;

/// The largest answer that is read: all channels and members of a large application are less.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// Which server, and who we are there.
#[derive(Clone)]
pub struct HttpOptions {
    /// The server's address, with its path prefix if it has one: `https://ws.example:443/ws`.
    pub url: String,
    /// The application's id.
    pub app_id: String,
    /// The application's key.
    pub key: String,
    /// The application's secret.
    pub secret: Secret,
}

/// Without what may be secret in the address.
impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, app_id, key, secret } = self;
        let mut debug = f.debug_struct("HttpOptions");
        debug.field("url", &shown_address(url)).field("app_id", app_id);
        debug.field("key", key).field("secret", secret).finish()
    }
}

impl HttpOptions {
    /// The server's address without credentials, as it may be shown.
    #[must_use]
    pub fn address(&self) -> String {
        without_credentials(&self.url).unwrap_or_else(|_| shown_address(&self.url))
    }

    /// Pusher's own service, in a cluster (`eu`, `mt1`, `us2`, …).
    ///
    /// ```
    /// use echolite_server::HttpOptions;
    /// let options = HttpOptions::pusher("eu", "1001", "shop-key", "shop-secret");
    /// assert_eq!(options.url, "https://api-eu.pusher.com");
    /// ```
    #[must_use]
    pub fn pusher(cluster: &str, app_id: &str, key: &str, secret: &str) -> Self {
        let url = format!("https://api-{cluster}.pusher.com");
        Self { url, app_id: app_id.into(), key: key.into(), secret: secret.into() }
    }
}

pub(super) struct HttpBackend {
    /// Without a slash at the end.
    url: String,
    /// As errors show it: without credentials.
    shown: String,
    app_id: String,
    credentials: Credentials,
    client: reqwest::Client,
}

/// One event of a batch: a batch names one channel each.
#[derive(Serialize)]
struct Item<'a> {
    name: &'a str,
    data: &'a RawValue,
    channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    socket_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Batch<'a> {
    batch: &'a [Item<'a>],
}

impl fmt::Debug for HttpBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shown, app_id, credentials, .. } = self;
        let mut debug = f.debug_struct("HttpBackend");
        debug.field("url", shown).field("app_id", app_id).field("credentials", credentials);
        debug.finish_non_exhaustive()
    }
}

impl HttpBackend {
    pub(super) fn new(options: HttpOptions) -> Result<Self, BroadcastError> {
        let wrong = |reason: String| BroadcastError::Options(reason);
        let url = options.url.trim_end_matches('/').to_owned();
        let shown = without_credentials(&url)
            .map_err(|why| wrong(format!("{:?} {why}", shown_address(&url))))?;
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| wrong(format!("no HTTP client: {error}")))?;
        let credentials = Credentials::new(&options.key, options.secret.expose());
        Ok(Self { url, shown, app_id: options.app_id, credentials, client })
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), BroadcastError> {
        self.post("events", message, &message.name).await
    }

    pub(super) async fn send_batch(&self, messages: &[Message]) -> Result<(), BroadcastError> {
        let items: Vec<_> = messages.iter().flat_map(items_of).collect();
        for batch in batches(&items) {
            self.post("batch_events", &Batch { batch }, batch[0].name).await?;
        }
        Ok(())
    }

    /// Asks for something below `/apps/{id}/`.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        endpoint: &str,
        query: &str,
    ) -> Result<T, BroadcastError> {
        let path = format!("/apps/{}/{endpoint}", self.app_id);
        let request = ApiRequest { method: "GET", path: &path, query, body: b"" };
        let (url, query) = (format!("{}{path}", self.shown), self.sign(&request));
        let request = self.client.get(format!("{}{path}?{query}", self.url));
        let text = answer(request, &url).await?;
        serde_json::from_slice(&text)
            .map_err(|error| BroadcastError::Answer { url, reason: error.to_string() })
    }

    async fn post(
        &self,
        endpoint: &str,
        body: &(impl Serialize + Sync),
        event: &str,
    ) -> Result<(), BroadcastError> {
        let body = serde_json::to_string(body)
            .map_err(|source| BroadcastError::Payload { event: event.to_owned(), source })?;
        let path = format!("/apps/{}/{endpoint}", self.app_id);
        let request = ApiRequest { method: "POST", path: &path, query: "", body: body.as_bytes() };
        let (url, query) = (format!("{}{path}", self.shown), self.sign(&request));
        let request = self.client.post(format!("{}{path}?{query}", self.url));
        let request = request.header("content-type", "application/json").body(body);
        answer(request, &url).await.map(drop)
    }

    fn sign(&self, request: &ApiRequest<'_>) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        request.sign(&self.credentials, now)
    }
}

/// The body of a successful answer.
async fn answer(request: reqwest::RequestBuilder, url: &str) -> Result<Vec<u8>, BroadcastError> {
    let unreachable = |error: reqwest::Error| BroadcastError::Unreachable {
        url: url.to_owned(),
        reason: shown(&reason_of(&error.without_url()), SHOWN_BODY),
    };
    let mut response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    let most = if status.is_success() { LARGEST_ANSWER } else { SHOWN_BODY * LONGEST_CHARACTER };
    let mut body = Vec::new();
    while body.len() <= most {
        let Some(chunk) = response.chunk().await.map_err(unreachable)? else { break };
        body.extend_from_slice(&chunk);
    }
    if !status.is_success() {
        let body = shown(String::from_utf8_lossy(&body).trim(), SHOWN_BODY);
        return Err(BroadcastError::Refused { url: url.to_owned(), status: status.as_u16(), body });
    }
    if body.len() > most {
        let reason = format!("it has more than {most} bytes");
        return Err(BroadcastError::Answer { url: url.to_owned(), reason });
    }
    Ok(body)
}

/// An address as it may be shown.
fn without_credentials(url: &str) -> Result<String, String> {
    let mut parsed = reqwest::Url::parse(url).map_err(|error| format!("is no address: {error}"))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err("must begin with http:// or https://".to_owned());
    }
    if parsed.username().is_empty() && parsed.password().is_none() && parsed.query().is_none() {
        return Ok(url.to_owned());
    }
    // Both work for http and https.
    let _ = (parsed.set_username(""), parsed.set_password(None));
    parsed.set_query(None);
    Ok(parsed.as_str().trim_end_matches('/').to_owned())
}

/// Events in as few requests as their number and their size allow.
fn batches<'a, 'm>(mut items: &'a [Item<'m>]) -> impl Iterator<Item = &'a [Item<'m>]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |item: &&Item<'_>| {
            bytes += item.bytes();
            bytes <= BATCH_BYTES
        };
        let count = items.iter().take(Limits::default().batch).take_while(fits).count();
        // One that is too large alone is sent alone: the server says what it takes.
        let (batch, rest) = items.split_at(count.max(1).min(items.len()));
        items = rest;
        (!batch.is_empty()).then_some(batch)
    })
}

impl Item<'_> {
    /// About how long it is in a body.
    fn bytes(&self) -> usize {
        const KEYS: usize = 80;
        KEYS + self.name.len() + self.data.get().len() + self.channel.len()
    }
}

fn items_of(message: &Message) -> impl Iterator<Item = Item<'_>> {
    message.channels.iter().map(|channel| Item {
        name: &message.name,
        data: &message.data,
        channel: channel.as_str(),
        socket_id: message.socket_id.as_deref(),
    })
}

/// The innermost cause: "connection refused" says more than "error sending request".
fn reason_of(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .last()
        .map_or_else(String::new, ToString::to_string)
}
