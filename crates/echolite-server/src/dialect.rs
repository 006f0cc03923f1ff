//! Which protocol a connection speaks. Pure.

use echolite_protocol::extension::VERSION;

/// The protocol of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Pusher protocol 7 and nothing else.
    #[default]
    Pusher,
    /// With the [extension](echolite_protocol::extension): positions and recovery.
    Echolite,
}

impl Dialect {
    /// What the parameter of the connect URL asks for. A version that is not spoken here is not
    /// confirmed, and the client then asks for nothing more.
    pub(crate) fn asked_for(parameter: Option<&str>) -> Self {
        match parameter.map(str::parse::<u32>) {
            Some(Ok(VERSION)) => Self::Echolite,
            _ => Self::Pusher,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_version_spoken_here_is_confirmed() {
        assert_eq!(Dialect::asked_for(Some("1")), Dialect::Echolite);
        for other in [None, Some(""), Some("0"), Some("2"), Some("true")] {
            assert_eq!(Dialect::asked_for(other), Dialect::Pusher, "{other:?}");
        }
    }
}
