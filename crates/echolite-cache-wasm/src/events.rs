//! The cache's events, as the port's tuples.

use echolite_cache::{
    Activity, LiveUpdate, Name, Output, ReadRequest, ReadTarget, Status, StatusState,
};
use echolite_wasm_support::{EventSink, JsPayload, Moment, intern, js};
use js_sys::Array;
use wasm_bindgen::JsValue;

/// Tells an output of the cache that is told; others are carried out elsewhere.
pub(crate) fn tell(events: &EventSink, output: Output<JsPayload>, moment: Moment) {
    match output {
        Output::Live(update) => {
            events.two(&intern::js("live"), &update.live.into(), &live(&update));
        }
        Output::Read(request) => {
            events.two(&intern::js("read"), &request.request.into(), &read(&request));
        }
        Output::Consult { request, resource, event, data } => {
            let (resource, event) = (intern::js(&resource), intern::js(&event));
            events.four(&intern::js("consult"), [&request.into(), &resource, &event, &data.0]);
        }
        Output::Got(request, row) => {
            let row = row.map_or(JsValue::UNDEFINED, |row| row.0);
            events.two(&intern::js("got"), &request.into(), &row);
        }
        Output::Rejected { id, message } => rejected(events, id, &message),
        Output::Activity(activity) => did(events, &activity, moment),
        Output::Core(_)
        | Output::Load(_)
        | Output::Commit(..)
        | Output::ClearStore(_)
        | Output::LeaveStore => {}
    }
}

/// A command could not be carried out.
pub(crate) fn rejected(events: &EventSink, id: u32, message: &str) {
    events.two(&intern::js("rejected"), &id.into(), &JsValue::from_str(message));
}

/// Stands in for the request where another tab cleared the scope: the page numbers its own from 1.
pub(crate) const OF_ANOTHER_TAB: u32 = 0;

/// Everything of the scope is forgotten, or why not.
pub(crate) fn cleared(events: &EventSink, request: u32, error: Option<&str>) {
    let error = error.map_or(JsValue::UNDEFINED, JsValue::from_str);
    events.two(&intern::js("cleared"), &request.into(), &error);
}

/// The cache did something, at `moment`.
pub(crate) fn did(events: &EventSink, activity: &Activity, moment: Moment) {
    events.one(&intern::js("activity"), &fields(activity, moment.at));
}

fn number(number: u64) -> JsValue {
    JsValue::from_f64(number as f64)
}

fn read(request: &ReadRequest) -> JsValue {
    let target = match request.target {
        // the page reads them the same way
        ReadTarget::List | ReadTarget::Tail | ReadTarget::Page => "list",
        ReadTarget::Since => "since",
        ReadTarget::Row | ReadTarget::Entry => "row",
    };
    js::object([
        ("resource", intern::js(&request.resource)),
        ("target", intern::js(target)),
        ("url", JsValue::from_str(&request.url)),
        ("validator", js::text(request.validator.clone())),
    ])
}

fn live(update: &LiveUpdate<JsPayload>) -> JsValue {
    let splices = Array::new();
    for splice in &update.splices {
        let insert = Array::new();
        for row in &splice.insert {
            insert.push(&row.0);
        }
        splices.push(&js::object([
            ("at", number(splice.at as u64)),
            ("remove", number(splice.remove as u64)),
            ("insert", insert.into()),
        ]));
    }
    let changes = Array::new();
    for change in &update.changes {
        let (id, kind) = (JsValue::from_str(&change.id), intern::js(change.kind.name()));
        changes.push(&js::object([("id", id), ("kind", kind)]));
    }
    js::object([
        ("splices", splices.into()),
        ("changes", changes.into()),
        ("total", number(update.total as u64)),
        ("status", status(&update.status)),
    ])
}

fn status(status: &Status) -> JsValue {
    let (state, reason) = match &status.state {
        StatusState::Empty(reason) => ("empty", Some(reason)),
        StatusState::Stale(reason) => ("stale", Some(reason)),
        StatusState::Fresh => ("fresh", None),
        StatusState::Offline(reason) => ("offline", Some(reason)),
    };
    let detail = reason.and_then(|reason| reason.detail());
    js::object([
        ("state", intern::js(state)),
        ("reason", reason.map_or(JsValue::UNDEFINED, |reason| intern::js(reason.code()))),
        ("detail", detail.map_or(JsValue::UNDEFINED, |detail| JsValue::from_str(&detail))),
        ("asOf", status.as_of.map_or(JsValue::UNDEFINED, |as_of| number(as_of.0))),
    ])
}

fn fields(activity: &Activity, at: f64) -> JsValue {
    let at = ("at", JsValue::from_f64(at));
    let kind = |kind| ("type", intern::js(kind));
    let of = |resource: &Name| ("resource", intern::js(resource));
    match activity {
        Activity::Event { resource, event, reaction, outcome, detail } => js::object([
            at,
            kind("event"),
            of(resource),
            ("event", intern::js(event)),
            ("reaction", intern::js(reaction.name())),
            ("outcome", intern::js(outcome.name())),
            ("detail", detail.as_deref().map_or(JsValue::UNDEFINED, JsValue::from_str)),
        ]),
        Activity::Read { resource, url, outcome, changed, took } => js::object([
            at,
            kind("read"),
            of(resource),
            ("url", JsValue::from_str(url)),
            ("outcome", intern::js(outcome.name())),
            ("changed", number(*changed as u64)),
            ("took", number(*took)),
        ]),
        Activity::Restored { resource, rows } => {
            let rows = ("rows", number(*rows as u64));
            js::object([at, kind("restored"), of(resource), rows])
        }
        Activity::StoreFailed { message } => {
            js::object([at, kind("store-failed"), ("message", JsValue::from_str(message))])
        }
        Activity::Warning { resource, code, values } => js::object([
            at,
            kind("warning"),
            of(resource),
            ("code", intern::js(code.name())),
            (
                "values",
                values.iter().map(|value| JsValue::from_str(value)).collect::<Array>().into(),
            ),
        ]),
        Activity::Status { resource, from, to } => js::object([
            at,
            kind("status"),
            of(resource),
            ("from", status(from)),
            ("to", status(to)),
        ]),
    }
}
