//! The resource that a page declares of a back end, and its fingerprint.

use echolite_cache::{Membership, Name, Reaction, ResourceConfig, VersionMode};
use serde_json::{Value, json};

use crate::back_end::BackEnd;
use crate::declarations::{Declaration, PART};
use crate::names::{EVENT, LIST, WHISPER};

impl Declaration {
    /// The resource as a page declares it.
    pub fn resource(self, back: &BackEnd) -> ResourceConfig {
        let BackEnd { kind, channels, paging, habits, .. } = *back;
        let url: Name = if self.is_part { PART.into() } else { LIST.into() };
        let versions = kind.versions.filter(|_| self.names_version);
        let membership = if self.says_all { habits.membership } else { Membership::Undeclared };
        let resource = ResourceConfig {
            row_prefixes: vec![LIST.into()],
            version: versions.map(|_| "v".into()),
            version_mode: versions.unwrap_or(VersionMode::Coarse),
            channels: kind.channels()[..channels].iter().map(|name| (*name).into()).collect(),
            on: vec![(EVENT.into(), self.reaction), (WHISPER.into(), Reaction::Auto)],
            paging,
            membership,
            consult: membership == Membership::Asked,
            since: kind.since && self.asks_since,
            persist: true,
            ..ResourceConfig::new("products", url)
        };
        ResourceConfig { fingerprint: fingerprint(&resource), ..resource }
    }
}

/// The fingerprint of a declaration, of the values of which the page makes it (`npm/src/cache/fingerprint.ts`).
fn fingerprint(resource: &ResourceConfig) -> Name {
    let ResourceConfig { url, key, version, version_mode, paging, since, membership, on, .. } =
        resource;
    let on: Vec<_> = on.iter().map(|(event, reaction)| (&**event, reaction.name())).collect();
    let values: Value = json!([
        &**url,
        &**key,
        version.as_deref(),
        *version_mode == VersionMode::Strict,
        paging.map(|paging| format!("{paging:?}")),
        since,
        membership.name(),
        on,
    ]);
    values.to_string().into()
}
