//! What Helm leaves out of a chart that it packs: by `.helmignore` and by itself.
//!
//! The file looks like one of git's and is read otherwise: the first pattern that says
//! something decides, `*` stays within a folder, `**` is refused, and `!x` leaves out all that
//! is not `x` (helm v3 `pkg/ignore/rules.go`).

use std::iter::Peekable;
use std::ops::Range;
use std::str::Chars;

/// The patterns of a `.helmignore`, and Helm's own.
#[derive(Clone, Debug, Default)]
pub(super) struct HelmIgnore(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    tokens: Vec<Token>,
    /// Whether what does not match is left out.
    is_negated: bool,
    /// Whether folders alone match.
    is_folder: bool,
    /// Whether the path below the chart is meant, and not the name alone.
    is_path: bool,
}

/// A part of a pattern (Go `path/filepath`, `Match`).
#[derive(Clone, Debug)]
enum Token {
    /// Any number of characters that are no `/`.
    Star,
    /// One character that is no `/`.
    Any,
    Char(char),
    /// One of these characters, or one of all others.
    Class {
        is_negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// A pattern that Helm refuses, so that it packs nothing: its place in the text, and why.
pub(super) type Refused = (Range<usize>, &'static str);

impl HelmIgnore {
    /// Reads a `.helmignore`; an empty text where there is none.
    pub fn read(text: &str) -> Result<Self, Refused> {
        let mut rules = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let plain = line.strip_prefix('\u{feff}').filter(|_| start == 0);
            let rule = plain.unwrap_or(line).trim();
            if !rule.is_empty() && !rule.starts_with('#') {
                let begin = start + line.find(rule).unwrap_or(0);
                let read = Rule::read(rule);
                rules.push(read.map_err(|reason| (begin..begin + rule.len(), reason))?);
            }
            start += line.len();
        }
        // Helm's own, which goes no deeper than the folder itself.
        rules.extend(Rule::read("templates/.?*"));
        Ok(HelmIgnore(rules))
    }

    /// Whether what is at a path below the chart is left out.
    pub fn leaves_out(&self, path: &str, is_folder: bool) -> bool {
        for rule in &self.0 {
            let may_match = is_folder || !rule.is_folder;
            if rule.is_negated {
                if !may_match || !rule.matches(path) {
                    return true;
                }
            } else if may_match && rule.matches(path) {
                return true;
            }
        }
        false
    }
}

impl Rule {
    fn read(text: &str) -> Result<Self, &'static str> {
        if text.contains("**") {
            return Err("it knows no `**`");
        }
        tokens(text)?;
        let (rest, is_negated) = match text.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (rest, is_folder) = match rest.strip_suffix('/') {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        Ok(Rule {
            is_negated,
            is_folder,
            is_path: rest.contains('/'),
            tokens: tokens(rest.strip_prefix('/').unwrap_or(rest))?,
        })
    }

    fn matches(&self, path: &str) -> bool {
        let name = match self.is_path {
            true => path,
            false => path.rsplit('/').next().unwrap_or(path),
        };
        let name: Vec<char> = name.chars().collect();
        matches(&self.tokens, &name)
    }
}

const OPEN: &str = "it ends in the middle of `[…]`, or behind a backslash";

fn tokens(pattern: &str) -> Result<Vec<Token>, &'static str> {
    let mut rest = pattern.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(c) = rest.next() {
        tokens.push(match c {
            '*' => Token::Star,
            '?' => Token::Any,
            '\\' => Token::Char(rest.next().ok_or(OPEN)?),
            '[' => {
                let is_negated = rest.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                while ranges.is_empty() || rest.next_if_eq(&']').is_none() {
                    let low = bound(&mut rest)?;
                    let high = match rest.next_if_eq(&'-') {
                        None => low,
                        Some(_) => bound(&mut rest)?,
                    };
                    rest.peek().ok_or(OPEN)?;
                    ranges.push((low, high));
                }
                Token::Class { is_negated, ranges }
            }
            c => Token::Char(c),
        });
    }
    Ok(tokens)
}

/// One end of a range in `[…]`.
fn bound(rest: &mut Peekable<Chars<'_>>) -> Result<char, &'static str> {
    match rest.next().ok_or(OPEN)? {
        '-' | ']' => Err("`[…]` holds a `-` or `]` without a backslash before it"),
        '\\' => rest.next().ok_or(OPEN),
        c => Ok(c),
    }
}

/// Whether the whole name matches. Only the last star that was met takes more where something
/// does not fit, as in Go.
fn matches(tokens: &[Token], name: &[char]) -> bool {
    let (mut t, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() || t < tokens.len() {
        if let Some(Token::Star) = tokens.get(t) {
            star = Some((t, n));
            t += 1;
            continue;
        }
        let fits = match (tokens.get(t), name.get(n)) {
            (Some(token), Some(c)) => token.fits(*c),
            _ => false,
        };
        if fits {
            (t, n) = (t + 1, n + 1);
            continue;
        }
        match star {
            Some((at, taken)) if name.get(taken).is_some_and(|c| *c != '/') => {
                star = Some((at, taken + 1));
                (t, n) = (at + 1, taken + 1);
            }
            _ => return false,
        }
    }
    true
}

impl Token {
    fn fits(&self, c: char) -> bool {
        match self {
            Token::Star => false,
            Token::Any => c != '/',
            Token::Char(own) => *own == c,
            Token::Class { is_negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *is_negated
            }
        }
    }
}

/// Whether Helm does not keep a file of a chart that it has read (helm v3
/// `pkg/chart/loader/load.go` and `pkg/chartutil/save.go`): what is hidden or begins with `_` in
/// `charts/`, and the lists of dependencies of the version of charts that this one is not of.
/// `is_v1` tells that by the folder of a chart, with a `/` at its end.
pub(super) fn is_dropped(path: &str, is_v1: &dyn Fn(&str) -> bool) -> bool {
    let mut folder = 0;
    loop {
        let own = &path[folder..];
        let Some(below) = own.strip_prefix("charts/") else {
            let is_first = || is_v1(&path[..folder]);
            return match own {
                "requirements.yaml" | "requirements.lock" => !is_first(),
                "Chart.lock" => is_first(),
                _ => false,
            };
        };
        let is_provenance = below
            .rsplit('/')
            .next()
            .is_some_and(|name| name.ends_with(".prov"));
        if is_provenance || below.is_empty() {
            return false;
        }
        if below.starts_with(['.', '_']) {
            return true;
        }
        let Some(slash) = below.find('/') else {
            return false;
        };
        folder += "charts/".len() + slash + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helm_refuses_is_refused_at_its_place() {
        for (text, at) in [
            ("\u{feff}a\n **/x \n", "**/x"),
            ("[\n", "["),
            ("[]x]", "[]x]"),
            ("[a-]", "[a-]"),
            ("a\\", "a\\"),
            ("[^", "[^"),
        ] {
            let (range, _) = HelmIgnore::read(text).expect_err(text);
            assert_eq!(&text[range], at);
        }
    }

    #[test]
    fn a_star_does_not_take_a_folder() {
        let is_match = |pattern: &str, name: &str| {
            let name: Vec<char> = name.chars().collect();
            matches(&tokens(pattern).expect(pattern), &name)
        };
        for (pattern, name, is) in [
            ("*", "", true),
            ("*", "abc", true),
            ("*", "a/b", false),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcdef", false),
            ("a*/b", "axx/b", true),
            ("a*b", "a/b", false),
            ("*x*/y", "1x2x/y", true),
            ("a?c", "a/c", false),
            ("[^a]x", "/x", true),
            ("[a-c\\]]", "]", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
        ] {
            assert_eq!(is_match(pattern, name), is, "{pattern} {name}");
        }
    }
}
