//! Signed requests to the HTTP API.
//!
//! Signed is `METHOD\n{path}\n{k=v&… sorted, lower-case keys, unescaped values, without
//! auth_signature}`. Source: "Generating authentication signatures" of the Pusher HTTP API.

use crate::limits::TIMESTAMP_WINDOW;
use crate::sign::Credentials;
use md5::{Digest, Md5};

/// A request to the HTTP API, as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct ApiRequest<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// The path without the query: `/apps/3/events`.
    pub path: &'a str,
    /// The query as it travels, without `?`. When signing: the parameters besides the signature's.
    pub query: &'a str,
    /// The body; empty when there is none.
    pub body: &'a [u8],
}

/// Why a request was refused. All of them are answered with 401.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A parameter of the signature is not there, or is no number where one is due.
    #[error("the parameter {0} is missing or malformed")]
    Parameter(&'static str),
    /// `auth_key` is another application's.
    #[error("auth_key is not this application's key")]
    WrongKey,
    /// `auth_timestamp` is outside the window.
    #[error("auth_timestamp is {0} s away from the server's time, allowed are {window}", window = TIMESTAMP_WINDOW.as_secs())]
    Expired(u64),
    /// `body_md5` is not that of the body.
    #[error("body_md5 is not that of the body")]
    WrongBody,
    /// The signature is wrong.
    #[error("auth_signature is not that of the request")]
    WrongSignature,
}

impl ApiRequest<'_> {
    /// Signs the request and gives its whole query string, percent-encoded.
    ///
    /// `now` is in seconds since 1970.
    ///
    /// ```
    /// use echolite_protocol::{ApiRequest, Credentials};
    /// let app = Credentials::new("278d425bdf160c739803", "7ad3773142a6692b25b8");
    /// let request = ApiRequest { method: "GET", path: "/apps/3/channels", query: "", body: b"" };
    /// let query = request.sign(&app, 1_353_088_179);
    /// assert!(query.starts_with("auth_key=278d425bdf160c739803&auth_timestamp=1353088179&"));
    /// ```
    #[must_use]
    pub fn sign(&self, app: &Credentials, now: u64) -> String {
        let mut params = decoded(self.query, false);
        params.push(("auth_key".into(), app.key().into()));
        params.push(("auth_timestamp".into(), now.to_string()));
        params.push(("auth_version".into(), "1.0".into()));
        if !self.body.is_empty() {
            params.push(("body_md5".into(), body_md5(self.body)));
        }
        let signature = app.sign(&[self.method, "\n", self.path, "\n", &canonical(&mut params)]);
        params.push(("auth_signature".into(), signature));
        let pairs: Vec<_> = params.iter().map(|(k, v)| format!("{}={}", k, encoded(v))).collect();
        pairs.join("&")
    }

    /// Checks the signature, its key, its time and the body's digest.
    ///
    /// A proxy may have changed the path, so others may be tried: `paths` are signed paths that are
    /// as good as [`Self::path`]. Values verify whether they travel percent-encoded or bare.
    ///
    /// # Errors
    /// [`RequestError`] says what is wrong.
    pub fn verify(&self, app: &Credentials, now: u64, paths: &[&str]) -> Result<(), RequestError> {
        let mut params = decoded(self.query, false);
        let find = |name: &'static str| {
            let found = params.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).ok_or(RequestError::Parameter(name))
        };
        let signature = find("auth_signature")?;
        if find("auth_key")? != app.key() {
            return Err(RequestError::WrongKey);
        }
        let stamp = find("auth_timestamp")?;
        let stamp: u64 = stamp.parse().map_err(|_| RequestError::Parameter("auth_timestamp"))?;
        if stamp.abs_diff(now) > TIMESTAMP_WINDOW.as_secs() {
            return Err(RequestError::Expired(stamp.abs_diff(now)));
        }
        if !self.body.is_empty() && find("body_md5")? != body_md5(self.body) {
            return Err(RequestError::WrongBody);
        }
        let mut canonicals = vec![canonical(&mut params)];
        if self.query.contains('+') {
            canonicals.push(canonical(&mut decoded(self.query, true)));
        }
        let fits = |path: &str| {
            let fits =
                |query: &String| app.verify(&[self.method, "\n", path, "\n", query], &signature);
            canonicals.iter().any(fits)
        };
        let signed = fits(self.path) || paths.iter().any(|path| fits(path));
        if signed { Ok(()) } else { Err(RequestError::WrongSignature) }
    }
}

/// The parameters of a query, unescaped, keys in lower case. A `+` means itself, or a space.
fn decoded(query: &str, plus_is_space: bool) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = if plus_is_space { value.replace('+', " ") } else { value.to_owned() };
        (percent_decoded(key).to_lowercase(), percent_decoded(&value))
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

fn canonical(params: &mut [(String, String)]) -> String {
    params.sort();
    let signed = params.iter().filter(|(key, _)| key != "auth_signature");
    let pairs: Vec<_> = signed.map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join("&")
}

fn body_md5(body: &[u8]) -> String {
    hex::encode(Md5::digest(body))
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn encoded(text: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn app() -> Credentials {
        Credentials::new("key", "secret")
    }

    fn verify(query: &str, body: &[u8], now: u64) -> Result<(), RequestError> {
        ApiRequest { method: "POST", path: "/apps/1/events", query, body }.verify(&app(), now, &[])
    }

    fn signed(query: &str, body: &[u8]) -> String {
        ApiRequest { method: "POST", path: "/apps/1/events", query, body }.sign(&app(), NOW)
    }

    #[test]
    fn encoded_and_bare_values_both_verify() {
        let query = signed("info=user_count,subscription_count", b"");
        assert!(query.contains("%2C"));
        assert_eq!(verify(&query, b"", NOW), Ok(()));
        let bare = query.replace("%2C", ",").replace("%5F", "_");
        assert_eq!(verify(&bare, b"", NOW), Ok(()));
    }

    #[test]
    fn each_fault_has_its_name() {
        let query = signed("", b"{}");
        assert_eq!(verify(&query, b"{}", NOW + 600), Ok(()));
        assert_eq!(verify(&query, b"{}", NOW + 601), Err(RequestError::Expired(601)));
        assert_eq!(verify(&query, b"{ }", NOW), Err(RequestError::WrongBody));
        assert_eq!(verify("", b"", NOW), Err(RequestError::Parameter("auth_signature")));
        let other = query.replace("auth_key=key", "auth_key=other");
        assert_eq!(verify(&other, b"{}", NOW), Err(RequestError::WrongKey));
        assert_eq!(
            verify(&format!("{query}&extra=1"), b"{}", NOW),
            Err(RequestError::WrongSignature)
        );
        let unsigned_body = signed("", b"");
        assert_eq!(verify(&unsigned_body, b"{}", NOW), Err(RequestError::Parameter("body_md5")));
    }

    #[test]
    fn another_path_that_means_the_same_verifies() {
        let request =
            ApiRequest { method: "GET", path: "/ws/apps/1/channels", query: "", body: b"" };
        let query = request.sign(&app(), NOW);
        let stripped =
            ApiRequest { method: "GET", path: "/apps/1/channels", query: &query, body: b"" };
        assert!(stripped.verify(&app(), NOW, &[]).is_err());
        assert!(stripped.verify(&app(), NOW, &["/ws/apps/1/channels"]).is_ok());
    }
}
