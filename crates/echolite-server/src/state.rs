//! The state of a running server, which its routes and its connections share.

use crate::app::App;
use crate::config::{AppConfig, Config, ConfigError, ServerConfig};
use crate::delivery::Outbox;
use crate::stats::Stats;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_util::task::TaskTracker;

/// The applications of a server, and the tasks of its connections.
#[derive(Debug)]
pub(crate) struct ServerState {
    pub(crate) config: ServerConfig,
    pub(crate) stats: Arc<Stats>,
    pub(crate) tasks: TaskTracker,
    pub(crate) closing: AtomicBool,
    by_id: HashMap<String, Arc<App>>,
    by_key: HashMap<String, Arc<App>>,
}

impl ServerState {
    /// Makes the applications of a valid configuration.
    ///
    /// # Errors
    /// When there is no HTTP client for webhooks.
    pub(crate) fn new(config: Config) -> Result<Self, ConfigError> {
        let stats = Arc::new(Stats::default());
        let app = |config: AppConfig| App::new(config, stats.clone()).map(Arc::new);
        let apps = config.apps.into_iter().map(app).collect::<Result<Vec<_>, _>>()?;
        let table = |key: fn(&AppConfig) -> &str| {
            apps.iter().map(|app| (key(app.config()).to_owned(), app.clone())).collect()
        };
        Ok(Self {
            config: config.server,
            by_id: table(|app| &app.app_id),
            by_key: table(|app| &app.key),
            stats,
            tasks: TaskTracker::new(),
            closing: AtomicBool::new(false),
        })
    }

    pub(crate) fn apps(&self) -> impl Iterator<Item = &Arc<App>> {
        self.by_id.values()
    }

    pub(crate) fn app_by_id(&self, id: &str) -> Option<Arc<App>> {
        self.by_id.get(id).cloned()
    }

    pub(crate) fn app_by_key(&self, key: &str) -> Option<Arc<App>> {
        self.by_key.get(key).cloned()
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// The queue of a new connection.
    pub(crate) fn outbox(&self) -> Arc<Outbox> {
        Arc::new(Outbox::new(self.config.max_queue_size, self.stats.clone()))
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }
}
