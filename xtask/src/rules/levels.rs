//! Which level each rule has in this run.

use std::collections::HashMap;

use thiserror::Error;

use super::registry::{all, find};
use super::suggest::nearest;
use super::{schema, sol006};
use crate::diagnostic::{Diagnostic, Level, Rule, Severity};
use crate::source::Profile;

/// A rule, family or group that does not exist.
#[derive(Debug, Error)]
#[error("no rule, family or group is called `{name}`{}", hint(.suggestion))]
pub struct LevelError {
    /// What was asked for.
    pub name: String,
    /// The nearest name that exists.
    pub suggestion: Option<String>,
}

fn hint(suggestion: &Option<String>) -> String {
    match suggestion {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}

/// Rules that are an error to the standard, where OSM does not look for what
/// they find. Their findings are dropped where a rule of OSM speaks of the same
/// value.
pub(super) static MILD_IN_OSM: &[&Rule] = &[
    &schema::conflict::RULE,
    &sol006::condition::RULE,
    &sol006::dangling_reference::RULE,
    &sol006::duplicate_list_key::RULE,
    &sol006::unknown_flavour::RULE,
];

/// The levels in force. Later settings win over earlier ones.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    rules: HashMap<&'static str, Level>,
    warnings: Option<Level>,
}

/// Rules that are an error to the standard, where OSM lets pass what they find.
const DENIED_BY_ETSI: &[&str] = &["yaml/duplicate-key", "yaml/loose"];

impl Levels {
    /// The levels of a profile, before anything is configured.
    pub fn of_profile(profile: Profile) -> Self {
        let mut levels = Levels::default();
        if profile != Profile::Osm {
            let denied = DENIED_BY_ETSI.iter().filter_map(|id| find(id));
            levels
                .rules
                .extend(denied.map(|rule| (rule.id, Level::Deny)));
        }
        levels
    }

    /// Sets the level of a rule (`osm/mgmt-cp`), of a family (`osm`), of all
    /// rules (`all`), or of everything that is a warning (`warnings`).
    pub fn set(&mut self, name: &str, level: Level) -> Result<(), LevelError> {
        if name == "warnings" {
            self.warnings = Some(level);
            return Ok(());
        }
        if let Some(rule) = find(name) {
            self.rules.insert(rule.id, level);
            return Ok(());
        }
        let mut known = false;
        for lint in all() {
            if name == "all" || lint.rule.family() == name {
                self.rules.insert(lint.rule.id, level);
                known = true;
            }
        }
        if known {
            return Ok(());
        }
        let families = all().iter().map(|lint| lint.rule.family());
        let names = all().iter().map(|lint| lint.rule.id);
        let suggestion = nearest(name, families.chain(names).chain(["warnings", "all"]));
        Err(LevelError {
            name: name.to_owned(),
            suggestion: suggestion.map(str::to_owned),
        })
    }

    /// The levels as they are where `profile` judges: what OSM lets pass is a
    /// warning there, unless something else was asked for.
    #[must_use]
    pub(super) fn under(&self, profile: Profile) -> Levels {
        let mut levels = self.clone();
        if profile == Profile::Osm {
            for rule in MILD_IN_OSM {
                levels.rules.entry(rule.id).or_insert(Level::Warn);
            }
        }
        levels
    }

    /// The level of a rule. A fixed rule keeps its own.
    pub fn of(&self, rule: &Rule) -> Level {
        if rule.fixed {
            return rule.level;
        }
        let level = self.rules.get(rule.id).copied().unwrap_or(rule.level);
        match self.warnings {
            Some(over) if level == Level::Warn => over,
            _ => level,
        }
    }

    /// Gives each finding its severity and drops those that are allowed.
    pub fn apply(&self, diagnostics: &mut Vec<Diagnostic>) {
        diagnostics.retain_mut(|diagnostic| {
            diagnostic.severity = match self.of(diagnostic.rule) {
                Level::Allow => return false,
                Level::Warn => Severity::Warning,
                Level::Deny => Severity::Error,
            };
            if diagnostic.rule.fixed
                && let Some(level) = self.rules.get(diagnostic.rule.id)
                && *level != diagnostic.rule.level
            {
                let note = format!(
                    "the level of this rule is fixed, so `{}` changes nothing",
                    level.as_str()
                );
                // A finding may come this way twice.
                if !diagnostic.notes.contains(&note) {
                    diagnostic.notes.push(note);
                }
            }
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_setting_wins_and_fixed_rules_stay() {
        let mut levels = Levels::default();
        let duplicate = find("yaml/duplicate-key").expect("rule");
        let syntax = find("yaml/syntax").expect("rule");
        levels.set("yaml", Level::Allow).expect("family");
        assert_eq!(levels.of(duplicate), Level::Allow);
        levels.set("yaml/duplicate-key", Level::Warn).expect("rule");
        assert_eq!(levels.of(duplicate), Level::Warn);
        levels.set("warnings", Level::Deny).expect("group");
        assert_eq!(levels.of(duplicate), Level::Deny);
        assert_eq!(levels.of(syntax), Level::Deny);
    }

    #[test]
    fn a_profile_has_levels_of_its_own_which_a_setting_overrides() {
        let duplicate = find("yaml/duplicate-key").expect("rule");
        assert_eq!(Levels::of_profile(Profile::Osm).of(duplicate), Level::Warn);
        for profile in [Profile::Etsi, Profile::EtsiLiteral] {
            let mut levels = Levels::of_profile(profile);
            assert_eq!(levels.of(duplicate), Level::Deny);
            levels.set("yaml", Level::Allow).expect("family");
            assert_eq!(levels.of(duplicate), Level::Allow);
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        let error = Levels::default().set("yaml/duplicat-key", Level::Warn);
        let error = error.expect_err("unknown").to_string();
        assert!(
            error.contains("did you mean `yaml/duplicate-key`"),
            "{error}"
        );
    }
}
