//! The configuration: `nfv.toml`, or `[workspace.metadata.nfv]` /
//! `[package.metadata.nfv]` in a `Cargo.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use thiserror::Error;

use super::added::{AddedFiles, InTree};
use super::annotations::OwnAnnotations;
use super::output_name::OutputName;
use super::pattern::Pattern;
use super::variants::Release;
use crate::csar::Settings;
use crate::diagnostic::Level;

/// Levels by rule, family or group, as written in the configuration.
pub type LintLevels = BTreeMap<String, LintLevel>;

/// A level in the configuration.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LintLevel {
    /// Not reported.
    Allow,
    /// Reported as a warning.
    Warn,
    /// Reported as an error.
    Deny,
}

impl From<LintLevel> for Level {
    fn from(level: LintLevel) -> Level {
        match level {
            LintLevel::Allow => Level::Allow,
            LintLevel::Warn => Level::Warn,
            LintLevel::Deny => Level::Deny,
        }
    }
}

/// Who judges the descriptors of SOL006.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// OSM: what its loader and its north-bound interface refuse is an error,
    /// and departures from the model that they let pass are none.
    #[default]
    Osm,
    /// ETSI's model, with its published defects repaired.
    Etsi,
    /// ETSI's model to the letter, for comparison with other validators.
    EtsiLiteral,
}

/// Which SHIELD manifests are accepted.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum ShieldProfile {
    /// What any of the others accepts; where the Store would refuse it, that is a warning.
    /// What is built is what the Store takes.
    #[default]
    Any,
    /// What the published documentation describes. What is built stays so.
    Docs,
    /// The forms before the last, of July 2017 to October 2018; what the Store would refuse of
    /// them is a warning. What is built stays so.
    Legacy,
    /// What the Store's own model accepts.
    StoreHead,
}

/// The layout that the package of a VNF, NS or PNF is built in.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum PackageLayout {
    /// OSM's `.tar.gz`.
    Osm,
    /// The zip of SOL004 and SOL007.
    Csar,
}

/// Settings of one package.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PackageConfig {
    /// The layout that it is built in.
    #[serde(default)]
    pub layout: Option<PackageLayout>,
    /// What its CSAR says.
    #[serde(default)]
    pub csar: Settings,
    /// Which of several descriptors in one folder is meant, where nothing names one.
    #[serde(default)]
    pub variant: Option<Release>,
    /// The only files of its folder that go in, beside the descriptor.
    #[serde(default)]
    pub include: Option<Vec<Pattern>>,
    /// Files of its folder that do not go in.
    #[serde(default)]
    pub exclude: Vec<Pattern>,
    /// Files from elsewhere in the tree that go in.
    #[serde(default)]
    pub files: AddedFiles,
    /// What the finished package is called.
    #[serde(default)]
    pub output_name: Option<OutputName>,
    /// What its artifact says besides.
    #[serde(default)]
    pub annotations: OwnAnnotations,
}

/// Settings of a tree. Every field has a default; unknown fields are refused.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Where to look for packages when the command line names no path,
    /// relative to the root. Default: the root.
    #[serde(default)]
    pub paths: Vec<PathBuf>,
    /// Paths below the root that are not looked at, in gitignore's notation.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Who judges the descriptors of SOL006.
    #[serde(default)]
    pub profile: Profile,
    /// The version of the model that descriptors are held against, such as
    /// `sol006@3.6.1`. Default: the newest that each of them fits.
    #[serde(default)]
    pub model: Option<String>,
    /// Levels of rules.
    #[serde(default)]
    pub lints: LintLevels,
    /// Settings for SHIELD packages.
    #[serde(default)]
    pub shield: ShieldConfig,
    /// The layout that packages of VNFs, NSs and PNFs of SOL006 are built in.
    /// Default: that of the folder; OSM's where a folder has none.
    #[serde(default)]
    pub layout: Option<PackageLayout>,
    /// What CSARs say.
    #[serde(default)]
    pub csar: Settings,
    /// Which of several descriptors in one folder is meant, where nothing names one.
    #[serde(default)]
    pub variant: Option<Release>,
    /// What finished packages are called.
    #[serde(default)]
    pub output_name: Option<OutputName>,
    /// What artifacts say besides.
    #[serde(default)]
    pub annotations: OwnAnnotations,
    /// The policy that artifacts must meet before they are used, relative to
    /// the root.
    #[serde(default)]
    pub policy: Option<PathBuf>,
    /// Settings of single packages, by their id.
    #[serde(default)]
    pub packages: BTreeMap<String, PackageConfig>,
    /// What `${name}` in descriptors stands for, by name.
    #[serde(default)]
    pub placeholders: BTreeMap<String, PlaceholderConfig>,
    /// The text that all this was read from, where an editor has another one than the disk.
    #[serde(skip)]
    pub unsaved: Option<Arc<str>>,
}

/// A placeholder.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlaceholderConfig {
    /// Its value where the command line gives none.
    #[serde(default)]
    pub default: Option<String>,
}

/// Settings for SHIELD packages.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ShieldConfig {
    /// Which manifests are accepted.
    #[serde(default)]
    pub profile: ShieldProfile,
}

/// A configuration that can't be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not what this program expects.
    #[error("`{}` is not a valid configuration", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The parser's words, with line and column.
        source: Box<toml::de::Error>,
    },
    /// The `metadata.nfv` table of a Cargo.toml is not what this program expects.
    #[error("`{table}` in `{}` is not a valid configuration", path.display())]
    Metadata {
        /// The file.
        path: PathBuf,
        /// The table.
        table: &'static str,
        /// What is wrong.
        source: serde_json::Error,
    },
}

impl Config {
    /// The layout that is asked for a package of that id.
    pub fn layout_of(&self, id: &str) -> Option<PackageLayout> {
        let own = self.packages.get(id).and_then(|package| package.layout);
        own.or(self.layout)
    }

    /// What the CSAR of that id says.
    pub fn csar_of(&self, id: &str) -> Settings {
        let own = self.packages.get(id).map(|package| package.csar.clone());
        own.unwrap_or_default().or(&self.csar)
    }

    /// Which of the descriptors of that id is meant, where nothing names one.
    pub fn variant_of(&self, id: &str) -> Option<Release> {
        let own = self.packages.get(id).and_then(|own| own.variant);
        own.or(self.variant)
    }

    /// What finished packages of that id are called, where something is said of it.
    pub fn output_name_of(&self, id: &str) -> Option<&OutputName> {
        let own = self
            .packages
            .get(id)
            .and_then(|own| own.output_name.as_ref());
        own.or(self.output_name.as_ref())
    }

    /// What the artifact of that id says besides: what is said of all, and over it what is
    /// said of this one.
    pub fn annotations_of(&self, id: &str) -> OwnAnnotations {
        let mut all = self.annotations.clone();
        let own = self.packages.get(id).map(|own| own.annotations.clone());
        all.extend(own.unwrap_or_default());
        all
    }

    /// The files and folders, relative to the root, that go into packages because the
    /// configuration names them, sorted.
    pub(super) fn named_paths(&self) -> BTreeSet<PathBuf> {
        let packages = || self.packages.values();
        let csar = packages().map(|own| &own.csar).chain([&self.csar]);
        let named = csar.flat_map(|csar| [&csar.change_log, &csar.licenses, &csar.tests]);
        let added = packages().flat_map(|own| own.files.values().map(InTree::as_path));
        named.flatten().cloned().chain(added).collect()
    }

    /// Reads an `nfv.toml`.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, path)
    }

    /// Takes the text of an `nfv.toml`.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|source| ConfigError::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// Reads the `metadata.nfv` table of a `Cargo.toml` without cargo: that of the
    /// workspace, or else of the package, as cargo hands them over. `None` without one.
    /// A member does not find its workspace so.
    pub fn in_manifest(path: &Path) -> Result<Option<Self>, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::in_manifest_text(&text, path)
    }

    /// The same of a text that the file at `path` holds, or has held.
    pub(super) fn in_manifest_text(text: &str, path: &Path) -> Result<Option<Self>, ConfigError> {
        let manifest: toml::Value = toml::from_str(text).map_err(|source| ConfigError::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        for (around, table) in [
            ("workspace", "workspace.metadata.nfv"),
            ("package", "package.metadata.nfv"),
        ] {
            let metadata = manifest
                .get(around)
                .and_then(|around| around.get("metadata"));
            let Some(own) = metadata.and_then(|metadata| metadata.get("nfv")) else {
                continue;
            };
            let failed = |source| ConfigError::Metadata {
                path: path.to_owned(),
                table,
                source,
            };
            let value = serde_json::to_value(own).map_err(failed)?;
            return Config::from_metadata(&value, path, table).map(Some);
        }
        Ok(None)
    }

    /// Takes a `metadata.nfv` table as cargo hands it over.
    pub fn from_metadata(
        value: &serde_json::Value,
        path: &Path,
        table: &'static str,
    ) -> Result<Self, ConfigError> {
        Config::deserialize(value).map_err(|source| ConfigError::Metadata {
            path: path.to_owned(),
            table,
            source,
        })
    }
}
