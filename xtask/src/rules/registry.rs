//! The list of all rules.

use super::{Lint, chart, csar, hdag, osm, package, schema, shield, sol006, topology, yaml};
use crate::diagnostic::Rule;

/// Every rule, sorted by family as written here. A new rule is added in the
/// `mod.rs` of its family.
pub fn all() -> &'static [&'static Lint] {
    static ALL: std::sync::LazyLock<Vec<&'static Lint>> = std::sync::LazyLock::new(|| {
        [
            yaml::LINTS,
            // Before the family that has words for every violation.
            sol006::LINTS,
            schema::LINTS,
            package::LINTS,
            csar::LINTS,
            osm::LINTS,
            topology::LINTS,
            shield::LINTS,
            hdag::LINTS,
            chart::LINTS,
        ]
        .concat()
    });
    &ALL
}

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all()
        .iter()
        .map(|lint| lint.rule)
        .find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::all;

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for lint in all() {
            let id = lint.rule.id;
            assert!(seen.insert(id), "{id} stands twice");
            let (family, name) = id.split_once('/').expect("family/name");
            for part in [family, name] {
                let fine = part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                assert!(fine && !part.is_empty(), "{id}");
            }
        }
    }

    #[test]
    fn every_rule_is_documented() {
        for lint in all() {
            let rule = lint.rule;
            assert!(!rule.summary.ends_with('.'), "{}", rule.id);
            for section in ["## What it does", "## Why is this bad?"] {
                assert!(rule.docs.contains(section), "{}: {section}", rule.id);
            }
        }
    }
}
