//! Imports of Rust: each path is followed, through modules and re-exports, to the file that defines the name.
//!
//! `mod x;` is not an arrow; `pub use x::Name` is one, from the file in which it stands. Methods are not followed: an
//! `impl` takes its type from a file, whichever file calls what it defines.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Arrow;
use super::rust_modules::{ModulePath, Modules, read};
use crate::tidy::source::Source;

/// A name passes through fewer re-exports. The search of `use serde;` for `serde` ends here.
const DEEPEST: u32 = 6;

pub(in crate::tidy) fn arrows(sources: &[Source]) -> Result<BTreeSet<Arrow>> {
    let by_path = sources.iter().map(|source| (source.path.as_str(), source)).collect();
    let is_root = |path: &&str| {
        let folder = path.strip_suffix("/lib.rs").or_else(|| path.strip_suffix("/main.rs"));
        folder.is_some_and(|folder| folder.ends_with("/src"))
    };
    let paths = sources.iter().map(|source| source.path.as_str());
    let mut arrows = BTreeSet::new();
    for root in paths.filter(is_root) {
        arrows.extend(of_crate(&read(root, &by_path)?));
    }
    Ok(arrows)
}

fn of_crate(modules: &Modules) -> BTreeSet<Arrow> {
    let mut arrows = BTreeSet::new();
    for (at, module) in modules {
        let imported = module.imports.iter().map(|(_, path)| path);
        for path in imported.chain(&module.paths) {
            let found = resolve(modules, at, path, 0);
            if let Some(Found::Item { file, name }) =
                found.filter(|found| !found.is_in(&module.file))
            {
                arrows.insert(Arrow {
                    from: module.file.clone(),
                    to: file.to_owned(),
                    name: name.to_owned(),
                });
            }
        }
    }
    arrows
}

/// Where a path leads.
enum Found<'a> {
    Module(ModulePath),
    Item { file: &'a str, name: &'a str },
}

impl Found<'_> {
    fn is_in(&self, here: &str) -> bool {
        matches!(self, Self::Item { file, .. } if *file == here)
    }
}

/// Follows a path that is written in the module `at`.
fn resolve<'a>(
    modules: &'a Modules,
    at: &[String],
    path: &'a [String],
    depth: u32,
) -> Option<Found<'a>> {
    if depth > DEEPEST {
        return None;
    }
    let mut found = Found::Module(at.to_vec());
    for (index, part) in path.iter().enumerate() {
        let Found::Module(here) = &found else { break };
        found = match part.as_str() {
            "crate" if index == 0 => Found::Module(Vec::new()),
            "self" if index == 0 => Found::Module(at.to_vec()),
            "super" => Found::Module(here.split_last()?.1.to_vec()),
            name => lookup(modules, here, name, depth)?,
        };
    }
    Some(found)
}

/// The name as the module has it: an item, a module in it, an import.
fn lookup<'a>(modules: &'a Modules, at: &[String], name: &'a str, depth: u32) -> Option<Found<'a>> {
    let module = modules.get(at)?;
    if module.items.iter().any(|item| item == name) {
        return Some(Found::Item { file: &module.file, name });
    }
    let inner = [at, &[name.to_owned()]].concat();
    if modules.contains_key(&inner) {
        return Some(Found::Module(inner));
    }
    if let Some((_, path)) = module.imports.iter().find(|(imported, _)| imported == name) {
        return resolve(modules, at, path, depth + 1);
    }
    module.globs.iter().find_map(|glob| match resolve(modules, at, glob, depth + 1)? {
        Found::Module(path) if path != at => lookup(modules, &path, name, depth + 1),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The arrows of a crate of these files, as `from → to: name`.
    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let source = |(path, text): &(&str, &str)| Source {
            path: format!("x/src/{path}"),
            text: (*text).to_owned(),
        };
        let sources: Vec<Source> = files.iter().map(source).collect();
        let short = |path: &str| path.trim_start_matches("x/src/").to_owned();
        let told = |Arrow { from, to, name }| format!("{} → {}: {name}", short(&from), short(&to));
        arrows(&sources).unwrap().into_iter().map(told).collect()
    }

    #[test]
    fn names_are_followed_through_re_exports() {
        let found = told(&[
            ("lib.rs", "mod a;\nmod b;\npub use b::{Deep as Renamed, c};"),
            (
                "a.rs",
                "use crate::Renamed;\nfn f() -> c::Other { vec![super::c::thing()] }\nuse super::*;",
            ),
            ("b/mod.rs", "pub mod c;\npub use c::*;\nuse serde::Deep as Elsewhere;"),
            ("b/c.rs", "pub struct Deep;\npub struct Other;\npub fn thing() {}"),
        ]);
        assert_eq!(
            found,
            [
                "a.rs → b/c.rs: Deep",
                "a.rs → b/c.rs: Other",
                "a.rs → b/c.rs: thing",
                "lib.rs → b/c.rs: Deep"
            ]
        );
    }

    #[test]
    fn tests_and_declarations_are_no_arrows() {
        let found = told(&[
            ("main.rs", "mod a;\n#[cfg(test)]\nmod tests;\nfn main() { a::run() }\nstruct Shared;"),
            ("a.rs", "pub fn run() {}\n#[cfg(test)]\nmod tests { use crate::Shared; }"),
        ]);
        assert_eq!(found, ["main.rs → a.rs: run"]);
    }
}
