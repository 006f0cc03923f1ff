//! The engine's events as the port's tuples: `onevent(name, …arguments)`.

use crate::{JsPayload, driver::Moment, intern, js};
use echolite_cache::{
    Activity, LiveUpdate, Name, Output, Reaction, ReadRequest, ReadTarget, Status, StatusState,
};
use echolite_core::Output as CoreOutput;
use js_sys::{Array, Function};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Function)]
    type Listener;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn tell1(this: &Listener, to: &JsValue, name: &JsValue, a: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn tell2(
        this: &Listener,
        to: &JsValue,
        name: &JsValue,
        a: &JsValue,
        b: &JsValue,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn tell3(
        this: &Listener,
        to: &JsValue,
        name: &JsValue,
        a: &JsValue,
        b: &JsValue,
        c: &JsValue,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn tell4(
        this: &Listener,
        to: &JsValue,
        name: &JsValue,
        a: &JsValue,
        b: &JsValue,
        c: &JsValue,
        d: &JsValue,
    ) -> Result<(), JsValue>;
}

thread_local!(static EVENT: JsValue = JsValue::from_str("event"));

/// The page's end: its exceptions are reported and stop nothing here.
pub(crate) struct Teller {
    listener: Listener,
}

impl Teller {
    pub(crate) fn new(onevent: Function) -> Self {
        Self { listener: onevent.unchecked_into() }
    }

    /// Tells an output that is told; others are carried out elsewhere.
    pub(crate) fn tell(&self, output: Output<JsPayload>, moment: Moment) {
        match output {
            Output::Core(output) => self.tell_core(output),
            Output::Live(update) => {
                self.two(&intern::js("live"), &update.live.into(), &live(&update));
            }
            Output::Read(request) => {
                self.two(&intern::js("read"), &request.request.into(), &read(&request));
            }
            Output::Consult { request, resource, event, data } => {
                let (resource, event) = (intern::js(&resource), intern::js(&event));
                self.four(&intern::js("consult"), [&request.into(), &resource, &event, &data.0]);
            }
            Output::Got(request, row) => {
                let row = row.map_or(JsValue::UNDEFINED, |row| row.0);
                self.two(&intern::js("got"), &request.into(), &row);
            }
            Output::Rejected { id, message } => self.rejected(id, &message),
            Output::Activity(activity) => self.activity(&activity, moment),
            Output::Load(_) | Output::Commit(..) | Output::ClearStore(_) => {}
        }
    }

    fn tell_core(&self, output: CoreOutput<JsPayload>) {
        match output {
            CoreOutput::Event { channel, event, data, user_id, recovered } => {
                let event = [intern::js(&channel), intern::js(&event), data.0, text(user_id)];
                EVENT.with(|name| self.event(name, &event, recovered));
            }
            CoreOutput::Connection { state, reason, socket_id } => {
                let (state, reason) = (intern::js(state), JsValue::from_str(&reason));
                self.three(&intern::js("connection"), &state, &reason, &text(socket_id));
            }
            CoreOutput::SubscriptionError { channel, kind, status, message } => {
                let (channel, message) = (intern::js(&channel), JsValue::from_str(&message));
                let status = status.map_or(JsValue::UNDEFINED, JsValue::from);
                let told = [&channel, &status, &message, &text(kind)];
                self.four(&intern::js("subscriptionError"), told);
            }
            CoreOutput::Error { code, message } => self.error(code, &message),
            CoreOutput::Authorize { request, channel, socket_id } => {
                let (channel, id) = (intern::js(&channel), JsValue::from_str(&socket_id));
                self.three(&intern::js("authorize"), &request.into(), &channel, &id);
            }
            CoreOutput::Authenticate { request, socket_id } => {
                let id = JsValue::from_str(&socket_id);
                self.two(&intern::js("authenticate"), &request.into(), &id);
            }
            CoreOutput::SignedIn { user_data } => {
                self.one(&intern::js("signedIn"), &JsValue::from_str(&user_data));
            }
            CoreOutput::SignInFailed { status, message } => {
                let status = status.map_or(JsValue::UNDEFINED, JsValue::from);
                self.two(&intern::js("signInFailed"), &status, &JsValue::from_str(&message));
            }
            CoreOutput::Watchlist(data) => self.one(&intern::js("watchlist"), &data.0),
            CoreOutput::OpenSocket(..) | CoreOutput::Send(..) | CoreOutput::CloseSocket(_) => {}
        }
    }

    pub(crate) fn error(&self, code: Option<u16>, message: &str) {
        let code = code.map_or(JsValue::UNDEFINED, JsValue::from);
        self.two(&intern::js("error"), &code, &JsValue::from_str(message));
    }

    /// A bug stopped the engine; nothing follows.
    pub(crate) fn failed(&self, message: &str) {
        self.one(&intern::js("failed"), &JsValue::from_str(message));
    }

    pub(crate) fn rejected(&self, id: u32, message: &str) {
        self.two(&intern::js("rejected"), &id.into(), &JsValue::from_str(message));
    }

    pub(crate) fn inspected(&self, request: u32, facts: &str) {
        let facts = js::parse(&JsValue::from_str(facts)).unwrap_or(JsValue::UNDEFINED);
        self.two(&intern::js("inspected"), &request.into(), &facts);
    }

    pub(crate) fn cleared(&self, request: u32, error: Option<&str>) {
        let error = error.map_or(JsValue::UNDEFINED, JsValue::from_str);
        self.two(&intern::js("cleared"), &request.into(), &error);
    }

    pub(crate) fn activity(&self, activity: &Activity, moment: Moment) {
        self.one(&intern::js("activity"), &self::activity(activity, moment.at));
    }

    fn one(&self, name: &JsValue, a: &JsValue) {
        js::report_failure(self.listener.tell1(&JsValue::UNDEFINED, name, a));
    }

    fn two(&self, name: &JsValue, a: &JsValue, b: &JsValue) {
        js::report_failure(self.listener.tell2(&JsValue::UNDEFINED, name, a, b));
    }

    fn three(&self, name: &JsValue, a: &JsValue, b: &JsValue, c: &JsValue) {
        js::report_failure(self.listener.tell3(&JsValue::UNDEFINED, name, a, b, c));
    }

    /// Most events are live: what is said of the others costs those nothing.
    fn event(&self, name: &JsValue, [a, b, c, d]: &[JsValue; 4], recovered: bool) {
        if recovered {
            let all = Array::of5(name, a, b, c, d);
            all.push(&JsValue::TRUE);
            js::report_failure(self.listener.apply(&JsValue::UNDEFINED, &all).map(|_| ()));
        } else {
            self.four(name, [a, b, c, d]);
        }
    }

    fn four(&self, name: &JsValue, [a, b, c, d]: [&JsValue; 4]) {
        js::report_failure(self.listener.tell4(&JsValue::UNDEFINED, name, a, b, c, d));
    }
}

fn text(text: Option<Name>) -> JsValue {
    text.map_or(JsValue::UNDEFINED, |text| JsValue::from_str(&text))
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
        ("validator", text(request.validator.clone())),
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
        let (id, kind) = (JsValue::from_str(&change.id), intern::js(change.kind));
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

fn activity(activity: &Activity, at: f64) -> JsValue {
    let at = ("at", JsValue::from_f64(at));
    let kind = |kind| ("type", intern::js(kind));
    let of = |resource: &Name| ("resource", intern::js(resource));
    match activity {
        Activity::Event { resource, event, reaction, outcome, detail } => js::object([
            at,
            kind("event"),
            of(resource),
            ("event", intern::js(event)),
            ("reaction", intern::js(reaction_name(*reaction))),
            ("outcome", intern::js(outcome)),
            ("detail", detail.as_deref().map_or(JsValue::UNDEFINED, JsValue::from_str)),
        ]),
        Activity::Read { resource, url, outcome, changed, took } => js::object([
            at,
            kind("read"),
            of(resource),
            ("url", JsValue::from_str(url)),
            ("outcome", intern::js(outcome)),
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
        Activity::Status { resource, from, to } => js::object([
            at,
            kind("status"),
            of(resource),
            ("from", status(from)),
            ("to", status(to)),
        ]),
    }
}

fn reaction_name(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::Auto => "auto",
        Reaction::Refresh => "refresh",
        Reaction::Patch => "patch",
        Reaction::Url => "url",
        Reaction::Ignore => "ignore",
    }
}
