//! The demo back end: a product catalogue and a chat in SQLite, a REST API, and Echolite in the same process.
//!
//! `main` reads arguments, [`run`] runs, `router` builds.

mod announce;
mod api;
mod app;
mod catalogue;
mod chat;
mod cookies;
mod database;
mod fields;
mod gate;
mod router;
mod seed;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use axum::serve::ListenerExt;
use clap::Parser;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::catalogue::Catalogue;
use crate::chat::Chat;
use crate::database::{Database, DatabaseError};

/// Serves the demo.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// The port to listen on; 0 takes any free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Opens the page in the browser.
    #[arg(long)]
    open: bool,
    /// The built front end.
    #[arg(long, default_value = "demo/web/dist")]
    web: PathBuf,
    /// The SQLite file of catalogue and chat; made if it is missing.
    #[arg(long, default_value = "demo/data/catalogue.sqlite")]
    data: PathBuf,
    /// How many products a new catalogue gets.
    #[arg(long, default_value_t = 6_000)]
    products: usize,
    /// Changes this many products before serving, as if somebody had worked while the server was down.
    #[arg(long, default_value_t = 0)]
    meanwhile: usize,
    /// Says that the file was restored from a backup: what it counts has been counted before.
    #[arg(long)]
    restored: bool,
}

/// Why the demo could not run; each says what to do.
#[derive(thiserror::Error, Debug)]
enum DemoError {
    #[error(
        "port {port} of {host} is taken; stop what listens there, or choose another port with \
         `--port {}` (`--port 0` takes any free one)", port.saturating_add(1)
    )]
    PortTaken { host: IpAddr, port: u16 },
    #[error("cannot listen on {address}: {source}; choose others with --host and --port")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error(
        "there is no front end in {}: `cargo xtask demo` builds it, `--web DIR` names another folder",
        .0.display()
    )]
    NoFrontEnd(PathBuf),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Embed(#[from] router::EmbedError),
    #[error("serving ended: {0}")]
    Serve(#[from] std::io::Error),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echolite-demo: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until Ctrl-C or SIGTERM. The network's gate listens where the browser looks; the application
/// behind it on a loopback port that only the gate knows.
async fn run(options: Options) -> Result<(), DemoError> {
    if !options.web.join("index.html").is_file() {
        return Err(DemoError::NoFrontEnd(options.web));
    }
    let public = listen(SocketAddr::new(options.host, options.port)).await?;
    let inner = listen(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let url = format!("http://{}", public.local_addr()?);

    let database = Database::open(&options.data)?;
    let catalogue = Catalogue::new(database.clone(), &options.data, options.products).await?;
    if options.restored {
        catalogue.new_epoch().await?;
    }
    let chat = Chat::new(database)?;
    catalogue.work_meanwhile(options.meanwhile).await?;
    let (rules, rule) = watch::channel(gate::Rules::default());
    let gate = gate::router(gate::Gate { application: inner.local_addr()?, rules: rule });
    let (app, publisher) = router::router((catalogue, chat), rules, &options.web)?;

    println!("Echolite's demo: {url}");
    if options.open {
        open(&url);
    }
    let no_delay = |stream: &mut tokio::net::TcpStream| drop(stream.set_nodelay(true));
    tokio::select! {
        ended = async { axum::serve(inner.tap_io(no_delay), app).await } => ended?,
        ended = async { axum::serve(public.tap_io(no_delay), gate).await } => ended?,
        () = asked_to_end() => {}
    }
    publisher.shutdown().await;
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, DemoError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => {
            DemoError::PortTaken { host: address.ip(), port: address.port() }
        }
        _ => DemoError::Listen { address, source },
    })
}

async fn asked_to_end() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminated) =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    {
        tokio::select! { _ = interrupted => {}, _ = terminated.recv() => {} }
        return;
    }
    // Without a handler there is nothing to wait for, and the process ends by the system's default.
    if interrupted.await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn open(url: &str) {
    let (program, arguments): (_, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start"]),
        _ => ("xdg-open", &[]),
    };
    if let Err(error) = std::process::Command::new(program).args(arguments).arg(url).spawn() {
        eprintln!("echolite-demo: {program} could not open {url}: {error}");
    }
}
