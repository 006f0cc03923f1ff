//! Publishing over the HTTP API.

use super::error::BroadcastError;
use super::message::Message;
use crate::config::Secret;
use echolite_protocol::{ApiRequest, Credentials, Limits};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes of a batch that is more than one event: Reverb takes 10,000 in a request unless it is configured
/// otherwise, and counts the request's head too.
const BATCH_BYTES: usize = 8_000;

/// Which server, and who we are there.
#[derive(Clone, Debug)]
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

impl HttpOptions {
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

#[derive(Debug)]
pub(super) struct HttpBackend {
    /// Without a slash at the end.
    url: String,
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

impl HttpBackend {
    pub(super) fn new(options: HttpOptions) -> Result<Self, BroadcastError> {
        let wrong = |reason: String| BroadcastError::Options(reason);
        let url = options.url.trim_end_matches('/').to_owned();
        let parsed = reqwest::Url::parse(&url)
            .map_err(|error| wrong(format!("{url:?} is no address: {error}")))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(wrong(format!("{url:?} must begin with http:// or https://")));
        }
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| wrong(format!("no HTTP client: {error}")))?;
        let credentials = Credentials::new(&options.key, options.secret.expose());
        Ok(Self { url, app_id: options.app_id, credentials, client })
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
        let (url, query) = (format!("{}{path}", self.url), self.sign(&request));
        let text = answer(self.client.get(format!("{url}?{query}")), &url).await?;
        serde_json::from_str(&text)
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
        let (url, query) = (format!("{}{path}", self.url), self.sign(&request));
        let request = self.client.post(format!("{url}?{query}"));
        let request = request.header("content-type", "application/json").body(body);
        answer(request, &url).await.map(drop)
    }

    fn sign(&self, request: &ApiRequest<'_>) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        request.sign(&self.credentials, now)
    }
}

/// The body of a successful answer.
async fn answer(request: reqwest::RequestBuilder, url: &str) -> Result<String, BroadcastError> {
    let unreachable = |error: reqwest::Error| BroadcastError::Unreachable {
        url: url.to_owned(),
        reason: reason_of(&error.without_url()),
    };
    let response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    let body = response.text().await.map_err(unreachable)?;
    if status.is_success() {
        return Ok(body);
    }
    Err(BroadcastError::Refused { url: url.to_owned(), status: status.as_u16(), body })
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
