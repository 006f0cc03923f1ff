//! Which pages may connect, by the host of their `Origin`.

use super::wildcard;

/// Whether an origin is allowed by one of the patterns: `*`, a host, or a pattern with `*`.
///
/// Without an `Origin` header only `*` allows, as in Reverb.
pub(crate) fn origin_allowed(patterns: &[String], origin: Option<&str>) -> bool {
    let host = origin.and_then(host_of).map(str::to_lowercase);
    patterns.iter().any(|pattern| {
        let fits = |host: &String| wildcard::fits(&pattern.to_lowercase(), host);
        pattern == "*" || host.as_ref().is_some_and(fits)
    })
}

/// Whether a text can fit a host at all: a host has no scheme, port, path or space, and its letters are ASCII (a
/// browser writes `xn--…` for others).
pub(super) fn is_pattern(text: &str) -> bool {
    let address = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._*".contains(c);
    let in_address = |c: char| c.is_ascii_hexdigit() || ":.*".contains(c);
    let fits = !text.is_empty() && text.chars().all(allowed);
    fits || address.is_some_and(|address| !address.is_empty() && address.chars().all(in_address))
}

/// `https://shop.example:8443` → `shop.example`
fn host_of(origin: &str) -> Option<&str> {
    let (_, rest) = origin.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.starts_with('[') {
        return host.split_inclusive(']').next();
    }
    host.split(':').next().filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(pattern: &str, origin: &str) -> bool {
        origin_allowed(&[pattern.to_owned()], Some(origin))
    }

    #[test]
    fn an_origin_is_compared_by_its_host() {
        assert!(allowed("*", "null"));
        assert!(allowed("shop.example", "https://shop.example:8443"));
        assert!(allowed("Shop.Example", "https://SHOP.example"));
        assert!(!allowed("shop.example", "https://evil.shop.example"));
        assert!(!allowed("shop.example", "https://shop.example.evil"));
        assert!(!allowed("shop.example", "https://evil/shop.example"));
        assert!(!allowed("shop.example", "null"));
        assert!(allowed("[::1]", "http://[::1]:8000"));
    }

    #[test]
    fn a_star_stands_for_anything() {
        assert!(allowed("*.shop.example", "https://a.b.shop.example"));
        assert!(!allowed("*.shop.example", "https://shop.example"));
        assert!(allowed("app-*.example", "https://app-7.example"));
        assert!(!allowed("app-*.example", "https://app-7.example.evil"));
    }

    #[test]
    fn without_an_origin_only_the_star_allows() {
        assert!(origin_allowed(&["*".to_owned()], None));
        assert!(!origin_allowed(&["shop.example".to_owned()], None));
        assert!(!origin_allowed(&[], Some("https://shop.example")));
    }
}
