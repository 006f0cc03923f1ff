//! The program that is measured: on core 0, this one on core 1; its CPU time as the kernel counts it.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, bail};
use rustix::thread::{CpuSet, sched_setaffinity};

/// Ticks a second in `/proc/PID/stat`; 100 on every Linux (`getconf CLK_TCK`).
const TICKS: f64 = 100.0;
const MEASURED_CORE: usize = 0;
const LOAD_CORE: usize = 1;

pub(crate) struct App {
    pub(crate) id: &'static str,
    pub(crate) key: &'static str,
    pub(crate) secret: &'static str,
}

pub(crate) const APP: App = App { id: "1001", key: "bench-key", secret: "bench-secret" };

/// A running program; it ends with this value.
pub(crate) struct Target {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Target {
    /// With variables beside those that every measurement has.
    pub(crate) fn echolite(variables: &[(&str, String)]) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut command = Command::new(beside("echolite")?);
        command
            .arg("start")
            .env("REVERB_APP_ID", APP.id)
            .env("REVERB_APP_KEY", APP.key)
            .env("REVERB_APP_SECRET", APP.secret)
            .env("REVERB_SERVER_HOST", "127.0.0.1")
            .env("REVERB_SERVER_PORT", port.to_string())
            .env("REVERB_MAX_REQUEST_SIZE", "1000000")
            // Whoever measures recovery leaves and comes back all the time.
            .env("ECHOLITE_LEAVES_PER_MINUTE", u32::MAX.to_string())
            .env("RUST_LOG", "warn")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null());
        let target = Self { child: start(&mut command)?, address: address(port) };
        target.wait()?;
        Ok(target)
    }

    pub(crate) fn floor(subscribers: usize, bytes: usize, per_write: usize) -> Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        let options =
            [("--subscribers", subscribers), ("--bytes", bytes), ("--per-write", per_write)];
        command.arg("floor").stdout(Stdio::piped());
        for (name, value) in options {
            command.arg(name).arg(value.to_string());
        }
        let mut child = start(&mut command)?;
        let mut line = String::new();
        let output = child.stdout.take().context("the floor's output is piped")?;
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self { child, address: address(line.trim().parse()?) })
    }

    fn wait(&self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(self.address).is_err() {
            if Instant::now() > deadline {
                bail!("the server does not listen on {}", self.address);
            }
            std::thread::yield_now();
        }
        Ok(())
    }

    /// CPU seconds so far, in the program and in the kernel for it.
    pub(crate) fn cpu(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after_name = stat.rsplit_once(") ").context("/proc/PID/stat has a name")?.1;
        // utime and stime are fields 14 and 15, the state after the name is field 3: proc(5).
        let ticks: Vec<f64> = after_name.split(' ').skip(11).take(2).flat_map(str::parse).collect();
        Ok(ticks.iter().sum::<f64>() / TICKS)
    }

    /// Resident memory, in kilobytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.context("/proc/PID/status has VmRSS")?.parse().context("VmRSS is a number")
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// A program inherits the core of the thread that starts it.
fn start(command: &mut Command) -> Result<Child> {
    pin(MEASURED_CORE)?;
    let child = command.stdin(Stdio::null()).spawn();
    pin(LOAD_CORE)?;
    child.with_context(|| format!("{command:?} could not be started"))
}

fn pin(core: usize) -> Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores)
        .context("two cores are needed: one for the server, one for the load")
}

/// A program that cargo has put beside this one.
fn beside(name: &str) -> Result<PathBuf> {
    let program = env::current_exe()?.with_file_name(name);
    if !program.exists() {
        bail!("{} is missing; `cargo xtask bench` builds it", program.display());
    }
    Ok(program)
}
