//! Files import each other one way: a circle of three files or more is a misplaced item.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::finding::Finding;
use super::imports::{Arrow, rust, typescript};
use super::rules::CIRCLE;
use super::source::Source;

/// Finds circles of [`CIRCLE`] files or more, and the arrows that make them.
pub(super) fn check(sources: &[Source]) -> Result<Vec<Finding>> {
    let mut arrows = rust::arrows(sources)?;
    arrows.extend(typescript::arrows(sources));
    let finding = |circle: &BTreeSet<&str>| {
        let folder = common_folder(circle);
        let what = format!("a circle of {} files{}", circle.len(), told(circle, folder, &arrows));
        Finding::fails(folder, what)
    };
    Ok(circles(&arrows).iter().map(finding).collect())
}

/// The folder in which all of them are, with its slash.
fn common_folder<'a>(circle: &BTreeSet<&'a str>) -> &'a str {
    let (Some(first), Some(last)) = (circle.first(), circle.last()) else { return "" };
    let same = first.bytes().zip(last.bytes()).take_while(|(one, other)| one == other).count();
    first[..same].rfind('/').map_or("", |slash| &first[..=slash])
}

/// Each file of the circle, and the names it takes from the others.
fn told(circle: &BTreeSet<&str>, folder: &str, arrows: &BTreeSet<Arrow>) -> String {
    let mut lines = BTreeMap::<(&str, &str), Vec<&str>>::new();
    for Arrow { from, to, name } in arrows {
        if circle.contains(from.as_str()) && circle.contains(to.as_str()) {
            let places = (&from[folder.len()..], &to[folder.len()..]);
            lines.entry(places).or_default().push(name);
        }
    }
    let line = |((from, to), names): (&(&str, &str), &Vec<&str>)| {
        format!("\n      {from} → {to}: {}", names.join(", "))
    };
    lines.iter().map(line).collect()
}

/// The strongly connected components of the graph that are large enough.
fn circles(arrows: &BTreeSet<Arrow>) -> Vec<BTreeSet<&str>> {
    let mut forth = BTreeMap::<&str, BTreeSet<&str>>::new();
    let mut back = BTreeMap::<&str, BTreeSet<&str>>::new();
    for Arrow { from, to, .. } in arrows {
        forth.entry(from).or_default().insert(to);
        back.entry(to).or_default().insert(from);
    }
    let mut left: BTreeSet<&str> = forth.keys().copied().collect();
    let mut circles = Vec::new();
    while let Some(start) = left.pop_first() {
        let reached = reachable(start, &forth);
        let circle: BTreeSet<&str> =
            reachable(start, &back).intersection(&reached).copied().collect();
        left.retain(|file| !circle.contains(file));
        if circle.len() >= CIRCLE {
            circles.push(circle);
        }
    }
    circles
}

/// The files to which arrows lead from `start`, and itself.
fn reachable<'a>(
    start: &'a str,
    graph: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::from([start]);
    let mut next = vec![start];
    while let Some(file) = next.pop() {
        let neighbours = graph.get(file).into_iter().flatten();
        next.extend(neighbours.copied().filter(|to| reached.insert(to)));
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(arrows: &[(&str, &str)]) -> BTreeSet<Arrow> {
        let arrow = |(from, to): &(&str, &str)| Arrow {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
            name: "Name".into(),
        };
        arrows.iter().map(arrow).collect()
    }

    #[test]
    fn three_files_make_a_circle_and_two_do_not() {
        let arrows =
            graph(&[("a", "b"), ("b", "a"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "c")]);
        assert_eq!(circles(&arrows), [BTreeSet::from(["c", "d", "e"])]);
    }

    #[test]
    fn a_circle_is_told_from_its_folder_on() {
        let arrows = graph(&[("src/ab/c.rs", "src/ac.rs"), ("src/ac.rs", "src/ab/c.rs")]);
        let circle = BTreeSet::from(["src/ab/c.rs", "src/ac.rs"]);
        assert_eq!(common_folder(&circle), "src/");
        let told = told(&circle, "src/", &arrows);
        assert_eq!(told, "\n      ab/c.rs → ac.rs: Name\n      ac.rs → ab/c.rs: Name");
    }
}
