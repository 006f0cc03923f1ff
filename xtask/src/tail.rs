//! What a program wrote last, so that a long run can end with the reason why a step failed.
//!
//! Where the output goes into a file, often only its end is kept or read; so it passes through here on its way.

use std::collections::VecDeque;
use std::io::{self, IsTerminal, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Bytes. A test runner lists its failures at its end: this holds a dozen with their traces.
const KEPT: usize = 16 * 1024;
/// What a program left running may hold the pipe open after its end.
const PATIENCE: Duration = Duration::from_secs(1);

type Kept = Arc<Mutex<VecDeque<u8>>>;

/// A program that failed, and its last lines, if they did not go to a terminal.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) what: String,
    pub(crate) status: ExitStatus,
    pub(crate) last: String,
}

impl std::fmt::Display for Failed {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "`{}` failed ({})", self.what, self.status)
    }
}

impl std::error::Error for Failed {}

/// Runs to the end; the lines go where ours go. Gives how it ended, and the last of what it wrote.
pub(crate) fn status(command: &mut Command) -> io::Result<(ExitStatus, String)> {
    if io::stdout().is_terminal() {
        return Ok((command.status()?, String::new()));
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let kept = Kept::default();
    let (ended, both_ended) = channel();
    pass(child.stdout.take(), io::stdout(), &kept, ended.clone());
    pass(child.stderr.take(), io::stderr(), &kept, ended);
    let status = child.wait()?;
    let until = Instant::now() + PATIENCE;
    for _ in 0..2 {
        // A timeout costs the last lines of a program that leaves others running, no more.
        let _ = both_ended.recv_timeout(until.saturating_duration_since(Instant::now()));
    }
    let bytes: Vec<u8> = kept.lock().expect("no pump panics").iter().copied().collect();
    Ok((status, whole_lines(&bytes)))
}

/// Passes everything on, in a thread of its own.
fn pass<R, W>(from: Option<R>, mut to: W, kept: &Kept, ended: Sender<()>)
where
    R: Read + Send + 'static,
    W: Write + Send + 'static,
{
    let mut from = from.expect("the stream is piped");
    let kept = Arc::clone(kept);
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            // Nobody to read our own output is no reason to stop the program that writes.
            let _ = to.write_all(&buffer[..length]).and_then(|()| to.flush());
            keep(&mut kept.lock().expect("no pump panics"), &buffer[..length]);
        }
        let _ = ended.send(());
    });
}

fn keep(kept: &mut VecDeque<u8>, bytes: &[u8]) {
    kept.extend(bytes);
    let surplus = kept.len().saturating_sub(KEPT);
    kept.drain(..surplus);
}

/// Without the piece of a line that the limit left at the beginning.
fn whole_lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let cut = bytes.len() == KEPT;
    let from = if cut { text.find('\n').map_or(0, |end| end + 1) } else { 0 };
    text[from..].trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_whole() {
        let mut kept = VecDeque::new();
        for number in 0..5_000 {
            keep(&mut kept, format!("line {number}\n").as_bytes());
        }
        let bytes: Vec<u8> = kept.into_iter().collect();
        let text = whole_lines(&bytes);
        assert_eq!(bytes.len(), KEPT);
        assert!(text.starts_with("line ") && text.ends_with("line 4999"));
    }

    #[test]
    fn both_streams_are_kept() {
        let mut shell = Command::new("sh");
        let (status, last) =
            status(shell.args(["-c", "echo said; echo wrong >&2; exit 3"])).unwrap();
        assert_eq!(status.code(), Some(3));
        // Where the tests write to a terminal, nothing is kept.
        assert!(last.is_empty() || last.contains("said") && last.contains("wrong"));
    }

    #[test]
    fn a_program_left_running_does_not_hold_us() {
        let mut shell = Command::new("sh");
        let (status, _) = status(shell.args(["-c", "sleep 30 & echo done"])).unwrap();
        assert!(status.success());
    }
}
