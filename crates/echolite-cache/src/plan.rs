//! Plans: the work that an event asks of a resource, by its reaction and by what it carries.

use percent_encoding::percent_decode_str;

use crate::row_url::{id_in, row_url};
use crate::rows::{AN_ID, id_text, shown_id};
use crate::{Advice, Membership, Name, Payload, Reaction, ResourceConfig, Scalar, Version};

/// The work that one event asks for.
#[derive(Debug)]
pub(crate) enum Plan<P> {
    /// Nothing, for this reason.
    Nothing(&'static str),
    /// Read the list again.
    Refresh,
    /// Everything that the event carries.
    Work(Work<P>),
    /// Nothing: all that the event has are tags, of which none is the resource's.
    Untagged,
    /// The event cannot do what its reaction asks: read the list, and say why.
    Misfit(String),
}

/// The rows and URLs that an event carries: at least one.
#[derive(Debug)]
pub(crate) struct Work<P> {
    /// Change these rows.
    pub(crate) rows: Vec<RowPlan<P>>,
    /// Read these URLs again.
    pub(crate) urls: Vec<Name>,
    /// The fault of something that is of no use: the list must be read, too.
    pub(crate) misfit: Option<Name>,
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

impl<P: Payload> RowPlan<P> {
    fn is_of(&self, config: &ResourceConfig, of: &Name) -> bool {
        match self {
            Self::Patch { row, .. } => id_text(&row.leaf(&config.key)).as_ref() == Some(of),
            Self::Delete { id, .. } => id == of,
        }
    }
}

/// Chooses the plan for an event; also the reaction it amounts to, for `Auto`.
pub(crate) fn plan<P: Payload>(
    config: &ResourceConfig,
    advice: &Advice<P>,
    data: &P,
) -> (Reaction, Plan<P>) {
    let mut found = Found::default();
    match advice.reaction {
        Reaction::Ignore => {
            return (Reaction::Ignore, Plan::Nothing("the application ignores it"));
        }
        Reaction::Refresh => return (Reaction::Refresh, Plan::Refresh),
        Reaction::Patch => found.rows(config, advice, data),
        Reaction::Url => found.urls(config, data),
        Reaction::Auto => {
            found.rows(config, advice, data);
            // where the data themselves are the row, what is called `url` in them is the row's
            if found.rows.is_empty() || !config.row_path.is_empty() {
                found.urls(config, data);
            }
        }
    }
    found.pass_over_urls_of_rows(config);
    let Found { rows, urls, misfit, has_tags } = found;
    let reaction = match advice.reaction {
        Reaction::Auto if !rows.is_empty() => Reaction::Patch,
        Reaction::Auto if !urls.is_empty() || (has_tags && misfit.is_none()) => Reaction::Url,
        Reaction::Auto => Reaction::Refresh,
        declared => declared,
    };
    let plan = match reaction {
        _ if !rows.is_empty() || !urls.is_empty() => Plan::Work(Work { rows, urls, misfit }),
        _ if let Some(misfit) = misfit => Plan::Misfit(format!("its {misfit}")),
        Reaction::Patch => Plan::Misfit(format!(
            "no row at '{}' and no id at '{}'",
            config.row_path, config.deleted_path
        )),
        Reaction::Url if has_tags => Plan::Untagged,
        Reaction::Url => Plan::Misfit(format!("no URL at '{}', nor tags", config.url_path)),
        _ => Plan::Refresh,
    };
    (reaction, plan)
}

/// Rows, URLs and tags found in an event. Values that mean nothing (none, `null`, `false`, an empty text or list) are passed over:
/// an event with nothing else leads to a read.
struct Found<P> {
    rows: Vec<RowPlan<P>>,
    urls: Vec<Name>,
    /// It names tags, be they of others.
    has_tags: bool,
    misfit: Option<Name>,
}

impl<P> Default for Found<P> {
    fn default() -> Self {
        Self { rows: Vec::new(), urls: Vec::new(), has_tags: false, misfit: None }
    }
}

impl<P: Payload> Found<P> {
    /// The rows an event carries: under `row_path`, or as the application made them; deletions under `deleted_path`:
    /// `true` (the row, or an id beside it), an id, a row, or a list of those.
    fn rows(&mut self, config: &ResourceConfig, advice: &Advice<P>, data: &P) {
        let row = advice.row.clone().or_else(|| data.at(&config.row_path));
        let row = row.filter(|row| !is_empty(row));
        let of_row = || row.clone().unwrap_or_else(|| data.clone());
        let deleted = data.at(&config.deleted_path).filter(|deleted| !is_empty(deleted));
        match deleted {
            _ if advice.deleted => return self.delete(config, &of_row()),
            None => {}
            Some(deleted) => match deleted.scalar() {
                Scalar::Bool(_) => return self.delete(config, &of_row()),
                leaf if is_word_for_truth(&leaf, row.is_some() || has_id(config, data)) => {
                    self.misfit = misfit(&config.deleted_path, &leaf, "true, an id, or a row");
                    return;
                }
                _ => self.delete(config, &deleted),
            },
        }
        let Some(row) = row else { return };
        let alone = || row.is_object().then(|| vec![row.clone()]);
        let Some(rows) = row.items().or_else(alone) else {
            self.misfit = misfit(&config.row_path, &row.scalar(), "a row, or several");
            return;
        };
        let all = config.membership == Membership::All;
        for (at, row) in rows.into_iter().enumerate() {
            let belongs = advice.belongs.get(at).copied().or(all.then_some(true));
            if !self.deletes(config, &row) {
                self.rows.push(RowPlan::Patch { row, belongs });
            }
        }
    }

    fn delete(&mut self, config: &ResourceConfig, what: &P) {
        for one in what.items().unwrap_or_else(|| vec![what.clone()]) {
            let (id, version) = if one.is_object() {
                (one.leaf(&config.key), version(config, &one))
            } else {
                (one.scalar(), None)
            };
            match id_text(&id) {
                Some(id) => self.rows.push(RowPlan::Delete { id, version }),
                None => self.misfit = misfit(&config.deleted_path, &id, AN_ID),
            }
        }
    }

    /// Whether this row is among those that are deleted: then it tells the version at which it was.
    fn deletes(&mut self, config: &ResourceConfig, row: &P) -> bool {
        let Some(of) = id_text(&row.leaf(&config.key)) else { return false };
        self.rows.iter_mut().any(|plan| match plan {
            RowPlan::Delete { id, version: at } if *id == of => {
                *at = at.take().or_else(|| version(config, row));
                true
            }
            _ => false,
        })
    }

    /// The URLs that an event names, itself or by tags.
    fn urls(&mut self, config: &ResourceConfig, data: &P) {
        for url in self.texts(data, &config.url_path) {
            self.url(url);
        }
        if config.tags.is_empty() {
            return; // what is called so are data
        }
        let tags = self.texts(data, &config.tags_path);
        self.has_tags = !tags.is_empty();
        for url in tags.iter().filter_map(|tag| tagged(config, tag)) {
            self.url(url);
        }
    }

    /// Drops the URLs of rows that the event carries itself: they would tell the same.
    fn pass_over_urls_of_rows(&mut self, config: &ResourceConfig) {
        let Self { rows, urls, .. } = self;
        if !rows.is_empty() {
            urls.retain(|url| match target(config, url) {
                Target::Row { id, .. } => !rows.iter().any(|row| row.is_of(config, &id)),
                Target::List | Target::Foreign => true,
            });
        }
    }

    fn url(&mut self, url: Name) {
        if !self.urls.contains(&url) {
            self.urls.push(url);
        }
    }

    /// A text, or several.
    fn texts(&mut self, data: &P, path: &Name) -> Vec<Name> {
        let at = data.at(path).filter(|at| !is_empty(at));
        let values = at.map(|at| at.items().unwrap_or_else(|| vec![at])).unwrap_or_default();
        let mut texts = Vec::new();
        for value in values {
            match value.scalar() {
                Scalar::Text(text) if !text.is_empty() => texts.push(text),
                other => self.misfit = misfit(path, &other, "a text, or several"),
            }
        }
        texts
    }
}

/// The fault of what stands at a path of an event.
fn misfit(path: &Name, found: &Scalar, expected: &str) -> Option<Name> {
    Some(format!("'{path}' is {}; expected {expected}", shown_id(found)).into())
}

/// Whether a value means nothing.
fn is_empty<P: Payload>(value: &P) -> bool {
    match value.scalar() {
        Scalar::Null | Scalar::Bool(false) => true,
        Scalar::Text(text) => text.is_empty(),
        Scalar::Other => value.items().is_some_and(|items| items.is_empty()),
        Scalar::Bool(true) | Scalar::Number(_) => false,
    }
}

/// What languages write for truths and for nothing. An id of these letters costs a read.
const WORDS: [&str; 8] = ["0", "true", "false", "yes", "no", "null", "none", "undefined"];

/// Whether a deletion mark is a truth in other words: `0`, `'false'`. `1` is one if a row or an id stands beside it,
/// which `true` would mean; else it is an id.
fn is_word_for_truth(mark: &Scalar, beside: bool) -> bool {
    match mark {
        Scalar::Number(number) => *number == 0.0 || (*number == 1.0 && beside),
        Scalar::Text(text) if &**text == "1" => beside,
        Scalar::Text(text) => WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)),
        _ => false,
    }
}

fn has_id<P: Payload>(config: &ResourceConfig, data: &P) -> bool {
    id_text(&data.leaf(&config.key)).is_some()
}

fn version<P: Payload>(config: &ResourceConfig, row: &P) -> Option<Version> {
    config.version.as_ref().and_then(|path| Version::of(row.leaf(path)))
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
    use echolite_core::json::Json;
    use serde_json::{Value, json};

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

    #[test]
    fn an_empty_text_among_urls_is_of_no_use() {
        let data = Json::from(json!({ "url": ["/api/rows/7", ""] }));
        let advice = Advice::declared(Reaction::Url);
        let (_, plan) = plan(&config("https://shop.test"), &advice, &data);
        let Plan::Work(Work { urls, misfit, .. }) = plan else { panic!("{plan:?}") };
        let fault = "'url' is ''; expected a text, or several";
        assert_eq!((urls, misfit.as_deref()), (vec!["/api/rows/7".into()], Some(fault)));
    }

    fn planned(advice: &Advice<Json>, data: Value) -> Plan<Json> {
        plan(&config("https://shop.test"), advice, &Json::from(data)).1
    }

    /// The ids that a plan deletes; it does nothing else with rows.
    fn deletes(plan: &Plan<Json>) -> Vec<&str> {
        let Plan::Work(Work { rows, .. }) = plan else { panic!("{plan:?}") };
        let mut ids = Vec::new();
        for row in rows {
            let RowPlan::Delete { id, .. } = row else { panic!("{row:?}") };
            ids.push(&**id);
        }
        ids
    }

    #[test]
    fn a_word_for_truth_is_not_the_id_of_a_deleted_row() {
        let patch = Advice::declared(Reaction::Patch);
        for word in ["0", "TRUE", "no", "undefined"] {
            for data in [json!({ "deleted": word }), json!({ "deleted": word, "id": 7 })] {
                assert!(matches!(planned(&patch, data), Plan::Misfit(_)), "{word}");
            }
        }
        assert_eq!(deletes(&planned(&patch, json!({ "deleted": "1" }))), ["1"]);
        let beside = planned(&patch, json!({ "deleted": "1", "id": 7 }));
        assert!(matches!(beside, Plan::Misfit(_)), "{beside:?}");
    }

    #[test]
    fn a_row_that_the_application_says_is_deleted_is() {
        let advice = Advice { deleted: true, ..Advice::declared(Reaction::Auto) };
        for data in [json!({ "client_refresh": { "id": 7 } }), json!({ "id": 7 })] {
            assert_eq!(deletes(&planned(&advice, data)), ["7"]);
        }
    }

    #[test]
    fn the_url_of_a_row_that_the_event_deletes_is_not_read() {
        let urls = json!(["/api/rows/7", "/api/rows/8"]);
        let auto = Advice::declared(Reaction::Auto);
        let plan = planned(&auto, json!({ "deleted": 7, "url": urls }));
        assert_eq!(deletes(&plan), ["7"]);
        let Plan::Work(Work { urls, .. }) = plan else { panic!("{plan:?}") };
        assert_eq!(urls, [Name::from("/api/rows/8")]);
    }
}
