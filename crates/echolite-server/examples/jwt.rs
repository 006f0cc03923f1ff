//! A chat room behind tokens: log in for a JWT, send it as `Authorization: Bearer`.
//!
//! The page says `new Echo({ …, bearerToken: token })`.
//!
//! ```sh
//! JWT_SECRET=$(openssl rand -hex 32) cargo run -p echolite-server --example jwt
//! curl -H 'content-type: application/json' -d '{"name":"zoe","password":"sesame"}' localhost:3000/login
//! curl -H "authorization: Bearer $TOKEN" -d 'socket_id=1.2&channel_name=private-user.7' \
//!   localhost:3000/broadcasting/auth
//! ```

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::routing::post;
use axum::{Json, Router};
use echolite_server::{
    AppConfig, Broadcaster, Channels, Config, Echolite, Member, ToOthers, UserData, run,
};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;

const TOKEN_TIME: Duration = Duration::from_secs(3600);

/// Who has an account. A real application keeps them in its database, and hashes the passwords.
const ACCOUNTS: [(u64, &str, &str); 2] = [(7, "zoe", "sesame"), (8, "max", "hidden")];

#[derive(Clone)]
struct App {
    broadcaster: Broadcaster,
    sign: EncodingKey,
    verify: DecodingKey,
}

/// What a token says: who somebody is, and until when (seconds since 1970).
#[derive(Clone, Debug, Serialize, Deserialize)]
struct User {
    sub: u64,
    name: String,
    exp: u64,
}

/// The user of the request's token; without one the request is refused, whatever it asks for.
impl FromRequestParts<App> for User {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let refused = (StatusCode::UNAUTHORIZED, "The token is missing, wrong or over its time.");
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.strip_prefix("Bearer ")).ok_or(refused)?;
        let token = decode::<User>(token, &app.verify, &Validation::default());
        token.map(|token| token.claims).map_err(|_| refused)
    }
}

#[derive(Deserialize)]
struct Login {
    name: String,
    password: String,
}

async fn log_in(
    State(app): State<App>,
    Json(login): Json<Login>,
) -> Result<Json<Value>, (StatusCode, String)> {
    let fits = |(_, name, password): &&(u64, &str, &str)| {
        *name == login.name && *password == login.password
    };
    let Some((id, name, _)) = ACCOUNTS.iter().find(fits) else {
        return Err((StatusCode::UNAUTHORIZED, "Name or password is wrong.".into()));
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let user = User { sub: *id, name: (*name).to_owned(), exp: (now + TOKEN_TIME).as_secs() };
    match encode(&Header::default(), &user, &app.sign) {
        Ok(token) => Ok(Json(json!({ "token": token }))),
        Err(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, error.to_string())),
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
    let message = json!({ "from": user.name, "text": text });
    let room = app.broadcaster.presence(&format!("room.{room}"));
    let sent = room.event("App\\Events\\MessageSent", &message).to_others(others).send().await;
    sent.map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// The application, with its broadcasting server inside.
pub(crate) fn app(config: AppConfig, secret: &[u8]) -> Result<(Echolite, Router), Box<dyn Error>> {
    let id = config.app_id.clone();
    let echolite = Echolite::new(Config::with_app(config))?;
    let channels = Channels::new()
        .private("user.{id}", |user: User, id: u64| async move { user.sub == id })
        .presence("room.{id}", |user: User, _room: u64| async move {
            Some(Member::new(user.sub, &json!({ "name": user.name })))
        })
        .user(|user: User| async move { UserData::new(user.sub, &json!({ "name": user.name })) });
    let router = Router::new()
        .route("/login", post(log_in))
        .route("/rooms/{id}/messages", post(say))
        .merge(channels.router(echolite.credentials(&id)?))
        .with_state(App {
            broadcaster: echolite.broadcaster(&id)?,
            sign: EncodingKey::from_secret(secret),
            verify: DecodingKey::from_secret(secret),
        })
        .merge(echolite.router());
    Ok((echolite, router))
}

#[tokio::main]
#[allow(dead_code, reason = "the test of this example starts the application itself")]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = std::env::var("JWT_SECRET").map_err(|_| "set JWT_SECRET to a long random text")?;
    let config = AppConfig::new("chat", "chat-key", "chat-secret");
    let (echolite, app) = app(config, secret.as_bytes())?;
    let address = std::env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".into());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let shutdown = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            eprintln!("cannot wait for Ctrl-C: {error}");
        }
    };
    run(listener, echolite, app, shutdown).await?;
    Ok(())
}
