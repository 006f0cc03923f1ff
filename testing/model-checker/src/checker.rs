//! The small world as `stateright` explores it.
//!
//! Liveness is not left to the checker's `eventually`, which overlooks circles: from the states that [`Schedules`]
//! samples, and from every state in which no more can happen, the rest of the schedule is carried out in order, and
//! must end fresh within a bounded number of steps.

use std::hash::{DefaultHasher, Hash, Hasher};

use stateright::{Model, Property};

use crate::back_end::{Write, WriteKind};
use crate::data::IDS;
use crate::habits::ABSENCE;
use crate::kinds::Schedules;
use crate::promise;
use crate::world::{Action, Event, World};

/// While something is under way, the client waits at most so long (milliseconds): what takes longer is lost, and
/// that is another action.
const BUSY: u64 = 2_500;
/// While nothing is, at most so long.
const IDLE: u64 = 60_000;
/// A commit that was announced can be read before so much time passed: later is what rule 4d does not find.
const EARLY: u64 = 2_000;
/// Of so many states one is followed into quiet.
const SAMPLE: u64 = 128;

impl Schedules {
    fn commits(&self, world: &World, actions: &mut Vec<Action>) {
        let left = world.left;
        if left.commits == 0 || world.back_end.is_announced() {
            return;
        }
        // in a queue that keeps the order, nothing overtakes
        let queues = self.facts.is_ordered() && world.queued().next().is_some();
        let events = [
            (Event::AtOnce, !queues),
            (Event::Queued, queues || left.late > 0),
            (Event::Lost, left.unseen > 0),
        ];
        let same_second: &[bool] = if self.facts.has_ties() { &[true, false] } else { &[false] };
        for id in 0..IDS as u8 {
            let kinds = self.kinds(world, id);
            for (&kind, &same_second) in pairs(&kinds, same_second) {
                for &carries in &self.carries {
                    let write = Write { kind, same_second, carries };
                    let may = events.iter().filter(|(_, may)| *may);
                    actions.extend(may.map(|&(event, _)| Action::Commit { id, write, event }));
                    actions.extend((left.early > 0).then_some(Action::Announce { id, write }));
                }
            }
        }
    }

    /// What may become of a row.
    fn kinds(&self, world: &World, id: u8) -> Vec<WriteKind> {
        let exists = world.back_end.rows()[usize::from(id)].is_some();
        // another life of a key says nothing of itself: who uses keys again lets the one before be told first
        let again =
            self.habits.uses_keys_again && world.back_end.is_deleted(id) && world.is_told(id);
        let kinds = [
            (true, WriteKind::Put),
            (self.habits.filters, WriteKind::Hide),
            (again, WriteKind::Again),
            (exists, WriteKind::Delete),
        ];
        kinds.into_iter().filter_map(|(may, kind)| may.then_some(kind)).collect()
    }

    fn faults(&self, world: &World, actions: &mut Vec<Action>) {
        let left = world.left;
        let is_asleep = world.is_asleep();
        actions.extend(is_asleep.then_some(Action::PageReturns { knows: true }));
        actions.extend(is_asleep.then_some(Action::PageReturns { knows: false }));
        actions.extend((!world.is_listed()).then_some(Action::ListOpens));
        if left.faults == 0 {
            return;
        }
        let connected = world.connection.is_some();
        let reload = |forgets, after| Action::PageReloads { forgets, after };
        let reloads = left.reloads > 0 && !is_asleep;
        let lives = !world.is_cleared;
        let may = [
            (left.closes > 0 && connected, Action::SocketCloses),
            (left.restarts > 0 && connected, Action::ServerRestarts),
            (reloads, reload(false, 0)),
            (reloads && world.may_forget(), reload(true, 0)),
            (reloads && left.absences > 0, reload(false, ABSENCE)),
            (left.restores > 0 && self.may_restore(world), Action::Restore),
            (left.failures > 0 && world.is_reading(), Action::ReadFails),
            (left.hangs > 0 && world.is_reading(), Action::ReadHangs),
            (left.kept > 0 && world.may_be_kept(), Action::CacheReads),
            (left.leaves > 0 && world.is_listed(), Action::ListCloses),
            (left.turns > 0 && lives, Action::PageTurns),
            (left.clears > 0 && lives, Action::Clears { elsewhere: false }),
            (left.clears > 0 && lives, Action::Clears { elsewhere: true }),
            (left.stores > 0 && world.is_loading(), Action::StoreHangs),
            (left.stores > 0 && world.may_fail_commit(), Action::CommitFails),
            (left.stores > 0, Action::StoreLost),
        ];
        actions.extend(may.into_iter().filter_map(|(may, action)| may.then_some(action)));
    }

    /// Events of what the backup does not have tell nobody so but by the epoch of their head: without heads, the
    /// contract rests on their being gone before it is restored.
    fn may_restore(&self, world: &World) -> bool {
        world.back_end.len() > 1 && (self.facts.has_heads() || !world.is_busy())
    }

    fn is_followed(&self, world: &World) -> bool {
        let mut hasher = DefaultHasher::new();
        world.hash(&mut hasher);
        let mut actions = Vec::new();
        hasher.finish().is_multiple_of(SAMPLE) || {
            self.actions(world, &mut actions);
            actions.is_empty()
        }
    }
}

fn pairs<'a, A, B>(one: &'a [A], other: &'a [B]) -> impl Iterator<Item = (&'a A, &'a B)> {
    one.iter().flat_map(move |a| other.iter().map(move |b| (a, b)))
}

impl Model for Schedules {
    type State = World;
    type Action = Action;

    /// A page that is opened for the first time, and one that has been fresh for a while.
    fn init_states(&self) -> Vec<World> {
        let cold = World::new(self);
        let settled = promise::quiet(&cold, self);
        if self.from_the_start { vec![settled, cold] } else { vec![settled] }
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        actions.extend(world.under_way());
        let queued = world.queued();
        let next = if self.facts.is_ordered() { 1 } else { usize::MAX };
        actions.extend(queued.take(next).map(Action::Publish));
        let longest = match world.announced_for() {
            Some(since) => (EARLY - 1).saturating_sub(since),
            None if world.is_busy() => BUSY,
            None => IDLE,
        };
        if world.client.patience().is_some_and(|patience| patience <= longest) {
            actions.push(Action::TimePasses);
        }
        self.commits(world, actions);
        self.faults(world, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        next.step(action, self);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("fresh is true", |_, world: &World| {
                promise::fresh_is_true(world).is_ok()
            }),
            Property::always("fresh was looked at", |_, world: &World| {
                promise::fresh_was_looked_at(world).is_ok()
            }),
            Property::always("nothing is done that must not be", |_, world: &World| {
                promise::nothing_is_misdone(world).is_ok()
            }),
            Property::always("quiet makes fresh", |schedules: &Self, world: &World| {
                !schedules.is_followed(world)
                    || promise::quiet_makes_fresh(world, schedules).is_ok()
            }),
            Property::sometimes("all of it, and fresh", |_, world: &World| {
                world.left.commits + world.left.faults == 0
                    && world.client.view.is_fresh
                    && !world.is_busy()
            }),
        ]
    }
}
