//! One event to many subscribers: as fast as it goes, and twenty times a second.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::load::{CHANNEL, Load};
use crate::publisher::{Api, Publisher};
use crate::report::{Row, print};
use crate::target::Target;

/// Events that may be on their way at once. Enough to keep the server busy, too few to fill its queues.
const WINDOW: usize = 40;
/// The HTTP API takes ten events in a batch.
const BATCH: u8 = 10;
const WARM_UP: Duration = Duration::from_secs(1);
/// Longest silence while something is on its way.
const PATIENCE: Duration = Duration::from_secs(5);
const PACE: Duration = Duration::from_millis(50);
/// Around a payload: the frame's header, the event's and the channel's names.
const ENVELOPE: usize = 56;

pub(crate) struct Settings {
    pub(crate) subscribers: Vec<usize>,
    pub(crate) time: Duration,
    /// Bytes of an event's data.
    pub(crate) payload: usize,
}

pub(crate) fn run(settings: &Settings) -> Result<()> {
    raise_file_limit();
    let mut rows = Vec::new();
    for &subscribers in &settings.subscribers {
        for batch in [1, BATCH] {
            rows.push(echolite(settings, subscribers, batch)?);
        }
        for per_write in [1, 2] {
            rows.push(floor(settings, subscribers, per_write)?);
        }
    }
    print(&rows)
}

/// Both ends of a connection may be files of one limit; where it cannot be raised, connecting says so.
fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
}

fn echolite(settings: &Settings, subscribers: usize, batch: u8) -> Result<Row> {
    let target = Target::echolite(&[])?;
    let before = target.memory()?;
    let load = Load::join(target.address, crate::target::APP.key, subscribers)?;
    let idle = (target.memory()? - before) as f64 / subscribers as f64;
    let publisher =
        Publisher::Http(Box::new(Api::connect(target.address, CHANNEL, settings.payload)?));
    let run = Run { target: &target, load, publisher, subscribers, batch, frames_of_one: 1 };
    let name =
        if batch == 1 { "echolite, an event a request" } else { "echolite, ten events a request" };
    let mut row = run.measure(name, settings.time)?;
    row.idle_kilobytes = Some(idle);
    Ok(row)
}

fn floor(settings: &Settings, subscribers: usize, per_write: usize) -> Result<Row> {
    let target = Target::floor(subscribers, settings.payload + ENVELOPE, per_write)?;
    let publisher = Publisher::Floor(TcpStream::connect(target.address)?);
    let load = Load::connect(target.address, subscribers)?;
    let name = if per_write == 1 { "floor, a write each" } else { "floor, two frames a write" };
    // Asked for one event it writes once, too.
    let run = Run {
        target: &target,
        load,
        publisher,
        subscribers,
        batch: BATCH,
        frames_of_one: per_write,
    };
    run.measure(name, settings.time)
}

struct Run<'a> {
    target: &'a Target,
    load: Load,
    publisher: Publisher,
    subscribers: usize,
    /// Events in one request while saturated.
    batch: u8,
    /// Frames to each subscriber when one event is asked for.
    frames_of_one: usize,
}

/// Deliveries in some time, and what they cost.
struct Phase {
    deliveries: usize,
    seconds: f64,
    cpu: f64,
}

impl Phase {
    fn cpu_per_million(&self) -> f64 {
        self.cpu / self.deliveries as f64 * 1e6
    }
}

impl Run<'_> {
    fn measure(mut self, name: &str, time: Duration) -> Result<Row> {
        self.saturate(WARM_UP)?;
        let saturated = self.saturate(time)?;
        let (paced, mut latencies) = self.pace(time)?;
        latencies.sort_unstable();
        let percentile =
            |part: usize| latencies[(latencies.len() - 1) * part / 100].as_secs_f64() * 1e3;
        Ok(Row {
            name: name.to_owned(),
            subscribers: self.subscribers,
            deliveries_per_second: saturated.deliveries as f64 / saturated.seconds,
            cpu_per_million: saturated.cpu_per_million(),
            paced_cpu_per_million: paced.cpu_per_million(),
            p50_ms: percentile(50),
            p99_ms: percentile(99),
            idle_kilobytes: None,
        })
    }

    /// As fast as it goes: the next batch leaves as soon as the window allows.
    fn saturate(&mut self, time: Duration) -> Result<Phase> {
        let (began, cpu) = (Instant::now(), self.target.cpu()?);
        let (mut asked, mut delivered) = (0, 0);
        while began.elapsed() < time {
            while asked - delivered / self.subscribers < WINDOW {
                self.publisher.publish(self.batch)?;
                asked += usize::from(self.batch);
            }
            delivered += self.load.receive(Duration::from_millis(100))?.frames;
        }
        let phase = Phase {
            deliveries: delivered,
            seconds: began.elapsed().as_secs_f64(),
            cpu: self.target.cpu()? - cpu,
        };
        self.rest(asked * self.subscribers - delivered)?;
        Ok(phase)
    }

    /// One event each 50 ms; from asking for it to each subscriber's having it.
    fn pace(&mut self, time: Duration) -> Result<(Phase, Vec<Duration>)> {
        let (began, cpu) = (Instant::now(), self.target.cpu()?);
        let mut latencies = Vec::new();
        while began.elapsed() < time {
            let sent = Instant::now();
            self.publisher.publish(1)?;
            let mut missing = self.frames_of_one * self.subscribers;
            while missing > 0 {
                let frames = self.some_frames(missing)?;
                latencies.extend(std::iter::repeat_n(sent.elapsed(), frames));
                missing = missing.saturating_sub(frames);
            }
            while let Some(rest) = PACE.checked_sub(sent.elapsed()) {
                self.load.receive(rest)?;
            }
        }
        let phase = Phase {
            deliveries: latencies.len(),
            seconds: began.elapsed().as_secs_f64(),
            cpu: self.target.cpu()? - cpu,
        };
        Ok((phase, latencies))
    }

    /// Takes what is still on its way.
    fn rest(&mut self, mut missing: usize) -> Result<()> {
        while missing > 0 {
            missing = missing.saturating_sub(self.some_frames(missing)?);
        }
        Ok(())
    }

    fn some_frames(&mut self, missing: usize) -> Result<usize> {
        let subscribers = self.subscribers;
        let about = || format!("{missing} deliveries to {subscribers} subscribers are missing");
        self.load.some_frames(PATIENCE).with_context(about)
    }
}
