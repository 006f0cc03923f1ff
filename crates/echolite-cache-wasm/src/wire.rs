//! The page's words about the cache, as Rust types. Shapes are those of `npm/src/engine/port.ts`; what does not fit
//! them is answered with what was expected.

use echolite_cache::{
    Advice, Condition, Config, FieldType, Head, Membership, Name, Order, Paging, Payload, Query,
    Reaction, ReadFailure, ReadReply, ResourceConfig, Scalar, VersionMode, id_text,
};
use echolite_wasm_support::{
    JsPayload, intern,
    js::field,
    wire::{self, Expected, duration, expected, failure, list, name, whole},
};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

/// The database of a scope, and the build of the application that uses it, where it says one.
pub(crate) struct Database {
    pub(crate) name: String,
    pub(crate) build: Option<f64>,
}

/// `EngineConfig`, and its database.
pub(crate) fn config(value: &JsValue) -> Result<(Config, Option<Database>), Expected> {
    let build = field(value, "build").as_f64();
    let database = field(value, "database").as_string().map(|name| Database { name, build });
    let default = Config::default();
    let config = Config {
        core: wire::config(value)?,
        poll_interval: duration(value, "pollInterval", default.poll_interval)?,
        verify_interval: duration(value, "verifyInterval", default.verify_interval)?,
        read_timeout: duration(value, "readTimeout", default.read_timeout)?,
        persist: database.is_some(),
    };
    Ok((config, database))
}

/// `WireResource`.
pub(crate) fn resource(value: &JsValue) -> Result<ResourceConfig, Expected> {
    let text = |field_name| name(&field(value, field_name), field_name);
    let names = |field_name| {
        let list = list(value, field_name)?;
        list.iter().map(|each| name(&each, field_name)).collect::<Result<Vec<_>, _>>()
    };
    let on = |entry: JsValue| {
        let entry: Array = entry.dyn_into().map_err(|_| expected("on", "pairs"))?;
        Ok::<_, Expected>((name(&entry.get(0), "on")?, reaction(&entry.get(1))?))
    };
    let strict = field(value, "strict").is_truthy();
    Ok(ResourceConfig {
        name: text("name")?,
        fingerprint: text("fingerprint")?,
        url: text("url")?,
        row_prefixes: names("rowPrefixes")?,
        key: text("key")?,
        version: intern::name(&field(value, "version")),
        version_mode: if strict { VersionMode::Strict } else { VersionMode::Coarse },
        channels: names("channels")?,
        on: list(value, "on")?.iter().map(on).collect::<Result<_, _>>()?,
        indexes: names("indexes")?,
        index_types: list(value, "indexTypes")?.iter().map(index_type).collect::<Result<_, _>>()?,
        row_path: text("rowField")?,
        deleted_path: text("deletedField")?,
        head_path: text("headField")?,
        since: field(value, "since").is_truthy(),
        url_path: text("urlField")?,
        tags_path: text("tagField")?,
        tags: names("tags")?,
        merge: field(value, "merge").is_truthy(),
        membership: membership(&field(value, "belongs"))?,
        paging: paging(&field(value, "page"))?,
        append: intern::name(&field(value, "append")),
        consult: field(value, "consult").is_truthy(),
        persist: field(value, "persist").is_truthy(),
        schema: whole(&field(value, "schema"))
            .and_then(|schema| u32::try_from(schema).ok())
            .ok_or_else(|| expected("schema", "a whole number"))?,
    })
}

fn index_type(entry: JsValue) -> Result<(Name, FieldType), Expected> {
    let entry: Array = entry.dyn_into().map_err(|_| expected("indexTypes", "pairs"))?;
    let kind = entry.get(1).as_string().and_then(|kind| FieldType::of(&kind));
    let kind = kind.ok_or_else(|| expected("indexTypes", "number, date or text"))?;
    Ok((name(&entry.get(0), "indexTypes")?, kind))
}

fn membership(value: &JsValue) -> Result<Membership, Expected> {
    match value.as_string().as_deref() {
        Some("all") => Ok(Membership::All),
        Some("function") => Ok(Membership::Asked),
        None if value.is_undefined() => Ok(Membership::Undeclared),
        _ => Err(expected("belongs", "all or function")),
    }
}

fn paging(value: &JsValue) -> Result<Option<Paging>, Expected> {
    match value.as_string().as_deref() {
        Some("number") => Ok(Some(Paging::Number)),
        Some("cursor") => Ok(Some(Paging::Cursor)),
        None if value.is_undefined() => Ok(None),
        _ => Err(expected("page", "number or cursor")),
    }
}

/// `WireQuery`.
pub(crate) fn query(value: &JsValue) -> Result<Query, Expected> {
    let order = |entry: JsValue| {
        let entry: Array = entry.dyn_into().map_err(|_| expected("order", "pairs"))?;
        let descending = entry.get(1).is_truthy();
        Ok::<_, Expected>(Order { path: name(&entry.get(0), "order")?, descending })
    };
    let size = |name, value: JsValue| {
        whole(&value).map(|size| size as usize).ok_or_else(|| expected(name, "a whole number"))
    };
    let limit = field(value, "limit");
    Ok(Query {
        conditions: list(value, "conditions")?
            .iter()
            .map(|entry| condition(&entry))
            .collect::<Result<_, _>>()?,
        order: list(value, "order")?.iter().map(order).collect::<Result<_, _>>()?,
        offset: size("offset", field(value, "offset"))?,
        limit: if limit.is_undefined() { None } else { Some(size("limit", limit)?) },
    })
}

fn condition(entry: &JsValue) -> Result<(Name, Condition), Expected> {
    let Some(entry) = entry.dyn_ref::<Array>() else {
        return Err(expected("conditions", "triples of path, condition and operand"));
    };
    let (path, operand) = (name(&entry.get(0), "conditions")?, entry.get(2));
    let kind = name(&entry.get(1), "conditions")?;
    let condition = match &*kind {
        "equals" => Condition::Equals(leaf(operand)?),
        "differs" => Condition::Differs(leaf(operand)?),
        "less" => Condition::Less(leaf(operand)?),
        "atMost" => Condition::AtMost(leaf(operand)?),
        "greater" => Condition::Greater(leaf(operand)?),
        "atLeast" => Condition::AtLeast(leaf(operand)?),
        "contains" => Condition::Contains(
            operand.as_string().ok_or_else(|| expected("contains", "a string"))?.into(),
        ),
        "oneOf" => match operand.dyn_ref::<Array>() {
            Some(leaves) => Condition::OneOf(leaves.iter().map(leaf).collect::<Result<_, _>>()?),
            None => return Err(expected("oneOf", "a list of values")),
        },
        unknown => {
            let known = "equals, differs, oneOf, less, atMost, greater, atLeast or contains";
            return Err(["'", unknown, "' is no condition: it must be ", known].concat());
        }
    };
    Ok((path, condition))
}

fn leaf(value: JsValue) -> Result<Scalar, Expected> {
    match JsPayload(value).scalar() {
        Scalar::Other => {
            Err(expected("the operand of a condition", "a string, number, boolean or null"))
        }
        leaf => Ok(leaf),
    }
}

/// The age of a `ReadReply`, where it has one.
pub(crate) fn age(value: &JsValue) -> Option<u64> {
    whole(&field(value, "age"))
}

/// `ReadReply`; one that does not fit is a failure that says so.
pub(crate) fn read_reply(value: &JsValue) -> Result<ReadReply<JsPayload>, ReadFailure> {
    let head = field(value, "head").as_string().and_then(|head| Head::parse(&head));
    let items = |name| JsPayload(field(value, name)).items().ok_or_else(|| unreadable(name));
    let text = |name| field(value, name).as_string().map(Name::from);
    match field(value, "kind").as_string().as_deref() {
        Some("notModified") => Ok(ReadReply::NotModified { head }),
        Some("gone") => Ok(ReadReply::Gone),
        Some("row") => {
            let row = JsPayload(field(value, "row"));
            Ok(ReadReply::Row { row, validator: text("validator"), head })
        }
        Some("list") => {
            Ok(ReadReply::List { rows: items("rows")?, validator: text("validator"), head })
        }
        Some("page") => {
            let (rows, validator) = (items("rows")?, text("validator"));
            Ok(ReadReply::Page { rows, validator, head, next: text("next") })
        }
        Some("since") => Ok(ReadReply::Since {
            changed: items("changed")?,
            deleted: items("deleted")?
                .iter()
                .map(|deleted| id_text(&deleted.scalar()).ok_or_else(|| unreadable("deleted")))
                .collect::<Result<_, _>>()?,
            head: head.ok_or_else(|| unreadable("head"))?,
        }),
        Some("failed") => {
            let (status, message, retry_after) = failure(value);
            Err(ReadFailure { status, message, retry_after })
        }
        _ => Err(unreadable("kind")),
    }
}

fn unreadable(field: &str) -> ReadFailure {
    let message = ["the answer's '", field, "' is missing, or not what it must be"].concat();
    ReadFailure { status: None, message, retry_after: None }
}

/// `WireAdvice`.
pub(crate) fn advice(value: &JsValue) -> Result<Advice<JsPayload>, Expected> {
    let row = field(value, "row");
    Ok(Advice {
        reaction: reaction(&field(value, "reaction"))?,
        row: (!row.is_undefined()).then_some(JsPayload(row)),
        deleted: field(value, "deleted").is_truthy(),
        belongs: match field(value, "belongs").dyn_ref::<Array>() {
            Some(each) => each.iter().map(|one| one.is_truthy()).collect(),
            None => Vec::new(),
        },
    })
}

fn reaction(value: &JsValue) -> Result<Reaction, Expected> {
    let named = value.as_string().and_then(|name| Reaction::of(&name));
    named.ok_or_else(|| {
        let names: Vec<&str> = Reaction::ALL.iter().map(|reaction| reaction.name()).collect();
        expected("a reaction", &["one of ", &names.join(", ")].concat())
    })
}
