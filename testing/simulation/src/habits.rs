//! Habits of a schedule: how its back end and its user are, from the beginning to the end.
//!
//! Faults come and go; a habit stays. Each is drawn by itself, so that schedules have one, or several, or none.

use echolite_cache::Membership;

use crate::declarations::Declaration;
use crate::kind::Kind;
use crate::version_forms::{PLAIN, VersionForms};

/// Between two verifications, as an application that minds them declares it (milliseconds).
const SHORT: u64 = 6_000;
/// The default of the cache.
const LONG: u64 = 300_000;

/// The habits of one schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// Its pages are loaded anew every few seconds, whenever they are not reading.
    pub restless: bool,
    /// Parts of its pages come and go, often within the time of a frame.
    pub leaves: bool,
    /// Between two verifications (milliseconds).
    pub verify_interval: u64,
    /// The forms in which answers and events show versions.
    pub versions: VersionForms,
    /// Some events carry rows without a field that the list has.
    pub poorer_rows: bool,
    /// A key that was free for a while is used again, and its versions begin again.
    pub keys_again: bool,
    /// The list shows only some of the rows, and nothing in its URL says so.
    pub filtered: bool,
    /// The application's declaration of the rows that the list holds.
    pub membership: Membership,
    /// Its browser's storage is slow to answer, or does not answer at all.
    pub store_hangs: bool,
    /// Some answers never come, break off, or take long.
    pub answers_break: bool,
    /// The application asks for single rows, and does not always look at the list.
    pub wants_rows: bool,
    /// Its tabs are of builds of the application that say their numbers.
    pub builds: bool,
    /// The page's requests for signatures are sometimes never answered.
    pub silent_authoriser: bool,
    /// The list is declared in one of these ways, and in the other at another visit, or in another tab.
    pub declarations: [Declaration; 2],
}

impl Habits {
    /// The habits of a seed's schedule.
    pub fn new(seed: u64, kind: Kind) -> Self {
        // a source of its own: a habit more does not change what else happens
        let mut random = fastrand::Rng::with_seed(seed ^ 0x0068_6162_6974_7300);
        let mut chance = |once_in| random.u8(0..once_in) == 0;
        let (restless, minds) = (chance(10), chance(4));
        let (poorer_rows, keys_again, filtered) = (chance(8), chance(6), chance(8));
        let verify_interval = if restless || minds { SHORT } else { LONG };
        let keys_again = keys_again && kind.counts();
        let says_all = !filtered && chance(2);
        let leaves = chance(2);
        let versions = if chance(4) { VersionForms::draw(kind, &mut random) } else { PLAIN };
        let mut random = fastrand::Rng::with_seed(seed ^ 0x0062_6f72_6465_7273);
        let mut chance = |once_in| random.u8(0..once_in) == 0;
        let (store_hangs, answers_break) = (chance(3), chance(6));
        let (redeclares, wants_rows, builds) = (chance(4), chance(5), chance(5));
        let declarations = Declaration::draw(redeclares, &mut random);
        let mut random = fastrand::Rng::with_seed(seed ^ 0x0061_6e73_7765_7273);
        let mut chance = |once_in| random.u8(0..once_in) == 0;
        let (silent_authoriser, asks) = (chance(3), chance(6));
        let membership = match (asks, says_all) {
            (true, _) => Membership::Asked,
            (false, true) => Membership::All,
            (false, false) => Membership::Undeclared,
        };
        Self {
            restless,
            leaves,
            verify_interval,
            versions,
            poorer_rows,
            keys_again,
            filtered,
            membership,
            store_hangs,
            answers_break,
            wants_rows,
            builds,
            silent_authoriser,
            declarations,
        }
    }

    /// Whether the application is asked about each event.
    pub fn asks(&self) -> bool {
        self.membership == Membership::Asked
    }

    /// Whether changes may go unpublished: somebody must look soon.
    pub fn verifies_soon(&self) -> bool {
        self.verify_interval == SHORT
    }

    /// The additional time until everything is known (milliseconds).
    pub fn patience(&self) -> u64 {
        if self.verifies_soon() { SHORT } else { 0 }
    }

    /// Whether versions say of two states of a listed row which is later, whoever shows them.
    pub fn rows_are_ordered(&self) -> bool {
        self.versions.are_comparable()
            && !self.poorer_rows
            && !self.keys_again
            && !self.filtered
            && !self.redeclares()
            // what the application has not said is not known
            && !self.asks()
    }

    /// Whether the list is not always declared in one way.
    pub fn redeclares(&self) -> bool {
        self.declarations[0] != self.declarations[1]
    }

    /// Whether the browser, the network, an authoriser or the application hold pages up for longer than a moment.
    pub fn hold_up(&self) -> bool {
        self.store_hangs || self.answers_break || self.silent_authoriser || self.asks()
    }
}
