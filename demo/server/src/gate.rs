//! The network before the application: a reverse proxy that can refuse WebSockets, as some companies'
//! proxies do. Neither the application nor the client knows of it.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::cookies;

/// The cookie by which a visitor is known. It comes with the page, because a socket is known by what its handshake said.
const COOKIE: &str = "leeway_visitor";
/// So many visitors may block their WebSockets; of more, the first ones are let through again.
const MOST_BLOCKED: usize = 1_000;
/// Longest id of a visitor, in bytes.
const LONGEST_ID: usize = 64;

/// What the network does with WebSockets.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WebSockets {
    /// Lets them through.
    Open,
    /// Answers 403 to upgrades, and cuts what was upgraded before.
    Blocked,
}

/// Whose WebSockets are blocked.
#[derive(Clone, Default)]
pub(crate) struct Rules {
    is_everyone: bool,
    visitors: Vec<String>,
}

impl Rules {
    /// The rule for this visitor.
    pub(crate) fn of(&self, visitor: Option<&str>) -> WebSockets {
        let is_own = visitor.is_some_and(|visitor| self.visitors.iter().any(|one| one == visitor));
        if self.is_everyone || is_own { WebSockets::Blocked } else { WebSockets::Open }
    }

    /// Sets the rule for this visitor; without one, for everybody.
    pub(crate) fn set(&mut self, visitor: Option<String>, websockets: WebSockets) {
        let is_blocked = websockets == WebSockets::Blocked;
        let Some(visitor) = visitor else {
            self.is_everyone = is_blocked;
            return;
        };
        self.visitors.retain(|one| *one != visitor);
        if is_blocked {
            self.visitors.push(visitor);
        }
        if self.visitors.len() > MOST_BLOCKED {
            self.visitors.remove(0);
        }
    }
}

/// The visitor who asks, if a cookie says who that is.
pub(crate) fn visitor(headers: &HeaderMap) -> Option<String> {
    cookies::named(headers, COOKIE).filter(|id| !id.is_empty() && id.len() <= LONGEST_ID)
}

/// `Set-Cookie` for who asks for a page and is not known yet.
fn introduction(headers: &HeaderMap) -> Option<HeaderValue> {
    let accept = headers.get(header::ACCEPT)?.to_str().ok()?;
    if !accept.contains("text/html") || visitor(headers).is_some() {
        return None;
    }
    let id = fastrand::u64(..);
    HeaderValue::from_str(&format!("{COOKIE}={id:016x}; Path=/; HttpOnly; SameSite=Lax")).ok()
}

/// Where the gate leads, and the rules it keeps.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) application: SocketAddr,
    pub(crate) rules: watch::Receiver<Rules>,
}

/// Why a request did not reach the application.
#[derive(thiserror::Error, Debug)]
enum GateError {
    #[error("the application does not listen: {0}")]
    Connect(#[from] std::io::Error),
    #[error("the application did not answer: {0}")]
    Forward(#[from] hyper::Error),
}

impl IntoResponse for GateError {
    fn into_response(self) -> Response {
        (StatusCode::BAD_GATEWAY, self.to_string()).into_response()
    }
}

/// A router that passes every request on.
pub(crate) fn router(gate: Gate) -> axum::Router {
    axum::Router::new().fallback(pass).with_state(gate)
}

async fn pass(State(gate): State<Gate>, mut request: Request) -> Result<Response, GateError> {
    let is_upgrade = request.headers().contains_key(header::UPGRADE);
    let visitor = visitor(request.headers());
    if is_upgrade && gate.rules.borrow().of(visitor.as_deref()) == WebSockets::Blocked {
        return Ok((StatusCode::FORBIDDEN, "WebSockets are not allowed here.\n").into_response());
    }
    let introduction = introduction(request.headers());
    let client = hyper::upgrade::on(&mut request);
    let mut response = forward(gate.application, request).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let application = hyper::upgrade::on(&mut response);
        tokio::spawn(tunnel(client, application, gate.rules, visitor));
    }
    if let Some(cookie) = introduction {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response.map(Body::new))
}

async fn forward(
    application: SocketAddr,
    request: Request,
) -> Result<hyper::Response<hyper::body::Incoming>, GateError> {
    let stream = TcpStream::connect(application).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    Ok(sender.send_request(request).await?)
}

/// Carries bytes both ways until a side ends or the rule changes; then both are dropped, and so cut.
async fn tunnel(
    client: OnUpgrade,
    application: OnUpgrade,
    mut rules: watch::Receiver<Rules>,
    visitor: Option<String>,
) {
    let (Ok(client), Ok(application)) = tokio::join!(client, application) else { return };
    let (mut client, mut application) = (TokioIo::new(client), TokioIo::new(application));
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut application) => {}
        _ = rules.wait_for(|rules| rules.of(visitor.as_deref()) == WebSockets::Blocked) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_blocks_nobody_else() {
        let mut rules = Rules::default();
        rules.set(Some("ada".to_owned()), WebSockets::Blocked);
        assert_eq!(rules.of(Some("ada")), WebSockets::Blocked);
        assert_eq!(rules.of(Some("bram")), WebSockets::Open);
        assert_eq!(rules.of(None), WebSockets::Open);
        rules.set(Some("ada".to_owned()), WebSockets::Open);
        assert_eq!(rules.of(Some("ada")), WebSockets::Open);
    }

    #[test]
    fn who_says_no_name_sets_the_rule_of_everybody() {
        let mut rules = Rules::default();
        rules.set(None, WebSockets::Blocked);
        assert_eq!(rules.of(Some("ada")), WebSockets::Blocked);
        rules.set(Some("ada".to_owned()), WebSockets::Open);
        assert_eq!(rules.of(Some("ada")), WebSockets::Blocked);
        rules.set(None, WebSockets::Open);
        assert_eq!(rules.of(None), WebSockets::Open);
    }

    #[test]
    fn who_asks_for_a_page_is_known_from_then_on() {
        let mut headers = HeaderMap::new();
        assert_eq!(introduction(&headers), None);
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        assert_eq!(introduction(&headers), None);
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html,*/*;q=0.8"));
        let cookie = introduction(&headers).expect("a cookie for a new visitor");
        headers.insert(header::COOKIE, cookie);
        assert_eq!(visitor(&headers).map(|id| id.len()), Some(16));
        assert_eq!(introduction(&headers), None);
    }

    #[test]
    fn visitors_are_not_kept_without_end() {
        let mut rules = Rules::default();
        for id in 0..MOST_BLOCKED + 10 {
            rules.set(Some(id.to_string()), WebSockets::Blocked);
        }
        assert_eq!(rules.visitors.len(), MOST_BLOCKED);
        assert_eq!(rules.of(Some("0")), WebSockets::Open);
        let mut headers = HeaderMap::new();
        let long = format!("{COOKIE}={}", "x".repeat(LONGEST_ID + 1));
        headers.insert(header::COOKIE, long.parse().expect("a header's value"));
        assert_eq!(visitor(&headers), None);
    }
}
