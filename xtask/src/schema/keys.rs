//! Keys as they are written: without a value, with the prefix of a module, and
//! twice but for that.

use foldhash::{HashMap, HashSet};

use super::data::{Data, Prefixed};
use super::path::join;
use super::violation::{Violation, ViolationKind};
use crate::source::Profile;

/// Adds what is wrong with the spelling of keys, and with those that have no
/// value. `is_loaded` says that today's OSM loads such documents, and is the
/// judge.
pub(super) fn check(
    data: &Data<'_>,
    profile: Profile,
    is_loaded: bool,
    violations: &mut Vec<Violation>,
) {
    let judge = Judge {
        data,
        profile,
        is_loaded,
    };
    if data.empty().next().is_some() {
        judge.empty(violations);
    }
    if !data.prefixed().is_empty() {
        judge.spellings(violations);
    }
}

struct Judge<'d, 'a> {
    data: &'d Data<'a>,
    profile: Profile,
    is_loaded: bool,
}

impl<'a> Judge<'_, 'a> {
    /// Tells of keys that must have a value. `jsonschema` is content with the
    /// key where it is the only one that an object must have, and OSM's loader
    /// with all but the keys of lists and identities, into which it looks.
    fn empty(&self, violations: &mut Vec<Violation>) {
        let told = violations
            .iter()
            .filter_map(|violation| match &violation.kind {
                ViolationKind::MissingKey { key, .. } => Some(join(&violation.path, key)),
                // That nothing is no mapping says the same.
                ViolationKind::WrongType { .. } => Some(violation.path.clone()),
                _ => None,
            });
        let told: HashSet<String> = told.collect();
        for (index, key, at) in self.data.empty() {
            let node = self.data.get(index);
            let path = self.data.path(index);
            // It looks for a prefix in what an identity is called, or a list of
            // them: nothing has none.
            let child = node.stated.child(key).map(|(_, of)| of);
            let is_read =
                self.is_loaded && child.is_some_and(|of| of.items().unwrap_or(of).is_qualified);
            if told.contains(&join(&path, key)) && !is_read {
                continue;
            }
            let is_list_key = node.list.is_some_and(|list| list.keys.contains(&key));
            let is_osm = self.profile == Profile::Osm;
            // Of several keys it makes one text, in which `None` may stand.
            let is_only_key = is_list_key && node.list.is_some_and(|list| list.keys.len() == 1);
            let is_minded = is_only_key || !is_osm;
            let kind = if is_read {
                ViolationKind::wrong_type("a name", "nothing")
            } else if node.stated.required.contains(&key) {
                ViolationKind::MissingKey {
                    key: key.to_owned(),
                    is_list_key,
                }
            } else {
                continue;
            };
            let is_missing = matches!(kind, ViolationKind::MissingKey { .. });
            let path = match is_missing {
                true => path,
                false => join(&path, key),
            };
            violations.push(Violation {
                kind,
                at,
                path,
                tolerated: is_missing && !is_minded,
                defect: None,
            });
        }
    }

    /// Tells of keys that are the same but for the prefix of a module; in OSM's
    /// profile of keys of lists with one, since its loader knows names without
    /// their prefix, but looks for the key of an item as the model writes it; and
    /// of keys with the prefix of another module than their own, which it takes.
    fn spellings(&self, violations: &mut Vec<Violation>) {
        let mut count: HashMap<(usize, &str), usize> = HashMap::default();
        for prefixed in self.data.prefixed() {
            *count.entry((prefixed.parent, prefixed.name)).or_default() += 1;
        }
        for prefixed in self.data.prefixed() {
            let parent = self.data.get(prefixed.parent);
            let is_list_key = parent
                .list
                .is_some_and(|list| list.keys.contains(&prefixed.name));
            let kind = if let Some((other, first)) = &prefixed.twin {
                ViolationKind::SameKey {
                    key: prefixed.key.to_owned(),
                    other: (*other).to_owned(),
                    first: first.clone(),
                }
            } else if is_list_key && self.is_loaded && !prefixed.is_nothing {
                ViolationKind::ListKey {
                    key: prefixed.name.to_owned(),
                    written: Some(prefixed.key.to_owned()),
                }
            } else if let Some((prefix, module)) = self.misplaced(prefixed) {
                ViolationKind::Prefix {
                    key: prefixed.name.to_owned(),
                    prefix: prefix.to_owned(),
                    module: module.to_owned(),
                    is_only: count.get(&(prefixed.parent, prefixed.name)) == Some(&1),
                }
            } else {
                continue;
            };
            let is_prefix = matches!(kind, ViolationKind::Prefix { .. });
            violations.push(Violation {
                kind,
                at: prefixed.at.clone(),
                path: self.data.path(prefixed.parent),
                tolerated: is_prefix && self.profile == Profile::Osm,
                defect: None,
            });
        }
    }

    /// The prefix of a key and its module, where they differ.
    fn misplaced(&self, prefixed: &Prefixed<'a>) -> Option<(&'a str, &'static str)> {
        let module = prefixed.module?;
        let prefix = prefixed
            .key
            .strip_suffix(prefixed.name)?
            .strip_suffix(':')?;
        (prefix != module).then_some((prefix, module))
    }
}
