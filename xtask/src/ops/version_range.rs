//! Ranges of versions, as Helm's `--version` has them.
//!
//! The notation is that of the library that Helm reads them with, Masterminds/semver 3:
//! `^1.2`, `~1.2`, `1.x`, `>=1.0 <2.0`, `1.0 - 1.4`, `^1 || ^3`. Preliminary versions are only
//! in an alternative that names one itself (`>=1.0-0`). Other than there, versions may have more
//! than three numbers, and `~0.0.0` is what `~` says.

use std::cmp::Ordering;

use super::versions::by_parts;

/// A range: one of several alternatives, each of comparisons that must all hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Range(Vec<Vec<Comparison>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparison {
    operator: Operator,
    /// As many numbers as were written before the end or an `x`.
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Above,
    From,
    Below,
    UpTo,
    Tilde,
    Caret,
}

/// The numbers of a version, and what makes it a preliminary one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    numbers: Vec<u64>,
    preliminary: Vec<String>,
}

impl Range {
    /// Every version, preliminary ones as well: Helm's `--devel`.
    pub fn with_preliminary() -> Self {
        Range(vec![vec![Comparison {
            operator: Operator::From,
            version: Version {
                numbers: vec![0],
                preliminary: vec!["0".to_owned()],
            },
        }]])
    }

    /// Reads a range; a single version is one as well.
    ///
    /// # Errors
    ///
    /// What of it is not understood, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let alternatives = text.split("||").map(comparisons);
        alternatives.collect::<Result<_, _>>().map(Range)
    }

    /// Whether a tag is a version of this range. Of what is no version none is.
    pub fn holds(&self, tag: &str) -> bool {
        let Some(version) = Version::of_tag(tag) else {
            return false;
        };
        let is_wanted = |all: &[Comparison]| {
            let names_one = |one: &Comparison| !one.version.preliminary.is_empty();
            version.preliminary.is_empty() || all.iter().any(names_one)
        };
        let holds = |all: &[Comparison]| all.iter().all(|one| one.holds(&version));
        let mut alternatives = self.0.iter();
        alternatives.any(|all| is_wanted(all) && holds(all))
    }
}

/// Whether a text is one version: numbers with dots, and what may stand behind a `-` or `+`. To
/// Helm it is a tag, which need not be looked for.
pub(super) fn is_one_version(text: &str) -> bool {
    Version::of_tag(text).is_some()
}

/// The comparisons of one alternative.
fn comparisons(text: &str) -> Result<Vec<Comparison>, String> {
    let is_operator = |c: char| "=!<>~^".contains(c);
    let is_between = |c: char| c.is_whitespace() || c == ',';
    let mut found: Vec<Comparison> = Vec::new();
    let mut rest = text.trim_matches(is_between);
    // What stands before a `-` between blanks was read as an equality.
    let mut is_span = false;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_operator(c)).unwrap_or(rest.len());
        let (sign, behind) = rest.split_at(end);
        let behind = behind.trim_start();
        let end = behind.find(|c| is_operator(c) || is_between(c));
        let (version, behind) = behind.split_at(end.unwrap_or(behind.len()));
        rest = behind.trim_start_matches(is_between);
        if version == "-" && sign.is_empty() {
            let lower = found.last_mut().filter(|last| {
                last.operator == Operator::Equal && !is_span && !rest.starts_with(is_operator)
            });
            let Some(lower) = lower else {
                return Err("a `-` between blanks stands between two versions".to_owned());
            };
            lower.operator = Operator::From;
            is_span = true;
            if rest.is_empty() {
                return Err("behind the `-` there is no version".to_owned());
            }
            continue;
        }
        let operator = match sign {
            "" if is_span => Operator::UpTo,
            "" | "=" => Operator::Equal,
            "!=" => Operator::Unequal,
            ">" => Operator::Above,
            ">=" | "=>" => Operator::From,
            "<" => Operator::Below,
            "<=" | "=<" => Operator::UpTo,
            "~" | "~>" => Operator::Tilde,
            "^" => Operator::Caret,
            other => return Err(format!("`{other}` compares nothing")),
        };
        is_span = false;
        let version = match version {
            "" => return Err(format!("behind `{sign}` there is no version")),
            version => Version::of_range(version).ok_or(format!("`{version}` is no version"))?,
        };
        found.push(Comparison { operator, version });
    }
    match found.is_empty() {
        true => Err("it is empty".to_owned()),
        false => Ok(found),
    }
}

impl Version {
    /// The version that a tag names, in which a `_` stands for a `+`.
    fn of_tag(tag: &str) -> Option<Self> {
        let (numbers, preliminary) = parted(tag)?;
        let numbers = numbers.split('.').map(number).collect::<Option<_>>()?;
        Some(Version {
            numbers,
            preliminary,
        })
    }

    /// The same in a range, in which an `x` or a star, or what is not there, stands for any number.
    fn of_range(text: &str) -> Option<Self> {
        let (numbers, preliminary) = parted(text)?;
        let parts: Vec<&str> = numbers.split('.').collect();
        let is_any = |part: &str| matches!(part, "x" | "X" | "*");
        let stated = parts.iter().position(|part| is_any(part));
        let (stated, any) = parts.split_at(stated.unwrap_or(parts.len()));
        let numbers = stated.iter().map(|part| number(part));
        let numbers = numbers.collect::<Option<_>>()?;
        any.iter().all(|part| is_any(part)).then_some(Version {
            numbers,
            preliminary,
        })
    }

    /// In the order of Semantic Versioning 2.0.0, §11; numbers that are not there are zero.
    fn compare(&self, other: &Version) -> Ordering {
        let length = self.numbers.len().max(other.numbers.len());
        let by_numbers = self.first(length).cmp(&other.first(length));
        by_numbers.then_with(
            || match (self.preliminary.is_empty(), other.preliminary.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => by_parts(&self.preliminary, &other.preliminary),
            },
        )
    }

    /// The first so many numbers.
    fn first(&self, count: usize) -> Vec<u64> {
        let number = |at| self.numbers.get(at).copied().unwrap_or(0);
        (0..count).map(number).collect()
    }
}

/// The numbers of a version, and the parts of what makes it preliminary.
fn parted(text: &str) -> Option<(&str, Vec<String>)> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let text = text.split(['+', '_']).next().unwrap_or_default();
    let Some((numbers, preliminary)) = text.split_once('-') else {
        return Some((text, Vec::new()));
    };
    let is_sound = |part: &str| {
        let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        !part.is_empty() && part.bytes().all(is_word)
    };
    let parts = preliminary.split('.');
    let parts = parts.map(|part| is_sound(part).then(|| part.to_owned()));
    Some((numbers, parts.collect::<Option<_>>()?))
}

/// `parse` would take a sign as well.
fn number(part: &str) -> Option<u64> {
    let is_number = part.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| part.parse().ok()).flatten()
}

impl Comparison {
    fn holds(&self, version: &Version) -> bool {
        let named = &self.version;
        let stated = named.numbers.len();
        let is_whole = stated >= 3;
        let order = version.compare(named);
        let begins = |count: usize| version.first(count) == named.first(count);
        let among = || version.first(stated).cmp(&named.numbers);
        let is_equal = match is_whole {
            true => order.is_eq(),
            false => order.is_ge() && begins(stated),
        };
        match self.operator {
            Operator::Equal => is_equal,
            Operator::Unequal => !is_equal,
            Operator::Above if is_whole => order.is_gt(),
            Operator::Above => among().is_gt(),
            Operator::From => order.is_ge(),
            Operator::Below => order.is_lt(),
            Operator::UpTo if is_whole => order.is_le(),
            Operator::UpTo => among().is_le(),
            Operator::Tilde => order.is_ge() && begins(stated.min(2)),
            // The first number that is not zero stays, or else the last that was written.
            Operator::Caret => {
                let first = named.numbers.iter().position(|number| *number != 0);
                order.is_ge() && begins(first.map_or(stated, |first| first + 1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &str) -> String {
        let versions = [
            "0.0.3", "0.2.3", "0.2.9", "0.3", "1.0", "1.2", "v1.2.3", "1.10.4", "2.0-rc.1", "2.0",
            "3.1_b5", "latest", "draft-1", "1.2.3.4",
        ];
        let range = Range::parse(range).expect(range);
        let held = versions.iter().filter(|version| range.holds(version));
        held.copied().collect::<Vec<_>>().join(" ")
    }

    /// What the comments of Masterminds/semver say of each notation; a test beside Helm holds
    /// the choices of both beside each other.
    #[test]
    fn versions_of_a_range() {
        for (range, versions) in [
            ("^1.2", "1.2 v1.2.3 1.10.4 1.2.3.4"),
            ("^0.2.3", "0.2.3 0.2.9"),
            ("^0.0", "0.0.3"),
            ("^0", "0.0.3 0.2.3 0.2.9 0.3"),
            ("~1.2", "1.2 v1.2.3 1.2.3.4"),
            ("~>1", "1.0 1.2 v1.2.3 1.10.4 1.2.3.4"),
            ("1.2.X", "1.2 v1.2.3 1.2.3.4"),
            ("=1.2", "1.2 v1.2.3 1.2.3.4"),
            ("=1.2.3", "v1.2.3"),
            (">1.2", "1.10.4 2.0 3.1_b5"),
            (">1.2.3 <3", "1.10.4 2.0 1.2.3.4"),
            (">= 0.3, < 1.2", "0.3 1.0"),
            ("<=0.2", "0.0.3 0.2.3 0.2.9"),
            ("0.3 - 1.2.3", "0.3 1.0 1.2 v1.2.3"),
            ("1.0-1.2", "1.0"),
            ("~0.3||^3", "0.3 3.1_b5"),
            ("^2-0", "2.0-rc.1 2.0"),
            (">=1.10.5-0 <2.0.0", "2.0-rc.1"),
            (">=0.3 !=1.x <3", "0.3 2.0"),
            (
                "*",
                "0.0.3 0.2.3 0.2.9 0.3 1.0 1.2 v1.2.3 1.10.4 2.0 3.1_b5 1.2.3.4",
            ),
            ("^7", ""),
        ] {
            assert_eq!(of(range), versions, "{range}");
        }
    }

    #[test]
    fn what_is_no_range() {
        for range in [
            "",
            " ",
            "||",
            "^1 ||",
            "^",
            ">=",
            "latest",
            "1.y",
            "1.x.3",
            "><1",
            "1 -",
            "- 1",
            "1 - ^2",
            "1 - 2 - 3",
            "^1 - 2",
            "1..2",
            "+1",
            "1.-2",
            "99999999999999999999",
        ] {
            assert!(Range::parse(range).is_err(), "{range}");
        }
    }
}
