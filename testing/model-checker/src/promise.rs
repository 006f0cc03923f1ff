//! What must hold: `fresh` is true, and quiet makes fresh.

use crate::data::{ID_TEXTS, Row};
use crate::kinds::Schedules;
use crate::world::{Action, World};

/// Longer than any schedule of the world needs to end in quiet; an engine that goes round in circles never ends.
const STEPS: usize = 300;

/// `fresh` ⇒ every row is as the back end had it at a moment between what is owed and now, and so is its absence.
/// Owed is what was committed before the read began that the list rests on, what was published before a subscription
/// was confirmed, and what was handled on this connection: the world keeps that, not the engine.
///
/// # Errors
/// What is wrong, in words.
pub fn fresh_is_true(world: &World) -> Result<(), String> {
    let view = &world.client.view;
    if !view.is_fresh {
        return Ok(());
    }
    let Some(connection) = &world.connection else {
        return Err("fresh without a connection".into());
    };
    let [Some(one), Some(other)] = connection.confirmed else {
        return Err("fresh without all subscriptions confirmed".into());
    };
    let told = [one, other];
    let shown = view.rows();
    let back_end = &world.back_end;
    for (id, shown) in (0_u8..).zip(shown) {
        let owed = back_end.commits().rev().find(|(n, commit)| {
            let is_told = || match commit.change.row() {
                Some(channel) => (told[usize::from(channel)] | connection.handled) & (1 << n) != 0,
                None => false,
            };
            commit.change.concerns(id) && (view.as_of.is_some_and(|as_of| *n < as_of) || is_told())
        });
        let from = owed.map_or(0, |(n, _)| n + 1);
        let row_at = |len| back_end.rows_at(len)[usize::from(id)];
        if !(from..=back_end.len()).any(|len| row_at(len) == shown) {
            return Err(format!(
                "fresh, but row {} is shown as {}; owed is {}",
                ID_TEXTS[usize::from(id)],
                words(shown),
                words(row_at(from))
            ));
        }
    }
    Ok(())
}

fn words(row: Option<Row>) -> String {
    row.map_or("absent".into(), |row| format!("of commit {}, version {}", row.n, row.version))
}

/// What follows when nothing happens any more but what is under way.
#[must_use]
pub fn quiet(world: &World, schedules: &Schedules) -> World {
    let mut world = world.clone();
    for _ in 0..STEPS {
        let Some(action) = next(&world) else { break };
        world.step(action, schedules);
    }
    world
}

/// What happened, and what is shown after each step: the given actions, and what follows in quiet.
#[must_use]
pub fn told(mut world: World, actions: Vec<Action>, schedules: &Schedules) -> Vec<String> {
    let mut lines = vec![format!("at first: {}", world.client.view)];
    let mut actions = actions.into_iter();
    for _ in 0..STEPS {
        let given = actions.next();
        let mark = if given.is_some() { "" } else { "in quiet: " };
        let Some(action) = given.or_else(|| next(&world)) else { break };
        world.step(action, schedules);
        let broken = fresh_is_true(&world).err().map_or(String::new(), |why| format!(" ← {why}"));
        lines.push(format!("{mark}{action:?}: {}{broken}", world.client.view));
    }
    lines
}

fn next(world: &World) -> Option<Action> {
    let queued = world.queued().next().map(Action::Publish);
    let under_way = queued.or_else(|| world.under_way().next());
    let waits = !world.client.view.is_fresh && world.client.patience().is_some();
    under_way.or(waits.then_some(Action::TimePasses))
}

/// Quiet makes fresh, and what is shown then is what the back end has, unless an operator changed rows unseen.
///
/// # Errors
/// What is wrong, in words.
pub fn quiet_makes_fresh(world: &World, schedules: &Schedules) -> Result<(), String> {
    let quiet = quiet(world, schedules);
    if !quiet.client.view.is_fresh {
        return Err(format!("not fresh after {STEPS} steps in quiet"));
    }
    fresh_is_true(&quiet)?;
    let (shown, rows) = (quiet.client.view.rows(), quiet.back_end.rows());
    let unseen = schedules.facts.has_heads() && quiet.back_end.was_restored();
    if shown != rows && !unseen {
        return Err(format!("in quiet {shown:?} is shown, the back end has {rows:?}"));
    }
    Ok(())
}
