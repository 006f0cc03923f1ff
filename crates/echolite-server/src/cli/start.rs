//! `echolite start`

use super::error::CliError;
use clap::Args;
use echolite_server::{Config, Environment, app, run};
use std::io::{ErrorKind, IsTerminal};
use std::path::PathBuf;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

#[derive(Debug, Args)]
pub(super) struct Start {
    /// The address to listen on [default: REVERB_SERVER_HOST, or 0.0.0.0]
    #[arg(long)]
    host: Option<String>,
    /// The port to listen on [default: REVERB_SERVER_PORT, or 8080]
    #[arg(long)]
    port: Option<u16>,
    /// The path before /app and /apps [default: REVERB_SERVER_PATH, or none]
    #[arg(long)]
    path: Option<String>,
    /// The configuration file [default: echolite.toml, if there is one]
    #[arg(long)]
    config: Option<PathBuf>,
    /// Logs every connection. RUST_LOG, if set, decides instead.
    #[arg(long)]
    debug: bool,
}

impl Start {
    pub(super) fn run(self) -> Result<(), CliError> {
        let default = if self.debug { "echolite_server=debug,info" } else { "info" };
        let filter = EnvFilter::try_from_default_env();
        let filter = filter.unwrap_or_else(|_| EnvFilter::new(default));
        let ansi = std::io::stderr().is_terminal();
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(ansi);
        log.with_writer(std::io::stderr).init();
        let mut config = Config::load(self.config.as_deref(), &Environment::of_process()?)?;
        let server = &mut config.server;
        server.host = self.host.unwrap_or_else(|| server.host.clone());
        server.port = self.port.unwrap_or(server.port);
        server.path = self.path.unwrap_or_else(|| server.path.clone());
        config.validate()?;
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(config))
    }
}

async fn serve(config: Config) -> Result<(), CliError> {
    let (host, port) = (config.server.host.clone(), config.server.port);
    let listener = TcpListener::bind((host.as_str(), port)).await.map_err(|source| {
        let address = format!("{host}:{port}");
        match source.kind() {
            ErrorKind::AddrInUse => CliError::PortInUse { address },
            _ => CliError::Listen { address, source },
        }
    })?;
    let address = listener.local_addr()?;
    let prefix = config.server.prefix();
    let apps = config.apps.len();
    let (server, router) = app(config)?;
    // Printed, not only logged: whoever starts the server with port 0 reads the port here.
    println!("listening on http://{address}{prefix}");
    tracing::info!(%address, prefix, apps, "listening");
    run(listener, server, router, stop_signal()).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Done when the process is told to stop.
async fn stop_signal() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be waited for");
                std::future::pending().await
            }
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
