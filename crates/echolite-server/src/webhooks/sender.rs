//! Posts events to webhooks.

use super::{WebhookRequest, event};
use crate::config::{ConfigError, WebhookConfig};
use echolite_protocol::Credentials;
use reqwest::redirect::Policy;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a webhook may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The HTTP client of an application's webhooks.
#[derive(Debug)]
pub(crate) struct Sender {
    client: reqwest::Client,
    hooks: Vec<WebhookConfig>,
    credentials: Credentials,
}

impl Sender {
    /// # Errors
    /// When there is no HTTP client.
    pub(crate) fn new(
        hooks: &[WebhookConfig],
        credentials: Credentials,
    ) -> Result<Self, ConfigError> {
        let client = reqwest::Client::builder().timeout(TIMEOUT).redirect(Policy::none()).build();
        let client = client.map_err(|error| ConfigError::HttpClient(error.to_string()))?;
        Ok(Self { client, hooks: hooks.to_vec(), credentials })
    }

    /// Posts events, the first of which happened `age` ago; whether the webhook took them.
    ///
    /// # Errors
    /// Why it did not.
    pub(crate) async fn post(&self, request: &WebhookRequest, age: Duration) -> Result<(), String> {
        let hook = &self.hooks[request.hook];
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let time_ms = now.saturating_sub(age).as_millis() as u64;
        let body = event::body(time_ms, &request.batch.events);
        let mut post = self.client.post(&hook.url);
        for (name, value) in &hook.headers {
            post = post.header(name, value.expose());
        }
        let post = post
            .header("content-type", "application/json")
            .header("x-pusher-key", self.credentials.key())
            .header("x-pusher-signature", self.credentials.webhook_signature(&body));
        match post.body(body).send().await {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(format!("it answered {}", response.status())),
            Err(error) => Err(error.without_url().to_string()),
        }
    }
}
