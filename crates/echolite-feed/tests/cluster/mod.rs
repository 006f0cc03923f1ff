//! A PostgreSQL cluster of its own: made in a temporary folder, reached by a socket there, gone afterwards.

use std::ffi::OsStr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

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
        let pool = PgPoolOptions::new().max_connections(12);
        pool.connect_with(self.new_database().await).await.expect("a server")
    }

    /// The way to an empty database.
    pub(crate) async fn new_database(&self) -> PgConnectOptions {
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
        options.database(&name)
    }

    /// A pooler before the server, which gives each transaction any of four connections; `None`, and a word about it, where
    /// PgBouncer is not installed.
    pub(crate) fn pooler(&self) -> Option<Pooler> {
        let program = Path::new("/usr/sbin/pgbouncer");
        if !program.is_file() {
            eprintln!("skipped: no PgBouncer (`cargo xtask setup` installs it on Debian)");
            return None;
        }
        let folder = self.folder.path().join("pooler");
        std::fs::create_dir_all(&folder).expect("a folder");
        let (server, here) = (self.folder.path().display(), folder.display());
        // This PgBouncer does not know prepared statements; so they go with the transaction that made them.
        let settings = format!(
            "[databases]\n* = host={server} user=shop\n[pgbouncer]\nlisten_addr =\nlisten_port = 5432\n\
             unix_socket_dir = {here}\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 4\n\
             ignore_startup_parameters = extra_float_digits\nserver_reset_query = DEALLOCATE ALL\n\
             server_reset_query_always = 1\nlogfile = {here}/log\n"
        );
        let file = folder.join("pgbouncer.ini");
        std::fs::write(&file, settings).expect("a file");
        let mut command = Command::new(program);
        command.arg("-q").arg(&file).current_dir(&folder);
        if let Some(owner) = self.owner {
            chown(&folder, Some(owner), None).expect("root may give folders away");
            command.uid(owner);
        }
        Some(Pooler { process: command.spawn().expect("the program is there"), folder })
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

/// A PgBouncer, ended with this.
pub(crate) struct Pooler {
    process: Child,
    folder: PathBuf,
}

impl Pooler {
    /// Connections to a database through the pooler.
    pub(crate) async fn pool(&self, database: &PgConnectOptions) -> PgPool {
        let options = database.clone().socket(&self.folder).statement_cache_capacity(0);
        let socket = self.folder.join(".s.PGSQL.5432");
        let deadline = Instant::now() + Duration::from_secs(30);
        while !socket.exists() && Instant::now() < deadline {
            tokio::task::yield_now().await;
        }
        let pool = PgPoolOptions::new().max_connections(12);
        pool.connect_with(options).await.expect("a pooler")
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
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
