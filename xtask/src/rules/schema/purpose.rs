//! What the nodes are for that can be missing, and the least that can be written
//! for them. The words are in `purposes.txt`; those for editors about the nodes that
//! need not be there are in `hover.txt` and `hover_rare.txt`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::rules::Place;
use crate::schema::Schema;

/// What is written about one node.
struct Purpose {
    /// What it is for, as it goes on behind the name.
    words: &'static str,
    /// A value, where the model takes no text at all.
    example: Option<&'static str>,
}

/// The words by the end of the path that they are for.
fn purposes() -> &'static BTreeMap<&'static str, Purpose> {
    static PURPOSES: OnceLock<BTreeMap<&'static str, Purpose>> = OnceLock::new();
    PURPOSES.get_or_init(|| read(include_str!("purposes.txt")))
}

/// The same of the nodes that need not be there.
fn hovers() -> &'static BTreeMap<&'static str, Purpose> {
    static HOVERS: OnceLock<BTreeMap<&'static str, Purpose>> = OnceLock::new();
    HOVERS.get_or_init(|| {
        let mut hovers = read(include_str!("hover.txt"));
        hovers.append(&mut read(include_str!("hover_rare.txt")));
        hovers
    })
}

fn read(table: &'static str) -> BTreeMap<&'static str, Purpose> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let entry = |line: &'static str| {
        let (path, text) = line.split_once(' ')?;
        let (words, example) = match text.split_once(" = ") {
            Some((words, example)) => (words, Some(example.trim())),
            None => (text, None),
        };
        let words = words.trim();
        Some((path, Purpose { words, example }))
    };
    lines.filter_map(entry).collect()
}

/// What is written about the node `key` below `path`, and for which end of that
/// path: the longest.
fn find(path: &str, key: &str) -> Option<(&'static str, &'static Purpose)> {
    find_in(purposes(), path, key)
}

fn find_in(
    purposes: &'static BTreeMap<&'static str, Purpose>,
    path: &str,
    key: &str,
) -> Option<(&'static str, &'static Purpose)> {
    let names = path
        .split('/')
        .filter(|part| !part.is_empty() && part.parse::<usize>().is_err());
    let names: Vec<&str> = names.chain([key]).collect();
    (0..names.len()).find_map(|start| {
        let end = names[start..].join("/");
        purposes.get_key_value(end.as_str()).map(|(k, v)| (*k, v))
    })
}

/// What `key` in the node `around` it is for. The more of the path is given,
/// the better it is known.
pub(in super::super) fn of(around: &str, key: &str) -> Option<&'static str> {
    let found = [find(around, key), find_in(hovers(), around, key)];
    let parts = |(end, _): &(&str, _)| end.split('/').count();
    let best = found.into_iter().flatten().max_by_key(parts);
    best.map(|(_, purpose)| purpose.words)
}

/// The least value to write for a key, at any length.
pub(in super::super) fn least(schema: &Schema, path: &str, key: &str) -> Option<String> {
    match find(path, key).and_then(|(_, purpose)| purpose.example) {
        Some(example) => Some(example.to_owned()),
        None => schema.least_value(path, key),
    }
}

/// What a key is for and the least to write for it, as far as that is known.
pub(super) fn help(path: &str, key: &str, place: &Place<'_>) -> Option<String> {
    let purpose = find(path, key).map(|(_, purpose)| purpose);
    let least = match purpose.and_then(|purpose| purpose.example) {
        Some(example) => Some(format!("{key}: {example}")),
        None => place.schema.least(path, key),
    };
    let words = purpose.map(|purpose| match place.schema.units(path, key) {
        Some(units) => format!("`{key}` {}, in {units}", purpose.words),
        None => format!("`{key}` {}", purpose.words),
    });
    match (words, least) {
        (Some(words), Some(least)) => Some(format!("{words}; write `{least}`")),
        (Some(words), None) => Some(words),
        (None, Some(least)) => Some(format!("write `{least}`")),
        (None, None) => None,
    }
}

/// The same for the node at a path.
pub(super) fn help_at(path: &str, place: &Place<'_>) -> Option<String> {
    let (parent, key) = path.rsplit_once('/').unwrap_or(("", path));
    // An item of a list has no purpose of its own.
    if key.parse::<usize>().is_ok() {
        return None;
    }
    help(parent, key, place)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::schema::{Reading, ViolationKind, all, validate};
    use crate::source::Profile;
    use crate::yaml::{Limits, parse};

    /// Of these there are too many kinds for one sentence.
    const VAGUE: [&str; 3] = ["id", "name", "key"];

    /// What must stand beside nodes that may only be there with it.
    const BESIDE: [(&str, &str); 3] = [
        ("l2-address-data", "type: mac-address"),
        ("l3-address-data", "type: ip-address"),
        ("file-storage-data", "type-of-storage: file"),
    ];

    fn models() -> impl Iterator<Item = &'static Schema> {
        all()
            .iter()
            .filter(|schema| schema.reading == Reading::Lexical)
    }

    #[test]
    fn every_node_that_can_be_missing_has_a_purpose() {
        let mut unknown = BTreeSet::new();
        for schema in models() {
            for (path, key) in schema.demanded() {
                if find(&path, &key).is_none_or(|(end, _)| VAGUE.contains(&end)) {
                    unknown.insert(format!("{path}/{key}"));
                }
            }
        }
        assert!(unknown.is_empty(), "{unknown:#?}");
    }

    #[test]
    fn every_purpose_is_of_a_node_that_can_be_missing() {
        let mut idle: BTreeSet<&str> = purposes().keys().copied().collect();
        for schema in models() {
            for (path, key) in schema.demanded() {
                find(&path, &key).inspect(|(end, _)| _ = idle.remove(end));
            }
        }
        idle.retain(|end| !VAGUE.contains(end));
        assert!(idle.is_empty(), "{idle:?}");
    }

    /// What is written for editors is about a node that some model has there.
    #[test]
    fn every_hover_is_of_a_node() {
        let mut idle: BTreeSet<&str> = hovers().keys().copied().collect();
        for schema in models() {
            for (path, key) in schema.nodes() {
                find_in(hovers(), &path, &key).inspect(|(end, _)| _ = idle.remove(end));
            }
        }
        assert!(idle.is_empty(), "{idle:?}");
    }

    /// Whoever writes for the newest models is told of every key what it is for, and of
    /// none as vaguely as by its name.
    #[test]
    fn every_node_of_the_newest_models_has_a_purpose() {
        let mut unknown = BTreeSet::new();
        let mut met = 0;
        for schema in models() {
            if !schema.name.starts_with("osm/r15/") && !schema.name.starts_with("sol006/4.3.1/") {
                continue;
            }
            for (path, key) in schema.nodes() {
                met += 1;
                let ends = [find(&path, &key), find_in(hovers(), &path, &key)];
                let mut ends = ends.into_iter().flatten().map(|(end, _)| end);
                if ends.all(|end| VAGUE.contains(&end)) {
                    unknown.insert(format!("{}: {path}/{key}", schema.name));
                }
            }
        }
        assert!(met > 3000, "{met}");
        let unknown: Vec<String> = unknown.into_iter().collect();
        assert!(
            unknown.is_empty(),
            "{}:\n{}",
            unknown.len(),
            unknown.join("\n")
        );
    }

    /// A path is in the table once, and a sentence goes on behind a name.
    #[test]
    fn the_table_is_well_formed() {
        let lines = include_str!("purposes.txt").lines();
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(lines.count(), purposes().len());
        let lines = include_str!("hover.txt").lines();
        let lines = lines.chain(include_str!("hover_rare.txt").lines());
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(lines.count(), hovers().len());
        for (path, Purpose { words, .. }) in purposes().iter().chain(hovers()) {
            let first = words.split(' ').next().unwrap_or_default();
            assert!(first.ends_with('s'), "{path}: {words}");
            assert!(!words.ends_with(['.', ';', ',']), "{path}: {words}");
            assert_eq!(words.matches('`').count() % 2, 0, "{path}: {words}");
        }
    }

    /// The least to write for a node is valid where it stands, but for names
    /// that only the author knows.
    #[test]
    fn the_least_to_write_is_valid() {
        let mut faults = BTreeMap::new();
        let mut written = 0;
        for schema in models() {
            for (path, key) in schema.demanded() {
                let least = least(schema, &path, &key);
                let place = format!("{}: {path}/{key}", schema.name);
                let Some(least) = least else {
                    faults.insert(place, "nothing to write".to_owned());
                    continue;
                };
                let mut text = match BESIDE.iter().find(|(name, _)| *name == key) {
                    Some((_, beside)) => format!("{{{beside}, {key}: {least}}}"),
                    None => format!("{{{key}: {least}}}"),
                };
                for part in path.split('/').rev().filter(|part| !part.is_empty()) {
                    text = match part {
                        "0" => format!("[{text}]"),
                        part => format!("{{{part}: {text}}}"),
                    };
                }
                let doc = parse("x.yaml", text.as_bytes(), Limits::default());
                let own = match path.as_str() {
                    "" => key.clone(),
                    path => format!("{path}/{key}"),
                };
                for violation in validate(schema, &doc, Profile::Etsi) {
                    let is_own = match &violation.kind {
                        ViolationKind::MissingKey { key: other, .. } if violation.path == path => {
                            *other == key
                        }
                        ViolationKind::DanglingReference { .. } => false,
                        // That the name is not known is told here too.
                        ViolationKind::Condition { name, .. } if name.contains("profile") => false,
                        _ => violation.path.starts_with(&own),
                    };
                    if is_own {
                        let what = format!("{least}: {} {:?}", violation.path, violation.kind);
                        faults.insert(place.clone(), what);
                    }
                }
                written += 1;
            }
        }
        assert!(faults.is_empty(), "{faults:#?}");
        assert!(written > 4000, "{written}");
    }

    /// What is too long for a line is left out of a message: only documents as
    /// a whole are.
    #[test]
    fn nearly_everything_fits_a_line() {
        for schema in models() {
            for (path, key) in schema.demanded() {
                let fits = path.is_empty() || schema.least(&path, &key).is_some();
                assert!(fits, "{}: {path}/{key}", schema.name);
            }
        }
    }
}
