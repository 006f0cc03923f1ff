//! A server on a free port, and a client that waits with a deadline.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use echolite_protocol::{ApiRequest, Credentials};
use echolite_server::{AppConfig, Config, Echolite, app, run};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub const DEADLINE: Duration = Duration::from_secs(30);
pub const KEY: &str = "app-key";

pub fn credentials() -> Credentials {
    Credentials::new(KEY, "app-secret")
}

pub fn app_config() -> AppConfig {
    AppConfig::new("app-id", KEY, "app-secret")
}

/// A running server.
pub struct TestServer {
    pub address: SocketAddr,
    pub echolite: Echolite,
    pub http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with(Config::with_app(app_config())).await
    }

    pub async fn with_app(change: impl FnOnce(&mut AppConfig)) -> Self {
        let mut config = app_config();
        change(&mut config);
        Self::with(Config::with_app(config)).await
    }

    pub async fn with(config: Config) -> Self {
        let (echolite, router) = app(config).unwrap();
        Self::serve(echolite, router).await
    }

    pub async fn serve(echolite: Echolite, router: axum::Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = echolite.clone();
        let task = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            run(listener, server, router, stopped).await.unwrap();
        });
        Self { address, echolite, http: reqwest::Client::new(), stop: Some(stop), task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn connect(&self) -> Client {
        let mut client =
            self.upgrade(&format!("/app/{KEY}?protocol=7&client=js&version=8.6.0")).await;
        client.socket_id = client.event("pusher:connection_established").await["socket_id"]
            .as_str()
            .unwrap()
            .to_owned();
        client
    }

    /// Upgrades, and expects nothing yet.
    pub async fn upgrade(&self, path: &str) -> Client {
        self.upgrade_from(path, None).await
    }

    pub async fn upgrade_from(&self, path: &str, origin: Option<&str>) -> Client {
        let mut request = format!("ws://{}{path}", self.address).into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("Origin", origin.parse().unwrap());
        }
        let (socket, _) = within(connect_async(request)).await.unwrap();
        Client { socket, socket_id: String::new() }
    }

    pub fn sign(&self, method: &str, path: &str, query: &str, body: &[u8]) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let query = ApiRequest { method, path, query, body }.sign(&credentials(), now);
        self.url(&format!("{path}?{query}"))
    }

    pub async fn post(&self, path: &str, body: &str) -> (u16, String) {
        let url = self.sign("POST", path, "", body.as_bytes());
        answer(self.http.post(url).body(body.to_owned())).await
    }

    pub async fn get(&self, path: &str, query: &str) -> (u16, String) {
        let url = self.sign("GET", path, query, b"");
        answer(self.http.get(url)).await
    }

    pub async fn publish(&self, body: Value) {
        let (status, body) = self.post("/apps/app-id/events", &body.to_string()).await;
        assert_eq!((status, body.as_str()), (200, "{}"));
    }

    /// Stops the server as SIGTERM does, and waits until it is gone.
    pub async fn stop(mut self) {
        let _ = self.stop.take().unwrap().send(());
        within(&mut self.task).await.unwrap();
    }
}

pub async fn answer(request: reqwest::RequestBuilder) -> (u16, String) {
    let response = within(request.send()).await.unwrap();
    (response.status().as_u16(), within(response.text()).await.unwrap())
}

/// A WebSocket client.
pub struct Client {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub socket_id: String,
}

impl Client {
    pub async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.send_message(Message::text(text)).await;
    }

    pub async fn send_message(&mut self, message: Message) {
        within(self.socket.send(message)).await.unwrap();
    }

    pub async fn send_ping(&mut self) {
        self.send_message(Message::Ping(Bytes::new())).await;
    }

    /// The next message that is no ping or pong of WebSocket itself.
    pub async fn message(&mut self) -> Message {
        loop {
            match within(self.socket.next()).await.expect("the connection is open").unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }

    pub async fn frame(&mut self) -> Value {
        match self.message().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("expected a frame, got {other:?}"),
        }
    }

    /// The next frame, which must be this event; gives its data, unpacked.
    pub async fn event(&mut self, name: &str) -> Value {
        let frame = self.frame().await;
        assert_eq!(frame["event"], name, "{frame}");
        serde_json::from_str(frame["data"].as_str().expect("data is a string")).unwrap()
    }

    /// The close code; frames before it are an error.
    pub async fn closed(&mut self) -> u16 {
        match self.message().await {
            Message::Close(Some(frame)) => frame.code.into(),
            other => panic!("expected a close frame, got {other:?}"),
        }
    }

    pub async fn request_subscription(&mut self, channel: &str) {
        let mut data = json!({ "channel": channel });
        if channel.starts_with("private-") {
            data["auth"] = credentials().channel_auth(&self.socket_id, channel, None).into();
        }
        self.send(json!({ "event": "pusher:subscribe", "data": data })).await;
    }

    pub async fn subscribe(&mut self, channel: &str) {
        self.request_subscription(channel).await;
        let data = self.event("pusher_internal:subscription_succeeded").await;
        assert_eq!(data, json!({}));
    }

    /// Signs in, and expects the confirmation.
    pub async fn sign_in(&mut self, user: Value) {
        let user = user.to_string();
        let auth = credentials().user_auth(&self.socket_id, &user);
        let data = json!({ "auth": auth, "user_data": user });
        self.send(json!({ "event": "pusher:signin", "data": data })).await;
        assert_eq!(self.event("pusher:signin_success").await, json!({ "user_data": user }));
    }

    /// Asks to join a presence channel as somebody.
    pub async fn request_presence(&mut self, channel: &str, member: Value) {
        let member = member.to_string();
        let auth = credentials().channel_auth(&self.socket_id, channel, Some(&member));
        let data = json!({ "channel": channel, "auth": auth, "channel_data": member });
        self.send(json!({ "event": "pusher:subscribe", "data": data })).await;
    }

    /// Joins a presence channel as somebody; gives who is there.
    pub async fn join(&mut self, channel: &str, member: Value) -> Value {
        self.request_presence(channel, member).await;
        self.event("pusher_internal:subscription_succeeded").await["presence"].take()
    }

    pub async fn unsubscribe(&mut self, channel: &str) {
        self.send(json!({ "event": "pusher:unsubscribe", "data": { "channel": channel } })).await;
    }

    /// Leaves without a word, as a lost network does.
    pub fn vanish(self) {
        drop(self);
    }

    /// Whatever the server had to say is said: a ping was answered, and nothing came before.
    pub async fn expect_nothing(&mut self) {
        self.send(json!({ "event": "pusher:ping", "data": {} })).await;
        self.event("pusher:pong").await;
    }
}

pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future).await.expect("nothing happened in time")
}
