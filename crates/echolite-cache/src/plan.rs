//! Plans: the work that an event asks of a resource, by its reaction and by what it carries.

use percent_encoding::percent_decode_str;

use crate::row_url::{id_in, row_url};
use crate::rows::id_text;
use crate::{Advice, Membership, Name, Payload, Reaction, ResourceConfig, Scalar, Version};

/// The work that one event asks for.
#[derive(Debug)]
pub(crate) enum Plan<P> {
    /// Nothing, for this reason.
    Nothing(&'static str),
    /// Read the list again.
    Refresh,
    /// Change these rows.
    Rows(Vec<RowPlan<P>>),
    /// Read these URLs again.
    Urls(Vec<Name>),
    /// Nothing: all that the event has are tags, of which none is the resource's.
    Untagged,
    /// The event cannot do what its reaction asks: read the list, and say why.
    Misfit(String),
}

/// The work on one row that an event carries.
#[derive(Debug)]
pub(crate) enum RowPlan<P> {
    /// The row as it is now.
    Patch {
        /// The row.
        row: P,
        /// Whether it belongs to the list, where that is declared.
        belongs: Option<bool>,
    },
    /// The row is gone.
    Delete {
        /// Its id.
        id: Name,
        /// The version at which it was deleted.
        version: Option<Version>,
    },
}

/// Chooses the plan for an event; also the reaction it amounts to, for `Auto`.
pub(crate) fn plan<P: Payload>(
    config: &ResourceConfig,
    advice: &Advice<P>,
    data: &P,
) -> (Reaction, Plan<P>) {
    let changes = || changes(config, advice, data);
    let urls = || urls(config, data);
    match advice.reaction {
        Reaction::Ignore => (Reaction::Ignore, Plan::Nothing("the application ignores it")),
        Reaction::Refresh => (Reaction::Refresh, Plan::Refresh),
        Reaction::Patch => (
            Reaction::Patch,
            changes().map_or_else(
                || {
                    Plan::Misfit(format!(
                        "no row at '{}' and no id at '{}'",
                        config.row_path, config.deleted_path
                    ))
                },
                Plan::Rows,
            ),
        ),
        Reaction::Url => (
            Reaction::Url,
            urls().map_or_else(
                || Plan::Misfit(format!("no URL at '{}', nor tags", config.url_path)),
                named,
            ),
        ),
        Reaction::Auto => match changes() {
            Some(changes) => (Reaction::Patch, Plan::Rows(changes)),
            None => match urls() {
                Some(urls) => (Reaction::Url, named(urls)),
                None => (Reaction::Refresh, Plan::Refresh),
            },
        },
    }
}

/// The rows an event carries: under `row_path`, or as the application made them; deletions under
/// `deleted_path`: `true` (the row, or an id beside it), an id, a row, or a list of those.
fn changes<P: Payload>(
    config: &ResourceConfig,
    advice: &Advice<P>,
    data: &P,
) -> Option<Vec<RowPlan<P>>> {
    let row = advice.row.clone().or_else(|| data.at(&config.row_path));
    let row = row.filter(|row| row.is_object() || row.items().is_some());
    let deleted = data.at(&config.deleted_path);
    if advice.deleted {
        return deletions(config, &row.unwrap_or_else(|| data.clone()));
    }
    match deleted.as_ref().map(Payload::scalar) {
        Some(Scalar::Bool(true)) => {
            let from = row.unwrap_or_else(|| data.clone());
            deletions(config, &from)
        }
        Some(Scalar::Text(_) | Scalar::Number(_) | Scalar::Other) => deletions(config, &deleted?),
        _ => {
            let row = row?;
            let rows = row.items().unwrap_or_else(|| vec![row]);
            let all = config.membership == Membership::All;
            let belongs = |at| advice.belongs.get(at).copied().or(all.then_some(true));
            let patch = |(at, row)| RowPlan::Patch { row, belongs: belongs(at) };
            Some(rows.into_iter().enumerate().map(patch).collect())
        }
    }
}

fn deletions<P: Payload>(config: &ResourceConfig, what: &P) -> Option<Vec<RowPlan<P>>> {
    let one = |what: &P| {
        let (id, version) = if what.is_object() {
            let version = config.version.as_ref().and_then(|path| Version::of(what.leaf(path)));
            (what.leaf(&config.key), version)
        } else {
            (what.scalar(), None)
        };
        Some(RowPlan::Delete { id: id_text(&id)?, version })
    };
    match what.items() {
        Some(items) => items.iter().map(one).collect(),
        None => Some(vec![one(what)?]),
    }
}

/// The URLs that an event names, itself or by tags; `None` where it names neither.
fn urls<P: Payload>(config: &ResourceConfig, data: &P) -> Option<Vec<Name>> {
    let urls = texts(data, &config.url_path);
    let tags = texts(data, &config.tags_path).filter(|_| !config.tags.is_empty());
    if urls.is_none() && tags.is_none() {
        return None;
    }
    let mut urls = urls.unwrap_or_default();
    for url in tags.iter().flatten().filter_map(|tag| tagged(config, tag)) {
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    Some(urls)
}

fn named<P>(urls: Vec<Name>) -> Plan<P> {
    if urls.is_empty() { Plan::Untagged } else { Plan::Urls(urls) }
}

/// A text, or several.
fn texts<P: Payload>(data: &P, path: &str) -> Option<Vec<Name>> {
    let at = data.at(path)?;
    let text = |value: &P| match value.scalar() {
        Scalar::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    };
    match at.items() {
        Some(items) => items.iter().map(text).collect(),
        None => Some(vec![text(&at)?]),
    }
}

/// The URL that a tag stands for: the list's, or that of the row whose id is where the resource's own tag has
/// `{id}`. `None` for a tag of another resource.
fn tagged(config: &ResourceConfig, tag: &str) -> Option<Name> {
    config.tags.iter().find_map(|own| match own.split_once("{id}") {
        None => (**own == *tag).then(|| config.url.clone()),
        Some((before, after)) => {
            let id = tag.strip_prefix(before)?.strip_suffix(after)?;
            let url = || row_url(config, id).unwrap_or_else(|| config.url.clone());
            (!id.is_empty()).then(url)
        }
    })
}

/// The part of a resource that a URL means, which an event named.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// One row: the absolute URL, and the id in it.
    Row {
        /// Absolute.
        url: Name,
        /// The last part of the path.
        id: Name,
    },
    /// The list itself, or nothing known: the list is to be read.
    List,
    /// Another site's, which is never read because an event says so (rule 15).
    Foreign,
}

/// Resolves a URL that an event named. Only URLs under the declared prefixes are read.
pub(crate) fn target(config: &ResourceConfig, url: &str) -> Target {
    let origin = origin(&config.url);
    let absolute: Name = match url.strip_prefix('/') {
        Some(rest) if !rest.starts_with('/') => format!("{origin}{url}").into(),
        _ => url.into(),
    };
    let inside = absolute.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/'));
    if !inside || absolute.contains("..") || absolute.contains('\\') {
        return Target::Foreign;
    }
    for prefix in &config.row_prefixes {
        if let Some(id) = id_in(prefix, &absolute)
            && let Ok(id) = String::from_utf8(percent_decode_str(id).collect())
        {
            return Target::Row { id: id.into(), url: absolute.clone() };
        }
    }
    Target::List
}

/// `https://host:port` of an absolute URL.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |at| host + at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(origin: &str) -> ResourceConfig {
        let row_prefixes = vec![format!("{origin}/api/rows").into()];
        ResourceConfig { row_prefixes, ..ResourceConfig::new("rows", format!("{origin}/api/rows")) }
    }

    #[test]
    fn only_urls_of_the_resources_own_site_are_read() {
        for origin in ["http://a", "https://shop.test", "https://shop.test:8443"] {
            let config = config(origin);
            let row = Target::Row { url: format!("{origin}/api/rows/7").into(), id: "7".into() };
            assert_eq!(target(&config, "/api/rows/7"), row);
            assert_eq!(target(&config, &format!("{origin}/api/rows/7")), row);
            assert_eq!(target(&config, "/api/rows"), Target::List);
            assert_eq!(target(&config, "/elsewhere"), Target::List);
            for foreign in [
                "//evil.test/api/rows/7".to_owned(),
                "https://evil.test/api/rows/7".to_owned(),
                format!("{origin}.evil.test/api/rows/7"),
                "/api/rows/../../account".to_owned(),
                "/\\evil.test/7".to_owned(),
                "api/rows/7".to_owned(),
                String::new(),
            ] {
                assert_eq!(target(&config, &foreign), Target::Foreign, "{foreign}");
            }
        }
    }
}
