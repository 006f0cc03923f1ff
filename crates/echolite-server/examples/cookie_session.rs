//! A chat room behind cookie sessions: log in, join channels, send a message.
//!
//! ```sh
//! cargo run -p echolite-server --example cookie_session
//! curl -ic jar -H 'content-type: application/json' -d '{"name":"zoe","password":"sesame"}' localhost:3000/login
//! curl -b jar -d 'socket_id=1.2&channel_name=presence-room.1' localhost:3000/broadcasting/auth
//! ```

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::post;
use axum::{Json, Router};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use echolite_server::{
    AppConfig, Broadcast, Broadcaster, Channel, Channels, Config, Echolite, Member, ToOthers, run,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

const SESSION: &str = "session";

/// Who has an account. A real application keeps them in its database, and hashes the passwords.
const ACCOUNTS: [(u64, &str, &str); 2] = [(7, "zoe", "sesame"), (8, "max", "hidden")];

#[derive(Clone)]
struct App {
    broadcaster: Broadcaster,
    /// Who is logged in, by the value of the cookie.
    sessions: Arc<Mutex<HashMap<String, User>>>,
}

#[derive(Clone, Debug)]
struct User {
    id: u64,
    name: String,
}

/// The user of the request's session; without one the request is refused, whatever it asks for.
impl FromRequestParts<App> for User {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let jar = CookieJar::from_headers(&parts.headers);
        let session = jar.get(SESSION).map(Cookie::value);
        let sessions = app.sessions.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let user = session.and_then(|session| sessions.get(session)).cloned();
        user.ok_or((StatusCode::UNAUTHORIZED, "Log in first."))
    }
}

#[derive(Deserialize)]
struct Login {
    name: String,
    password: String,
}

async fn log_in(State(app): State<App>, Json(login): Json<Login>) -> impl IntoResponse {
    let fits = |(_, name, password): &&(u64, &str, &str)| {
        *name == login.name && *password == login.password
    };
    let Some((id, name, _)) = ACCOUNTS.iter().find(fits) else {
        return Err((StatusCode::UNAUTHORIZED, "Name or password is wrong."));
    };
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| (StatusCode::INTERNAL_SERVER_ERROR, "Try again."))?;
    let session = format!("{:032x}", u128::from_ne_bytes(random));
    let user = User { id: *id, name: (*name).to_owned() };
    let mut sessions = app.sessions.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    sessions.insert(session.clone(), user);
    // Behind TLS add `.secure(true)`.
    let cookie = Cookie::build((SESSION, session)).path("/").http_only(true);
    let cookie = cookie.same_site(SameSite::Lax).build().to_string();
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), StatusCode::NO_CONTENT))
}

#[derive(Serialize)]
struct MessageSent {
    #[serde(skip)]
    room: u64,
    from: String,
    text: String,
}

impl Broadcast for MessageSent {
    fn broadcast_on(&self) -> Vec<Channel> {
        vec![Channel::presence(format!("room.{}", self.room))]
    }
}

#[derive(Deserialize)]
struct Message {
    text: String,
}

async fn say(
    State(app): State<App>,
    user: User,
    others: ToOthers,
    Path(room): Path<u64>,
    Json(Message { text }): Json<Message>,
) -> Result<StatusCode, (StatusCode, String)> {
    let message = MessageSent { room, from: user.name, text };
    let sent = app.broadcaster.broadcast(&message).to_others(others).send().await;
    sent.map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// The application, with its broadcasting server inside.
pub(crate) fn app(config: AppConfig) -> Result<(Echolite, Router), Box<dyn Error>> {
    let id = config.app_id.clone();
    let echolite = Echolite::new(Config::with_app(config))?;
    let channels = Channels::new()
        .private("user.{id}", |user: User, id: u64| async move { user.id == id })
        .presence("room.{id}", |user: User, _room: u64| async move {
            Some(Member::new(user.id, &serde_json::json!({ "name": user.name })))
        });
    let router = Router::new()
        .route("/login", post(log_in))
        .route("/rooms/{id}/messages", post(say))
        .merge(channels.router(echolite.credentials(&id)?))
        .with_state(App { broadcaster: echolite.broadcaster(&id)?, sessions: Arc::default() })
        .merge(echolite.router());
    Ok((echolite, router))
}

#[tokio::main]
#[allow(dead_code, reason = "the test of this example starts the application itself")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (echolite, app) = app(AppConfig::new("chat", "chat-key", "chat-secret"))?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let shutdown = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            eprintln!("cannot wait for Ctrl-C: {error}");
        }
    };
    run(listener, echolite, app, shutdown).await?;
    Ok(())
}
