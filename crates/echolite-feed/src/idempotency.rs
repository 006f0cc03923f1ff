//! Keys that make a repeated request have one effect.

use http::{HeaderMap, Method};

/// The key of a request, under which its answer is kept: repeated, it gets the same answer and has no
/// second effect.
///
/// ```
/// use echolite_feed::IdempotencyKey;
/// let headers: http::HeaderMap = [("idempotency-key".parse()?, "a1b2".parse()?)].into_iter().collect();
/// let key = IdempotencyKey::of(&headers, "user-7");
/// assert!(key.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    pub(crate) key: String,
    pub(crate) request: String,
}

/// Whether a request came before; what [`Change::once`](crate::sqlite::Change::once) says.
#[derive(Debug)]
pub enum Once {
    /// It did not, or was not finished: go on, and `keep` the answer.
    First,
    /// It did, and this was the answer.
    Again(http::Response<String>),
}

impl IdempotencyKey {
    /// The header `Idempotency-Key`, if the request has one. Keys of different users are different keys.
    #[must_use]
    pub fn of(headers: &HeaderMap, user: &str) -> Option<Self> {
        let key = headers.get("idempotency-key")?.to_str().ok()?;
        Some(Self { key: format!("{user}\n{key}"), request: String::new() })
    }

    /// What the key is for. The same key with another request is then refused instead of answered with
    /// what that one got.
    #[must_use]
    pub fn request(mut self, method: &Method, path: &str, body: &[u8]) -> Self {
        // FNV-1a: it finds mistakes, it keeps nobody out.
        let hash = body.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        self.request = format!("{method} {path} {hash:016x}");
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_user_and_requests_by_what_they_ask() {
        let headers: HeaderMap =
            [("idempotency-key".parse().expect("a name"), "k".parse().expect("a value"))]
                .into_iter()
                .collect();
        let key = |user| IdempotencyKey::of(&headers, user).expect("there is one");
        assert_ne!(key("1"), key("2"));
        let request = |path, body| key("1").request(&Method::POST, path, body);
        assert_eq!(request("/a", b"x"), request("/a", b"x"));
        assert_ne!(request("/a", b"x"), request("/b", b"x"));
        assert_ne!(request("/a", b"x"), request("/a", b"y"));
        assert_eq!(IdempotencyKey::of(&HeaderMap::new(), "1"), None);
    }
}
