//! Where an engine keeps rows between two visits: the [`Store`] trait, [`MemoryStore`], and (with the
//! feature `conformance`) the suite that every store passes.
//!
//! A store belongs to one scope (origin, application, user). It is single-threaded, like the engine's
//! driver, and a second connection to the same scope may exist in another tab: only the term decides
//! who may write.

#[cfg(feature = "conformance")]
#[allow(clippy::unwrap_used, reason = "a test suite")]
pub mod conformance;
mod error;
mod memory;
mod visitor;

pub use error::StoreError;
pub use memory::MemoryStore;
pub use visitor::Visitor;

use echolite_cache::{Batch, Name, Stored, Term};

/// What keeps the rows of one scope.
///
/// Everything is read and written by value; losing a store loses time, never truth, so that each
/// [`StoreError`] says how an engine goes on without it.
#[allow(async_fn_in_trait, reason = "stores and their users live in one thread")]
pub trait Store<P> {
    /// Takes the scope over: raises the stored term by one, inside a transaction, and returns it.
    /// From then on commits with an older term are refused.
    ///
    /// # Errors
    /// [`StoreError::Cleared`]; [`StoreError::Unavailable`] and the like, where there is no store.
    async fn claim(&self) -> Result<Term, StoreError>;

    /// What is stored of a resource; `None` where nothing is. Needs no term: any tab may look.
    ///
    /// # Errors
    /// [`StoreError::Cleared`]; [`StoreError::Corrupt`] where what is stored cannot be read: read from the back end instead.
    async fn load(&self, resource: &str) -> Result<Option<Stored<P>>, StoreError>;

    /// Carries a batch out, rows and meta together, or not at all.
    ///
    /// A term newer than the stored one is taken over. Where a name has more declarations than
    /// [`DECLARATIONS`](echolite_cache::persist::DECLARATIONS) then, the one that was not written for longest is forgotten.
    ///
    /// # Errors
    /// [`StoreError::Superseded`] where the batch's term is older than the stored one, checked inside
    /// the same transaction; [`StoreError::Cleared`] where it is older than the last [`Store::clear`]; [`StoreError::Quota`], [`StoreError::Refused`] and so on, nothing changed.
    async fn commit(&self, batch: &Batch<P>) -> Result<(), StoreError>;

    /// Forgets everything of the scope, and raises its term by one, which it returns: other connections cannot commit
    /// rows that are gone, nor load or claim as if nothing had happened, and hear of it by [`StoreError::Cleared`].
    ///
    /// # Errors
    /// Where the store cannot be written; what is stored is then as it was.
    async fn clear(&self) -> Result<Term, StoreError>;

    /// Sees whether the scope is what it was when this connection first looked.
    ///
    /// # Errors
    /// [`StoreError::Cleared`], [`StoreError::Newer`], or where the store cannot be read.
    async fn look(&self) -> Result<(), StoreError>;

    /// The names of the resources stored, in no particular order.
    ///
    /// # Errors
    /// Where the store cannot be read.
    async fn resources(&self) -> Result<Vec<Name>, StoreError>;
}
