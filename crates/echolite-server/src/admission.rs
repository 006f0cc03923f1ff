//! Admits a connection, or refuses it with a close code. Pure.

use crate::config::{AppConfig, origin_allowed};
use echolite_protocol::CloseCode;
use echolite_protocol::limits::PROTOCOL_VERSION;

/// A client's request to connect.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ConnectRequest<'a> {
    /// The `protocol` parameter.
    pub(crate) protocol: Option<&'a str>,
    /// The `Origin` header.
    pub(crate) origin: Option<&'a str>,
}

/// Checks everything but the connection quota, which depends on who else is there.
pub(crate) fn admit(app: Option<&AppConfig>, request: ConnectRequest<'_>) -> Result<(), CloseCode> {
    let app = app.ok_or(CloseCode::AppNotFound)?;
    if !app.enabled {
        return Err(CloseCode::AppDisabled);
    }
    let version = request.protocol.ok_or(CloseCode::NoVersion)?;
    let version: u32 = version.parse().map_err(|_| CloseCode::InvalidVersion)?;
    if version != PROTOCOL_VERSION {
        return Err(CloseCode::UnsupportedVersion);
    }
    if !origin_allowed(&app.allowed_origins, request.origin) {
        return Err(CloseCode::Unauthorized);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(protocol: Option<&str>) -> Result<(), CloseCode> {
        let app = AppConfig::new("1", "key", "secret");
        admit(Some(&app), ConnectRequest { protocol, origin: None })
    }

    #[test]
    fn the_protocol_version_must_be_seven() {
        assert_eq!(connect(Some("7")), Ok(()));
        assert_eq!(connect(Some("6")), Err(CloseCode::UnsupportedVersion));
        assert_eq!(connect(Some("seven")), Err(CloseCode::InvalidVersion));
        assert_eq!(connect(None), Err(CloseCode::NoVersion));
    }

    #[test]
    fn unknown_disabled_and_foreign_are_told_apart() {
        let request = ConnectRequest { protocol: Some("7"), origin: Some("https://evil.example") };
        assert_eq!(admit(None, request), Err(CloseCode::AppNotFound));
        let mut app = AppConfig::new("1", "key", "secret");
        app.allowed_origins = vec!["shop.example".into()];
        assert_eq!(admit(Some(&app), request), Err(CloseCode::Unauthorized));
        app.enabled = false;
        assert_eq!(admit(Some(&app), request), Err(CloseCode::AppDisabled));
    }
}
