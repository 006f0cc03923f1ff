//! The protocol's frames: JSON in JSON.

use crate::{JsPayload, intern, js, wire};
use echolite_core::{ClientFrame, Frame, Name, Position, SocketInput};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// A frame parsed: read through getters, because each frame passes here.
    type ServerFrame;

    #[wasm_bindgen(method, getter)]
    fn event(this: &ServerFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn channel(this: &ServerFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn data(this: &ServerFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn user_id(this: &ServerFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn offset(this: &ServerFrame) -> JsValue;
}

/// What a message's data says. Its `data` is parsed where it is a string of JSON, and left where not.
pub(crate) fn decode(message: &JsValue) -> SocketInput<JsPayload> {
    let Ok(frame) = js::parse(message) else { return SocketInput::Malformed };
    if !frame.is_object() {
        return SocketInput::Malformed;
    }
    let frame: ServerFrame = frame.unchecked_into();
    let Some(event) = intern::name(&frame.event()) else { return SocketInput::Malformed };
    let data = frame.data();
    let data = if data.is_string() { js::parse(&data).unwrap_or(data) } else { data };
    SocketInput::Frame(Frame {
        event,
        channel: intern::name(&frame.channel()),
        data: JsPayload(data),
        // ids of users are as many as users: not to be kept
        user_id: frame.user_id().as_string().map(Name::from),
        offset: wire::whole(&frame.offset()),
    })
}

/// The text of a frame to the server. Fails where an application's data has no JSON (a cycle).
pub(crate) fn encode(frame: &ClientFrame<JsPayload>) -> Result<JsValue, JsValue> {
    let frame = match frame {
        ClientFrame::Ping => envelope("pusher:ping", js::object([])),
        ClientFrame::Pong => envelope("pusher:pong", js::object([])),
        ClientFrame::Subscribe { channel, auth, channel_data, recover } => {
            let data = [
                ("channel", intern::js(channel)),
                ("auth", optional(auth.as_ref())),
                ("channel_data", optional(channel_data.as_ref())),
                ("recover", recover.as_ref().map_or(JsValue::UNDEFINED, position)),
            ];
            envelope("pusher:subscribe", js::object(data))
        }
        ClientFrame::SignIn { auth, user_data } => {
            let data = [("auth", optional(Some(auth))), ("user_data", optional(Some(user_data)))];
            envelope("pusher:signin", js::object(data))
        }
        ClientFrame::Unsubscribe(channel) => {
            envelope("pusher:unsubscribe", js::object([("channel", intern::js(channel))]))
        }
        ClientFrame::Event { channel, event, data } => js::object([
            ("event", intern::js(event)),
            ("channel", intern::js(channel)),
            ("data", data.0.clone()),
        ]),
    };
    js::stringify(&frame)
}

fn envelope(event: &str, data: JsValue) -> JsValue {
    js::object([("event", intern::js(event)), ("data", data)])
}

fn position(Position { epoch, offset }: &Position) -> JsValue {
    let offset = JsValue::from_f64(*offset as f64);
    js::object([("epoch", JsValue::from_str(epoch)), ("offset", offset)])
}

fn optional(text: Option<&Name>) -> JsValue {
    text.map_or(JsValue::UNDEFINED, |text| JsValue::from_str(text))
}
