//! Links between documents lead somewhere.

use super::finding::Finding;
use super::source::Source;
use crate::process::root;

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !source.path.ends_with(".md") {
        return findings;
    }
    let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut in_code = false;
    for (index, line) in source.text.lines().enumerate() {
        in_code ^= line.trim_start().starts_with("```");
        if in_code {
            continue;
        }
        for target in targets(line) {
            let path = target.split('#').next().unwrap_or(target);
            let elsewhere = target.contains("://") || target.starts_with("mailto:");
            if !elsewhere && !path.is_empty() && !root().join(folder).join(path).exists() {
                let place = format!("{}:{}", source.path, index + 1);
                findings.push(Finding::fails(place, format!("the link `{target}` leads nowhere")));
            }
        }
    }
    findings
}

/// What stands in `](…)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_targets_out_of_a_line() {
        let found: Vec<&str> = targets("see [a](b.md#c) and [d](e \"title\")").collect();
        assert_eq!(found, ["b.md#c", "e"]);
    }
}
