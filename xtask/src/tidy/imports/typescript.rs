//! Imports of TypeScript: static ones, of types and for their effects too, re-exports, and `import('…')`.

use std::collections::BTreeSet;

use super::Arrow;
use crate::tidy::source::Source;

const ENDINGS: &[&str] = &[".ts", ".tsx", ".js", ".mjs"];

pub(in crate::tidy) fn arrows(sources: &[Source]) -> BTreeSet<Arrow> {
    let is_script = |path: &str| ENDINGS.iter().any(|ending| path.ends_with(ending));
    let scripts = || sources.iter().filter(|source| is_script(&source.path));
    let paths: BTreeSet<&str> = scripts().map(|source| source.path.as_str()).collect();
    let mut arrows = BTreeSet::new();
    for source in scripts() {
        for import in imports(&source.text) {
            if let Some(to) = file(&source.path, import, &paths) {
                let name = import.rsplit('/').next().unwrap_or(import);
                arrows.insert(Arrow { from: source.path.clone(), to, name: name.to_owned() });
            }
        }
    }
    arrows
}

/// Relative modules that the text imports. A statement begins a line; a formatter sees to that.
fn imports(text: &str) -> Vec<&str> {
    const STATEMENTS: &[&str] =
        &["import ", "export {", "export *", "export type {", "export type *"];
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let rest = &text[start..];
        start += line.len();
        if STATEMENTS.iter().any(|begin| line.starts_with(begin)) {
            let statement = rest.split(';').next().unwrap_or(rest);
            let named = statement.rfind(" from ").map(|at| &statement[at + 6..]);
            found.extend(quoted(named.unwrap_or_else(|| statement.trim_start_matches("import "))));
        }
        let is_comment = line.trim_start().starts_with(['*', '/']);
        if !is_comment {
            found.extend(line.split("import(").skip(1).filter_map(quoted));
        }
    }
    found.retain(|module| module.starts_with('.'));
    found
}

/// The string at the beginning of the text.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|letter| matches!(letter, '\'' | '"'))?;
    text[1..].split(quote).next()
}

/// The file of the repository that a relative module is.
fn file(from: &str, module: &str, paths: &BTreeSet<&str>) -> Option<String> {
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    for part in module.split('/') {
        match part {
            "." => {}
            ".." => drop(folders.pop()),
            part => folders.push(part),
        }
    }
    let path = folders.join("/");
    let bare = path.strip_suffix(".js").unwrap_or(&path);
    let endings = ENDINGS.iter().map(|ending| format!("{bare}{ending}"));
    let index = format!("{path}/index.ts");
    let mut candidates = [path.clone(), index].into_iter().chain(endings);
    candidates.find(|path| paths.contains(path.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_of_all_kinds_are_found() {
        let text = "\
import a from './a.js';
import type {
  B,
  C,
} from '../b';
import './c.js';
import 'elsewhere';
export { D } from './d.js';
export * from './e.js';
export const f = (from: string) => import('./f.js');
// import('./g.js')
export function h() { return 'x' }
";
        assert_eq!(imports(text), ["./a.js", "../b", "./c.js", "./d.js", "./e.js", "./f.js"]);
    }

    #[test]
    fn a_module_is_a_file() {
        let paths = BTreeSet::from(["npm/src/a.ts", "npm/src/echo/index.ts", "npm/src/w.js"]);
        let of = |module| file("npm/src/echo/echo.ts", module, &paths);
        assert_eq!(of("../a.js").as_deref(), Some("npm/src/a.ts"));
        assert_eq!(of("../echo").as_deref(), Some("npm/src/echo/index.ts"));
        assert_eq!(of("../w.js").as_deref(), Some("npm/src/w.js"));
        assert_eq!(of("./none.js"), None);
    }
}
