//! The small world as `stateright` explores it.
//!
//! Liveness is not left to the checker's `eventually`, which overlooks circles: from the states that [`Schedules`]
//! samples, and from every state in which no more can happen, the rest of the schedule is carried out in order, and
//! must end fresh within a bounded number of steps.

use std::hash::{DefaultHasher, Hash, Hasher};

use stateright::{Model, Property};

use crate::back_end::Write;
use crate::data::IDS;
use crate::kinds::Schedules;
use crate::promise;
use crate::world::{Action, World};

/// While something is under way, the client waits at most so long (milliseconds): what takes longer is lost, and
/// that is another action.
const BUSY: u64 = 2_500;
/// While nothing is, at most so long.
const IDLE: u64 = 60_000;
/// Of so many states one is followed into quiet.
const SAMPLE: u64 = 128;

impl Schedules {
    fn commits(&self, world: &World, actions: &mut Vec<Action>) {
        let left = world.left;
        if left.commits == 0 {
            return;
        }
        // in a queue that keeps the order, nothing overtakes
        let queues = self.facts.is_ordered() && world.queued().next().is_some();
        let late = [(false, !queues), (true, queues || left.late > 0)];
        let same_second: &[bool] = if self.facts.has_ties() { &[true, false] } else { &[false] };
        for id in 0..IDS as u8 {
            let exists = world.back_end.rows()[usize::from(id)].is_some();
            let ways: &[bool] = if exists { &[false, true] } else { &[false] };
            for (&deletes, &same_second) in pairs(ways, same_second) {
                for (&carries, &(late, may)) in pairs(&self.carries, &late) {
                    let write = Write { deletes, same_second, carries };
                    actions.extend(may.then_some(Action::Commit { id, write, late }));
                }
            }
        }
    }

    fn faults(&self, world: &World, actions: &mut Vec<Action>) {
        let left = world.left;
        if left.faults == 0 {
            return;
        }
        let connected = world.connection.is_some();
        let reload = |forgets| Action::PageReloads { forgets };
        let may = [
            (left.closes > 0 && connected, Action::SocketCloses),
            (left.restarts > 0 && connected, Action::ServerRestarts),
            (left.reloads > 0, reload(false)),
            (left.reloads > 0 && world.may_forget(), reload(true)),
            (left.restores > 0 && self.may_restore(world), Action::Restore),
            (left.failures > 0 && world.is_reading(), Action::ReadFails),
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
        vec![settled, cold]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        actions.extend(world.under_way());
        let queued = world.queued();
        let next = if self.facts.is_ordered() { 1 } else { usize::MAX };
        actions.extend(queued.take(next).map(Action::Publish));
        let longest = if world.is_busy() { BUSY } else { IDLE };
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
