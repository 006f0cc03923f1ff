//! Cookies of a request.

use axum::http::{HeaderMap, header};

/// The value of the cookie of this name.
pub(crate) fn named(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|value| value.split(';')).filter_map(|one| one.split_once('='));
    pairs.find_map(|(key, value)| (key.trim() == name).then(|| value.trim().to_owned()))
}
