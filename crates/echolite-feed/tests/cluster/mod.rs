//! A PostgreSQL cluster of its own: made in a temporary folder, reached by a socket there, gone afterwards.

use std::ffi::OsStr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tempfile::TempDir;

/// Stopped when the last test that uses it lets it go.
pub(crate) struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    owner: Option<u32>,
    databases: AtomicUsize,
}

static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());

impl Cluster {
    /// The one of this process; `None`, and a word about it, where PostgreSQL is not installed.
    pub(crate) fn shared() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cluster) = shared.upgrade() {
            return Some(cluster);
        }
        let Some(programs) = programs() else {
            eprintln!("skipped: no PostgreSQL (`cargo xtask setup` installs it on Debian)");
            return None;
        };
        let cluster = Arc::new(Self::start(programs));
        *shared = Arc::downgrade(&cluster);
        Some(cluster)
    }

    /// An empty database.
    pub(crate) async fn database(&self) -> PgPool {
        let name = format!("shop_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let options = PgConnectOptions::new_without_pgpass()
            .socket(self.folder.path())
            .username("shop")
            .database("postgres");
        let postgres = PgPoolOptions::new().connect_with(options.clone()).await.expect("a server");
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&postgres)
            .await
            .expect("a database");
        postgres.close().await;
        let pool = PgPoolOptions::new().max_connections(12);
        pool.connect_with(options.database(&name)).await.expect("a server")
    }

    fn start(programs: PathBuf) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // PostgreSQL refuses to run as root; Debian's package has a user for it.
        let owner = (id(&["-u"]) == Some(0)).then(|| id(&["-u", "postgres"]).unwrap_or(65_534));
        if let Some(owner) = owner {
            chown(folder.path(), Some(owner), None).expect("root may give folders away");
        }
        let cluster = Self { folder, programs, owner, databases: AtomicUsize::new(0) };
        let data = cluster.data();
        let options = [OsStr::new("-D"), data.as_os_str()];
        let made = ["-U", "shop", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"];
        cluster.run("initdb", options.into_iter().chain(made.map(OsStr::new)));
        let folder = cluster.folder.path().display();
        let server =
            format!("-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off");
        let log = cluster.folder.path().join("log");
        let start = [
            "-w".as_ref(),
            "-l".as_ref(),
            log.as_os_str(),
            "-o".as_ref(),
            server.as_ref(),
            "start".as_ref(),
        ];
        cluster.run("pg_ctl", options.into_iter().chain(start));
        cluster
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run<'a>(&self, program: &str, arguments: impl Iterator<Item = &'a OsStr>) {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).current_dir(self.folder.path());
        if let Some(owner) = self.owner {
            command.uid(owner);
        }
        let output = command.output().expect("the program is there");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program}: {said}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        let stop =
            ["-D".as_ref(), data.as_os_str(), "-m".as_ref(), "immediate".as_ref(), "stop".as_ref()];
        self.run("pg_ctl", stop.into_iter());
    }
}

/// Where `initdb` and `pg_ctl` are: Debian keeps them beside its other versions.
fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has_both =
        |folder: &Path| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file();
    debian.chain(std::env::split_paths(&path)).find(|folder| has_both(folder))
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
