//! Which part of a version number a change asks for, as Semantic Versioning 2.0.0 (§6 to §8)
//! has it.

use super::{Change, FileChange, Weight, words};
use crate::descriptor::Kind;

/// What a version should do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// `major`, `minor` or `patch`.
    pub part: &'static str,
    /// The heaviest change, in words.
    pub because: String,
    /// The least version that is enough; `None` where the version has no numbers.
    pub version: Option<String>,
    /// Whether the version has moved far enough.
    pub is_enough: bool,
}

/// The advice; `None` where nothing has changed but the version, and for slice templates, which
/// have none.
pub fn advice(
    kind: Kind,
    changes: &[Change],
    files: &[FileChange],
    before: Option<&str>,
    after: Option<&str>,
) -> Option<Advice> {
    if kind == Kind::Nst {
        return None;
    }
    let weighed = changes.iter().map(|change| (change.weight, change.what()));
    let files = files
        .iter()
        .map(|file| (words::of_file(&file.path), format!("`{}`", file.path)));
    // Of several the first, and what the descriptor says before what the files say.
    let all: Vec<(Weight, String)> = weighed.chain(files).collect();
    let heaviest = all.into_iter().rev().max_by_key(|(weight, _)| *weight);
    let (weight, because) = heaviest.filter(|(weight, _)| *weight > Weight::Version)?;
    let (part, place) = match weight {
        Weight::Interface => ("major", 0),
        Weight::Inside => ("minor", 1),
        Weight::Text | Weight::Version => ("patch", 2),
    };
    let old = before.and_then(numbers);
    let new = after.and_then(numbers);
    let is_enough = match (&old, &new) {
        (Some(old), Some(new)) => (0..=place).any(|i| {
            let earlier = (0..i).all(|k| part_of(old, k) == part_of(new, k));
            earlier && part_of(new, i) > part_of(old, i)
        }),
        _ => false,
    };
    let version = old.map(|mut numbers| {
        while numbers.len() <= place {
            numbers.push(0);
        }
        numbers[place] = numbers[place].saturating_add(1);
        for later in &mut numbers[place + 1..] {
            *later = 0;
        }
        let parts: Vec<String> = numbers.iter().map(u64::to_string).collect();
        parts.join(".")
    });
    Some(Advice {
        part,
        because,
        version,
        is_enough,
    })
}

fn part_of(numbers: &[u64], place: usize) -> u64 {
    numbers.get(place).copied().unwrap_or(0)
}

/// The numbers at the beginning of a version, at most three.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let version = version.trim_start_matches('v');
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<u64> = core
        .split('.')
        .map_while(|part| part.parse().ok())
        .take(3)
        .collect();
    (!numbers.is_empty()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::super::{Sort, Step};
    use super::*;

    fn advise(weight: Weight, before: &str, after: &str) -> (Option<String>, bool) {
        let change = Change {
            sort: Sort::Changed,
            path: vec![Step::Key("x".to_owned())],
            before: None,
            after: None,
            weight,
        };
        let advice = advice(Kind::Vnf, &[change], &[], Some(before), Some(after)).expect("advice");
        (advice.version, advice.is_enough)
    }

    #[test]
    fn versions_that_are_enough() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            advise(Weight::Interface, "1.4", "1.5"),
            (some("2.0"), false)
        );
        assert_eq!(advise(Weight::Interface, "1.4", "2.0"), (some("2.0"), true));
        assert_eq!(advise(Weight::Inside, "1.0", "1.0"), (some("1.1"), false));
        assert_eq!(
            advise(Weight::Inside, "1.0.3", "1.0.4"),
            (some("1.1.0"), false)
        );
        assert_eq!(
            advise(Weight::Inside, "1.0.3", "2.0.0"),
            (some("1.1.0"), true)
        );
        assert_eq!(advise(Weight::Text, "1.0", "1.0.1"), (some("1.0.1"), true));
        assert_eq!(advise(Weight::Text, "1.1", "1.0"), (some("1.1.1"), false));
        assert_eq!(advise(Weight::Text, "beta", "gamma"), (None, false));
        assert_eq!(
            advise(Weight::Text, "v1.2-rc1", "v1.3"),
            (some("1.2.1"), true)
        );
    }
}
