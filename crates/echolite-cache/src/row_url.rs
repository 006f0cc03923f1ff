//! URLs of single rows: an id in its place, and the way back.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use crate::{Name, ResourceConfig};

/// Characters that stay as they are in a part of a URL.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as a part of a URL.
pub(crate) fn encoded(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, PLAIN)
}

/// The URL of a single row, if single rows are read.
pub(crate) fn row_url(config: &ResourceConfig, id: &str) -> Option<Name> {
    let prefix = config.row_prefixes.first()?;
    let separator = if prefix.contains('?') || prefix.ends_with('/') { "" } else { "/" };
    Some(format!("{prefix}{separator}{}", encoded(id)).into())
}

/// The id in the URL of a row, as it stands there.
pub(crate) fn id_in<'u>(prefix: &str, url: &'u str) -> Option<&'u str> {
    let id = match prefix.contains('?') {
        true => url.strip_prefix(prefix)?,
        false => url.strip_prefix(prefix.trim_end_matches('/'))?.strip_prefix('/')?,
    };
    (!id.is_empty() && !id.contains(['/', '?', '#', '&'])).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stands_behind_the_prefix_and_is_found_there_again() {
        for (prefix, url) in [
            ("https://a.test/rows", "https://a.test/rows/a%20b"),
            ("https://a.test/rows/", "https://a.test/rows/a%20b"),
            ("https://a.test/row?id=", "https://a.test/row?id=a%20b"),
        ] {
            let row_prefixes = vec![prefix.into()];
            let config = ResourceConfig { row_prefixes, ..ResourceConfig::new("rows", "/rows") };
            assert_eq!(row_url(&config, "a b").as_deref(), Some(url));
            assert_eq!(id_in(prefix, url), Some("a%20b"));
        }
        assert_eq!(row_url(&ResourceConfig::new("rows", "/rows"), "1"), None, "none are read");
    }

    #[test]
    fn other_urls_have_no_id() {
        for url in ["/rows", "/rows/", "/rows/1/parts", "/rows/1?x", "/rowsize/1", "/rows/1#x"] {
            assert_eq!(id_in("/rows", url), None, "{url}");
        }
    }
}
