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
        let row_at = |len| back_end.list_at(len)[usize::from(id)];
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

/// `fresh` ⇒ somebody looked not long ago.
///
/// # Errors
/// For how long nobody did.
pub fn fresh_was_looked_at(world: &World) -> Result<(), String> {
    world.client.is_overdue().map_or(Ok(()), |overdue| {
        Err(format!("fresh for {overdue} ms beyond the interval of verification"))
    })
}

/// A page that lost its store or whose scope was cleared reads, shows and stores nothing more.
///
/// # Errors
/// What it does.
pub fn nothing_is_misdone(world: &World) -> Result<(), String> {
    if let Some(misdeed) = world.misdeed {
        return Err(misdeed.into());
    }
    if world.is_cleared && !world.client.view.is_cleared() {
        return Err("the scope was cleared, and rows are shown".into());
    }
    if world.is_cleared && world.stores_something() {
        return Err("the scope was cleared, and rows are stored".into());
    }
    Ok(())
}

/// All that must hold of one state.
///
/// # Errors
/// What is wrong, in words.
pub fn holds(world: &World) -> Result<(), String> {
    fresh_is_true(world)
        .and_then(|()| fresh_was_looked_at(world))
        .and_then(|()| nothing_is_misdone(world))
}

fn words(row: Option<Row>) -> String {
    let joined = |row: Row| if row.joined == Some(row.n) { "" } else { ", in part" };
    row.map_or("absent".into(), |row| {
        format!("of commit {}, version {}{}", row.n, row.version, joined(row))
    })
}

/// What follows when nothing happens any more but what is under way.
#[must_use]
pub fn quiet(world: &World, schedules: &Schedules) -> World {
    let mut world = world.clone();
    for _ in 0..STEPS {
        let Some(action) = next(&world, schedules) else { break };
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
        let Some(action) = given.or_else(|| next(&world, schedules)) else { break };
        world.step(action, schedules);
        let broken = holds(&world).err().map_or(String::new(), |why| format!(" ← {why}"));
        lines.push(format!("{mark}{action:?}: {}{broken}", world.client.view));
    }
    lines
}

fn next(world: &World, schedules: &Schedules) -> Option<Action> {
    if !world.is_listed() {
        return Some(Action::ListOpens);
    }
    let queued = world.queued().next().map(Action::Publish);
    let under_way = queued.or_else(|| world.under_way().next());
    let unseen = schedules.habits.verify_interval.is_some()
        && world.client.view.rows() != world.back_end.list_at(world.back_end.len());
    let waits = (!world.client.view.is_fresh || unseen) && world.client.patience().is_some();
    under_way.or(waits.then_some(Action::TimePasses))
}

/// Quiet makes fresh, and what is shown then is what the back end has, unless an operator changed rows unseen.
///
/// # Errors
/// What is wrong, in words.
pub fn quiet_makes_fresh(world: &World, schedules: &Schedules) -> Result<(), String> {
    let quiet = quiet(world, schedules);
    holds(&quiet)?;
    if quiet.is_cleared {
        return Ok(());
    }
    if !quiet.client.view.is_fresh {
        return Err(format!("not fresh after {STEPS} steps in quiet"));
    }
    let (shown, rows) = (quiet.client.view.rows(), quiet.back_end.list_at(quiet.back_end.len()));
    // an operator restored a backup, or an event came before its change and reached no connection
    let restored = schedules.facts.has_heads() && quiet.back_end.was_restored();
    let handled = quiet.connection.as_ref().map_or(0, |connection| connection.handled);
    let unheard = quiet.back_end.early().is_some_and(|n| handled & (1 << n) == 0);
    let unseen = restored || unheard;
    if shown != rows && !unseen {
        return Err(format!("in quiet {shown:?} is shown, the back end has {rows:?}"));
    }
    Ok(())
}
