//! Who judges, and by which version of a model.

use std::fmt;
use std::sync::LazyLock;

use thiserror::Error;

use super::catalog::{Schema, all, by_name};
use crate::source::{Profile, ShieldProfile};

/// What descriptors are held against.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice {
    /// Who judges the descriptors of SOL006.
    pub profile: Profile,
    /// The version of a model that was asked for, instead of the newest that
    /// fits.
    pub model: Option<&'static ModelVersion>,
    /// Which SHIELD manifests are accepted.
    pub shield: ShieldProfile,
}

/// A version of a model: `sol006@3.6.1`, `osm@15`, `osm-im@8`.
#[derive(Debug, PartialEq, Eq)]
pub struct ModelVersion {
    /// The model: the folder below `schemas/`.
    pub family: &'static str,
    /// The folder below that of the model.
    folder: &'static str,
}

/// A model or a version that does not exist.
#[derive(Debug, Error)]
#[error("no model is called `{name}`{}; known are {}", hint(.suggestion), .known.join(", "))]
pub struct ModelError {
    /// What was asked for.
    pub name: String,
    /// The nearest name that exists.
    pub suggestion: Option<String>,
    /// All names.
    pub known: Vec<String>,
}

fn hint(suggestion: &Option<String>) -> String {
    match suggestion {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}

impl ModelVersion {
    /// The version of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        versions()
            .iter()
            .find(|version| version.to_string() == name)
    }

    /// The version of another model with the number that was asked for: `osm-im@8`
    /// for `osm@8`, because the releases of OSM before NINE have a model of their
    /// own. No two models have the same number.
    pub fn namesake(name: &str) -> Option<&'static Self> {
        let (family, number) = name.split_once('@')?;
        let mut others = versions().iter().filter(|other| other.family != family);
        others.find(|other| other.number() == number)
    }

    /// The version that was most likely meant by a name with a model that there is: the
    /// one with that number, whatever stands around it (`sol006@v3.6.1`, `osm@r15`), the
    /// newest that begins with it or with its first parts, or the newest of all.
    pub fn near(name: &str) -> Option<&'static Self> {
        let (family, number) = name.split_once('@')?;
        let own = || versions().iter().filter(|own| own.family == family);
        let number = number.trim_matches(|c: char| !c.is_ascii_digit());
        let ends = number.match_indices('.').map(|(end, _)| end);
        let mut ends: Vec<usize> = ends.chain([number.len()]).collect();
        ends.reverse();
        let alike = own().find(|own| own.number() == number);
        let mut starts = ends.iter().map(|end| format!("{}.", &number[..*end]));
        let longer = || starts.find_map(|start| own().find(|own| own.number().starts_with(&start)));
        alike.or_else(longer).or_else(|| own().next())
    }

    /// The version as it is written after `@`.
    pub fn number(&self) -> &'static str {
        self.folder.trim_start_matches('r')
    }

    /// The schema of a kind of document, if this version describes it.
    pub(super) fn schema(&self, document: &str) -> Option<&'static Schema> {
        by_name(&format!("{}/{}/{document}", self.family, self.folder))
    }

    /// The schemas of all kinds of document that this version describes.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &'static Schema> {
        let folder = format!("{}/{}/", self.family, self.folder);
        let schemas = all().iter();
        schemas.filter(move |schema| schema.name.starts_with(&folder))
    }

    /// The parts of the number, to sort by.
    fn order(&self) -> Vec<u32> {
        let parts = self.number().split('.');
        parts.map(|part| part.parse().unwrap_or(0)).collect()
    }
}

impl fmt::Display for ModelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.family, self.number())
    }
}

/// Every version of the models that have several, the newest of each first.
pub fn versions() -> &'static [ModelVersion] {
    static VERSIONS: LazyLock<Vec<ModelVersion>> = LazyLock::new(|| {
        let mut versions: Vec<ModelVersion> = Vec::new();
        for family in ["osm", "sol006", "osm-im"] {
            let mut own: Vec<ModelVersion> = Vec::new();
            for schema in all() {
                let mut parts = schema.name.split('/');
                if parts.next() != Some(family) {
                    continue;
                }
                let Some(folder) = parts.next() else { continue };
                if own.last().is_none_or(|last| last.folder != folder) {
                    own.push(ModelVersion { family, folder });
                }
            }
            own.sort_by_key(|version| std::cmp::Reverse(version.order()));
            versions.append(&mut own);
        }
        versions
    });
    &VERSIONS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_that_was_meant() {
        for (name, meant) in [
            ("sol006@v3.6.1", Some("sol006@3.6.1")),
            ("sol006@3.6.1.", Some("sol006@3.6.1")),
            ("sol006@3.6", Some("sol006@3.6.1")),
            ("sol006@3", Some("sol006@3.7.1")),
            ("sol006@v2", Some("sol006@2.8.1")),
            ("sol006@3.6.2", Some("sol006@3.6.1")),
            ("sol006@4.1.1", Some("sol006@4.3.1")),
            ("sol006@5.1.1", Some("sol006@4.3.1")),
            ("sol006@1", Some("sol006@4.3.1")),
            ("sol006@latest", Some("sol006@4.3.1")),
            ("osm@r14", Some("osm@14")),
            ("osm@16", Some("osm@15")),
            ("osm@", Some("osm@15")),
            ("osm-im@99999999999", Some("osm-im@8")),
            ("sol6@3.6.1", None),
            ("sol006", None),
        ] {
            let near = ModelVersion::near(name).map(ToString::to_string);
            assert_eq!(near.as_deref(), meant, "{name}");
        }
    }

    #[test]
    fn versions_go_from_new_to_old() {
        let names: Vec<String> = versions().iter().map(ToString::to_string).collect();
        let place = |name: &str| names.iter().position(|known| known == name);
        assert_eq!(names.first().map(String::as_str), Some("osm@15"));
        assert!(place("osm@10") < place("osm@9"));
        assert!(place("sol006@4.3.1") < place("sol006@2.6.1"));
        assert_eq!(names.len(), 22);
        for version in versions() {
            assert_eq!(ModelVersion::find(&version.to_string()), Some(version));
            assert!(version.schema("vnfd").is_some(), "{version}");
            assert!(version.schema("nsd").is_some(), "{version}");
        }
        let numbers: std::collections::BTreeSet<_> =
            versions().iter().map(ModelVersion::number).collect();
        assert_eq!(numbers.len(), names.len(), "two models with one number");
    }
}
