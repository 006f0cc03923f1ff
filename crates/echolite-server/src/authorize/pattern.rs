//! Patterns of channel names, as Laravel writes them: `orders.{order}`.

use super::Params;

/// A pattern of channel names, without `private-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// Anything up to the next dot, at least one character.
    Param(String),
}

/// Why a pattern was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "channel pattern {0:?}: a parameter is written {{name}}, each name once, with text between"
)]
pub struct PatternError(String);

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let wrong = || PatternError(text.to_owned());
        let mut pieces = Vec::new();
        let mut names = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(wrong)?;
            let adjacent = before.is_empty() && !pieces.is_empty();
            let odd = name.is_empty() || name.contains('{') || before.contains('}');
            if adjacent || odd || names.contains(&name) {
                return Err(wrong());
            }
            names.push(name);
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Param(name.to_owned()));
            rest = after;
        }
        if rest.contains('}') || text.is_empty() {
            return Err(wrong());
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// What the parameters stand for in a name; `None` when it does not fit.
    pub(super) fn matches(&self, name: &str) -> Option<Params> {
        let mut params = Vec::new();
        fit(&self.0, name, &mut params).then(|| {
            // The last parameter was found first.
            params.reverse();
            Params(params)
        })
    }
}

fn fit(pieces: &[Piece], name: &str, params: &mut Vec<(String, String)>) -> bool {
    match pieces.split_first() {
        None => name.is_empty(),
        Some((Piece::Text(text), rest)) => {
            name.strip_prefix(text.as_str()).is_some_and(|name| fit(rest, name, params))
        }
        Some((Piece::Param(param), rest)) => {
            let end = name.find('.').unwrap_or(name.len());
            // The longest value first, as Laravel's patterns are greedy.
            let fits = |at: &usize| fit(rest, &name[*at..], params);
            let at = (1..=end).rev().filter(|at| name.is_char_boundary(*at)).find(fits);
            if let Some(at) = at {
                params.push((param.clone(), name[..at].to_owned()));
            }
            at.is_some()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, name: &str) -> Option<String> {
        let params = Pattern::parse(pattern).unwrap().matches(name)?;
        let pairs: Vec<_> = params.0.iter().map(|(k, v)| format!("{k}={v}")).collect();
        Some(pairs.join(" "))
    }

    #[test]
    fn a_parameter_stands_for_anything_without_a_dot() {
        assert_eq!(fits("products", "products").as_deref(), Some(""));
        assert_eq!(fits("user.{id}", "user.7").as_deref(), Some("id=7"));
        assert_eq!(fits("App.Models.User.{id}", "App.Models.User.7").as_deref(), Some("id=7"));
        assert_eq!(fits("{a}.{b}", "x.y").as_deref(), Some("a=x b=y"));
        assert_eq!(fits("room-{id}-log", "room-1-2-log").as_deref(), Some("id=1-2"));
        for name in ["user.", "user.7.8", "users.7", "user", ""] {
            assert_eq!(fits("user.{id}", name), None, "{name}");
        }
    }

    #[test]
    fn patterns_that_mean_nothing_are_refused() {
        for pattern in ["", "{", "user.{id", "user.{}", "id}", "{a}{b}", "{a}.{a}"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
