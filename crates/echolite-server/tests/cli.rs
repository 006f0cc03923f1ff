//! The binary, as a person uses it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::path::PathBuf;
use std::process::Stdio;
use support::{Client, within};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

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
