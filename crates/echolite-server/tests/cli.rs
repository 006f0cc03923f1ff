//! The binary, as a person uses it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use support::{Client, within};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

/// A directory of the test's own, removed when it is dropped.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("echolite-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_echolite"));
        command.current_dir(&self.0).args(arguments).env_clear().kill_on_drop(true);
        command
    }

    /// Runs a command to its end: whether it went well, and what it said.
    async fn run(&self, arguments: &[&str]) -> (bool, String) {
        let output = within(self.command(arguments).output()).await.unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    /// Starts a server; gives its process and its address.
    async fn start(&self, arguments: &[&str]) -> (Child, String) {
        let mut command = self.command(&[&["start", "--host", "127.0.0.1"], arguments].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = within(lines.next_line()).await.unwrap().expect("it says where it listens");
        let url = line.strip_prefix("listening on ").unwrap().to_owned();
        (child, url)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn what_init_prints_starts_a_server_that_trigger_reaches() {
    let directory = Directory::new("walk");
    let (_, env) = directory.run(&["init"]).await;
    assert!(env.contains("VITE_REVERB_APP_KEY=\"${REVERB_APP_KEY}\""), "{env}");
    directory.write(".env", &env);
    let (mut server, url) = directory.start(&["--port", "0", "--path", "ws"]).await;
    let key = env.lines().find_map(|line| line.strip_prefix("REVERB_APP_KEY=")).unwrap();
    let target = format!("{}/app/{key}?protocol=7", url.replace("http", "ws"));
    let (socket, _) = within(tokio_tungstenite::connect_async(target)).await.unwrap();
    let mut client = Client { socket, socket_id: String::new() };
    client.event("pusher:connection_established").await;
    client.subscribe("products").await;
    let trigger = ["trigger", "--url", &url, "--channel", "products", "--event", "ProductChanged"];
    let (ok, text) = directory.run(&[&trigger[..], &["--data", r#"{"id":1}"#]].concat()).await;
    assert!(ok, "{text}");
    assert_eq!(client.event("ProductChanged").await["id"], 1);
    let (ok, text) = directory.run(&[&trigger[..], &["--data", "{"]].concat()).await;
    assert!(!ok && text.contains("--data is no JSON"), "{text}");
    let pid = server.id().unwrap().to_string();
    within(Command::new("kill").args(["-TERM", &pid]).status()).await.unwrap();
    assert_eq!(client.closed().await, 4200);
    drop(client);
    assert!(within(server.wait()).await.unwrap().success());
}

#[tokio::test]
async fn trigger_encrypts_for_encrypted_channels() {
    let directory = Directory::new("encrypt");
    directory.write(".env", "REVERB_APP_ID=1\nREVERB_APP_KEY=k\nREVERB_APP_SECRET=s\n");
    let (_server, url) = directory.start(&["--port", "0"]).await;
    let trigger = ["trigger", "--url", &url, "--event", "E", "--data", r#"{"plain":"text"}"#];
    let sealed = [&trigger[..], &["--channel", "private-encrypted-a"]].concat();
    let (ok, text) = directory.run(&sealed).await;
    assert!(!ok && text.contains("--encryption-master-key"), "{text}");
    for wrong in ["c2hvcnQ=", "no base64"] {
        let key = ["--encryption-master-key", wrong];
        let (ok, text) = directory.run(&[&sealed[..], &key].concat()).await;
        assert!(!ok && text.contains("--encryption-master-key: "), "{text}");
    }
    // What it sends is read by the stock client in tests/interop.
    let key = format!("{}=", "A".repeat(43));
    let given = ["--encryption-master-key", &key];
    let (ok, text) = directory.run(&[&sealed[..], &given].concat()).await;
    assert!(ok && text.contains("sent to private-encrypted-a"), "{text}");
    let env = format!(
        "REVERB_APP_ID=1\nREVERB_APP_KEY=k\nREVERB_APP_SECRET=s\nPUSHER_APP_ENCRYPTION_MASTER_KEY={key}\n"
    );
    directory.write(".env", &env);
    let (ok, text) = directory.run(&sealed).await;
    assert!(ok, "{text}");
}

/// A server with what it logs; its address.
async fn logged(directory: &Directory) -> (Child, Lines<BufReader<ChildStderr>>, SocketAddr) {
    let start = ["start", "--host", "127.0.0.1", "--port", "0"];
    let mut command = directory.command(&start);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = until(&mut log, "listening").await;
    let (_, address) = line.split_once("address=").unwrap();
    (child, log, address.split(' ').next().unwrap().parse().unwrap())
}

/// The next line with these words.
async fn until(log: &mut Lines<BufReader<ChildStderr>>, words: &str) -> String {
    loop {
        let line = within(log.next_line()).await.unwrap().expect("the log goes on");
        if line.contains(words) {
            return line;
        }
    }
}

#[tokio::test]
async fn a_key_is_logged_on_one_line_without_control_characters() {
    let directory = Directory::new("log");
    directory.write(
        ".env",
        "REVERB_APP_ID=1\nREVERB_APP_KEY=k\nREVERB_APP_SECRET=s\nREVERB_APP_SECERT=t\nX=a b\n",
    );
    let start = directory
        .command(&["start", "--port", "0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = start.unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    // oddities of .env are said, without its values
    let line = until(&mut log, "X:").await;
    assert!(
        line.contains(".env, line 5: X: something follows a space") && !line.contains("a b"),
        "{line}"
    );
    until(&mut log, "did you mean REVERB_APP_SECRET?").await;
    let line = until(&mut log, "listening").await;
    let port = line.split_once("address=0.0.0.0:").unwrap().1.split(' ').next().unwrap();
    let key = "a%0D%0AFAKE%20line%1B%5B31m%C2%9B%E2%80%AE";
    let (mut socket, _) = within(tokio_tungstenite::connect_async(format!(
        "ws://127.0.0.1:{port}/app/{key}?protocol=7"
    )))
    .await
    .unwrap();
    let line = until(&mut log, "refused").await;
    assert!(line.contains("FAKE line") && line.contains("code=4001"), "{line}");
    assert!(line.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{line:?}");
    within(socket.close(None)).await.unwrap();
}

#[tokio::test]
async fn a_handshake_that_ends_while_the_server_stops_is_told_4200() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let directory = Directory::new("stopping");
    directory.write(".env", "REVERB_APP_ID=1\nREVERB_APP_KEY=k\nREVERB_APP_SECRET=s\n");
    for _ in 0..5 {
        let (mut server, mut log, address) = logged(&directory).await;
        let mut clients = Vec::new();
        for _ in 0..20 {
            let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
            let head = "GET /app/k?protocol=7 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
            client.write_all(head.as_bytes()).await.unwrap();
            clients.push(client);
        }
        // The server has read what they sent: it answers who came after them.
        let mut last = tokio::net::TcpStream::connect(address).await.unwrap();
        last.write_all(b"GET /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
        within(last.read_to_end(&mut Vec::new())).await.unwrap();
        let pid = server.id().unwrap().to_string();
        within(Command::new("kill").args(["-TERM", &pid]).status()).await.unwrap();
        until(&mut log, "stopping").await;
        let rest =
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        for client in &mut clients {
            client.write_all(rest.as_bytes()).await.unwrap();
        }
        for mut client in clients {
            let mut received = Vec::new();
            // The client closes only when the server has: it has nothing to say.
            while !received
                .windows(4)
                .any(|bytes| bytes[0] == 0x88 && bytes[2..] == 4200_u16.to_be_bytes())
            {
                let read = within(client.read_buf(&mut received)).await.unwrap_or(0);
                assert!(read > 0, "closed without 4200: {}", String::from_utf8_lossy(&received));
            }
        }
        assert!(within(server.wait()).await.unwrap().success());
    }
}

#[tokio::test]
async fn an_occupied_port_is_said_with_the_fix() {
    let directory = Directory::new("port");
    let credentials = "REVERB_APP_ID=1\nREVERB_APP_KEY=k\nREVERB_APP_SECRET=s\n";
    directory.write(".env", credentials);
    let (_server, url) = directory.start(&["--port", "0"]).await;
    let port = url.rsplit(':').next().unwrap();
    let (ok, text) = directory.run(&["start", "--host", "127.0.0.1", "--port", port]).await;
    assert!(!ok && text.contains("is in use") && text.contains("--port"), "{text}");
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_said_with_the_fix() {
    let directory = Directory::new("wrong");
    let (ok, text) = directory.run(&["start"]).await;
    assert!(!ok && text.contains("REVERB_APP_ID"), "{text}");
    let trigger = ["trigger", "--channel", "a", "--event", "e"];
    let (ok, text) = directory.run(&trigger).await;
    assert!(!ok && text.contains("no credentials"), "{text}");
    let nowhere = ["--url", "http://127.0.0.1:1", "--app-id", "1", "--key", "k", "--secret", "s"];
    let (ok, text) = directory.run(&[&trigger[..], &nowhere].concat()).await;
    assert!(!ok && text.contains("cannot be reached"), "{text}");
    directory.write("echolite.toml", "[server]\nprot = 1\n");
    let (ok, text) = directory.run(&["start"]).await;
    assert!(!ok && text.contains("echolite.toml") && text.contains("`port`"), "{text}");
}

#[tokio::test]
async fn a_misspelt_variable_is_named_though_the_start_is_refused_for_it() {
    let directory = Directory::new("misspelt");
    directory.write(".env", "REVERB_APP_ID=1\nREVERB_APP_KEY=k\nREVERB_APP_SECERT=hidden\n");
    let (well, text) = directory.run(&["start"]).await;
    assert!(!well);
    for part in ["did you mean REVERB_APP_SECRET?", "REVERB_APP_SECRET is not set"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("hidden"), "{text}");
}
