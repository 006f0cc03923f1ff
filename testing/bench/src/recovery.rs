//! Who was away gets what it missed: how fast, and what keeping it takes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::frames::{FrameCounter, client_frame};
use crate::load::handshake;
use crate::publisher::Api;
use crate::report::save;
use crate::target::{APP, Target};

const FILE: &str = "target/bench/recovery.json";
/// A channel's name, without its number: public, so that it is joined without a signature.
const CHANNELS: &str = "bench-";
/// Around a payload: the frame's header, the event's and the channel's names, the offset.
const ENVELOPE: usize = 72;
const READ_BUFFER: usize = 256 * 1024;

pub(crate) struct Settings {
    /// Channels that keep history, and events of each.
    pub(crate) channels: usize,
    pub(crate) events: usize,
    /// Bytes of an event's data.
    pub(crate) payload: usize,
    /// Events that are missed each time. All of them must fit in the queue of a connection.
    pub(crate) missed: usize,
    pub(crate) time: Duration,
}

/// Events replayed in some time, and what they cost.
struct Replays {
    name: &'static str,
    events_per_second: f64,
    cpu_per_million: f64,
}

pub(crate) fn run(settings: &Settings) -> Result<()> {
    ensure!(settings.missed <= settings.events, "--missed is at most --events");
    let (held, replays) = echolite(settings)?;
    let floor = floor(settings)?;
    print(settings, held, &[replays, floor])
}

/// Kilobytes of a channel with its history, and the replays of one.
fn echolite(settings: &Settings) -> Result<(f64, Replays)> {
    let target = Target::echolite(&[
        ("ECHOLITE_HISTORY_CHANNELS", format!("{CHANNELS}*")),
        ("ECHOLITE_HISTORY_MAX_EVENTS", settings.events.to_string()),
        ("ECHOLITE_HISTORY_MAX_BYTES", "100000000".to_owned()),
        ("ECHOLITE_HISTORY_MEMORY", "8000000000".to_owned()),
    ])?;
    fill(&target, settings, 0)?;
    let before = target.memory()?;
    for channel in 1..=settings.channels {
        fill(&target, settings, channel)?;
    }
    let held = (target.memory()? - before) as f64 / settings.channels as f64;
    let mut client = Client::join(target.address)?;
    let offset = settings.events - settings.missed;
    let replays =
        measure("echolite", &target, settings, || client.recover(offset, settings.missed))?;
    Ok((held, replays))
}

fn fill(target: &Target, settings: &Settings, channel: usize) -> Result<()> {
    let channel = format!("{CHANNELS}{channel}");
    Api::connect(target.address, &channel, settings.payload)?.publish_all(settings.events)
}

/// As many bytes to one socket, some frames a write.
fn floor(settings: &Settings) -> Result<Replays> {
    /// More than fit in one write of a queue; a byte says how many.
    const AT_ONCE: usize = 200;
    let target = Target::floor(1, settings.payload + ENVELOPE, AT_ONCE)?;
    let mut control = TcpStream::connect(target.address)?;
    control.set_nodelay(true)?;
    let mut socket = TcpStream::connect(target.address)?;
    let asked = vec![AT_ONCE as u8; settings.missed.div_ceil(AT_ONCE)];
    let frames = asked.len() * AT_ONCE;
    let mut buffer = vec![0; READ_BUFFER];
    let settings = Settings { missed: frames, ..*settings };
    measure("floor, 200 frames a write", &target, &settings, || {
        control.write_all(&asked)?;
        count(&mut socket, &mut FrameCounter::default(), &mut buffer, frames)
    })
}

/// Has all that was missed replayed, again and again.
fn measure(
    name: &'static str,
    target: &Target,
    settings: &Settings,
    mut replay: impl FnMut() -> Result<()>,
) -> Result<Replays> {
    replay()?;
    let (began, cpu, mut events) = (Instant::now(), target.cpu()?, 0);
    while began.elapsed() < settings.time {
        replay()?;
        events += settings.missed;
    }
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), target.cpu()? - cpu);
    let events = events as f64;
    Ok(Replays { name, events_per_second: events / seconds, cpu_per_million: cpu / events * 1e6 })
}

/// A connection that speaks the extension.
struct Client {
    socket: TcpStream,
    epoch: String,
    counter: FrameCounter,
    buffer: Vec<u8>,
}

impl Client {
    fn join(address: SocketAddr) -> Result<Self> {
        let mut socket = handshake(address, APP.key, "&echolite=1")?;
        let mut client = Self {
            epoch: String::new(),
            counter: FrameCounter::default(),
            buffer: vec![0; READ_BUFFER],
            socket: socket.try_clone()?,
        };
        let request =
            format!(r#"{{"event":"pusher:subscribe","data":{{"channel":"{CHANNELS}0"}}}}"#);
        socket.write_all(&client_frame(&request))?;
        let length = socket.read(&mut client.buffer)?;
        let confirmed = String::from_utf8_lossy(&client.buffer[..length]).into_owned();
        let epoch = confirmed.split(r#"\"epoch\":\""#).nth(1);
        let epoch = epoch.and_then(|rest| rest.split('\\').next());
        client.epoch = epoch.with_context(|| format!("no position in {confirmed}"))?.to_owned();
        Ok(client)
    }

    /// Leaves, and comes back after `offset`: the confirmation, then what was missed.
    fn recover(&mut self, offset: usize, missed: usize) -> Result<()> {
        let Self { socket, epoch, counter, buffer } = self;
        let leave =
            format!(r#"{{"event":"pusher:unsubscribe","data":{{"channel":"{CHANNELS}0"}}}}"#);
        let recover = format!(r#""recover":{{"epoch":"{epoch}","offset":{offset}}}"#);
        let join = format!(
            r#"{{"event":"pusher:subscribe","data":{{"channel":"{CHANNELS}0",{recover}}}}}"#
        );
        socket.write_all(&[client_frame(&leave), client_frame(&join)].concat())?;
        count(socket, counter, buffer, 1 + missed)
            .with_context(|| format!("{missed} events were not replayed: too many for a queue?"))
    }
}

/// Reads until so many frames have come.
fn count(
    socket: &mut TcpStream,
    counter: &mut FrameCounter,
    buffer: &mut [u8],
    mut frames: usize,
) -> Result<()> {
    while frames > 0 {
        let length = socket.read(buffer)?;
        ensure!(length > 0, "the connection was closed");
        frames = frames.saturating_sub(counter.feed(&buffer[..length]));
    }
    Ok(())
}

fn print(settings: &Settings, held: f64, rows: &[Replays]) -> Result<()> {
    let Settings { events, payload, missed, .. } = settings;
    println!("| replay of {missed} events of {payload} bytes | events/s | CPU-s per million |");
    println!("|---|---|---|");
    for row in rows {
        println!("| {} | {:.0} | {:.2} |", row.name, row.events_per_second, row.cpu_per_million);
    }
    let each = held * 1024.0 / *events as f64;
    println!("\nA channel with {events} events takes {held:.0} kB: {each:.0} bytes an event.");
    let json_of = |row: &Replays| {
        json!({
            "name": row.name,
            "events_per_second": row.events_per_second,
            "cpu_per_million": row.cpu_per_million,
        })
    };
    let rows: Vec<_> = rows.iter().map(json_of).collect();
    save(
        FILE,
        &json!({ "events": events, "payload": payload, "missed": missed,
                        "channel_kilobytes": held, "replays": rows }),
    )
}
