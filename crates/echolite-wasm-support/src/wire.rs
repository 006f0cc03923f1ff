//! What the page says, as the core's types. Shapes are those of `npm/src/engine/port.ts`; what does not fit
//! them is answered with what was expected.

use crate::{intern, js::field};
use echolite_core::{AuthFailure, Authorization, Config, Name, PageSignal, UserAuthentication};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

/// What was expected.
pub type Expected = String;

/// An interned name.
pub fn name(value: &JsValue, what: &str) -> Result<Name, Expected> {
    intern::name(value).ok_or_else(|| expected(what, "a string"))
}

/// `EngineConfig`, as far as the connection goes.
///
/// # Errors
/// Where something does not fit.
pub fn config(value: &JsValue) -> Result<Config, Expected> {
    let default = Config::default();
    let port = |name| {
        let port = whole(&field(value, name)).and_then(|port| u16::try_from(port).ok());
        port.ok_or_else(|| expected(name, "a port number"))
    };
    Ok(Config {
        key: string(value, "key")?,
        host: string(value, "host")?,
        ws_port: port("wsPort")?,
        wss_port: port("wssPort")?,
        path: string(value, "path")?,
        tls: field(value, "tls").is_truthy(),
        allow_ws: field(value, "allowWs").is_truthy(),
        allow_wss: field(value, "allowWss").is_truthy(),
        activity_timeout: duration(value, "activityTimeout", default.activity_timeout)?,
        pong_timeout: duration(value, "pongTimeout", default.pong_timeout)?,
        unavailable_timeout: duration(value, "unavailableTimeout", default.unavailable_timeout)?,
        batch_authorizations: field(value, "batchAuthorizations").is_truthy(),
        recover: field(value, "recover").is_truthy(),
    })
}

/// A duration in milliseconds, or the engine's default.
///
/// # Errors
/// Where it is not a number.
pub fn duration(value: &JsValue, name: &str, default: u64) -> Result<u64, Expected> {
    match field(value, name) {
        unset if unset.is_undefined() => Ok(default),
        set => whole(&set).ok_or_else(|| expected(name, "a number of milliseconds")),
    }
}

/// `PageSignal`.
pub fn page_signal(value: &JsValue) -> Result<PageSignal, Expected> {
    Ok(match value.as_string().as_deref() {
        Some("online") => PageSignal::Online,
        Some("offline") => PageSignal::Offline,
        Some("visible") => PageSignal::Visible,
        Some("hidden") => PageSignal::Hidden,
        Some("resumed") => PageSignal::Resumed,
        _ => return Err(expected("page", "online, offline, visible, hidden or resumed")),
    })
}

/// `AuthReply`; one that does not fit is a failure that says so.
pub fn auth_reply(value: &JsValue) -> Result<Authorization, AuthFailure> {
    granted(value)?;
    let optional = |name| field(value, name).as_string().map(Name::from);
    Ok(Authorization {
        auth: required(value, "auth")?,
        channel_data: optional("channelData"),
        shared_secret: optional("sharedSecret"),
    })
}

/// `UserReply`; one that does not fit is a failure that says so.
pub fn user_reply(value: &JsValue) -> Result<UserAuthentication, AuthFailure> {
    granted(value)?;
    let user_data = required(value, "userData")?;
    Ok(UserAuthentication { auth: required(value, "auth")?, user_data })
}

fn granted(reply: &JsValue) -> Result<(), AuthFailure> {
    if field(reply, "ok").is_truthy() {
        return Ok(());
    }
    let (status, message, retry_after) = failure(reply);
    Err(AuthFailure { status, message, retry_after })
}

fn required(reply: &JsValue, name: &str) -> Result<Name, AuthFailure> {
    let text = field(reply, name).as_string().map(Name::from);
    let missing =
        || AuthFailure { status: None, message: expected(name, "a string"), retry_after: None };
    text.ok_or_else(missing)
}

/// Status, message and `Retry-After` of a failure.
pub fn failure(value: &JsValue) -> (Option<u16>, String, Option<u64>) {
    let status = whole(&field(value, "status")).and_then(|status| u16::try_from(status).ok());
    let message = field(value, "message").as_string().unwrap_or_default();
    (status, message, whole(&field(value, "retryAfter")))
}

fn string(value: &JsValue, name: &str) -> Result<String, Expected> {
    field(value, name).as_string().ok_or_else(|| expected(name, "a string"))
}

/// A list at this field.
///
/// # Errors
/// Where it is not a list.
pub fn list(value: &JsValue, name: &str) -> Result<Array, Expected> {
    field(value, name).dyn_into().map_err(|_| expected(name, "a list"))
}

/// A number that is not negative, rounded down.
pub fn whole(value: &JsValue) -> Option<u64> {
    value.as_f64().filter(|number| *number >= 0.0).map(|number| number as u64)
}

/// The text of what was expected.
#[must_use]
pub fn expected(what: &str, expected: &str) -> Expected {
    [what, " must be ", expected].concat()
}
