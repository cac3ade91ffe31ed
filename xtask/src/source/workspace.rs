//! Where a tree begins, where its outputs go, and its configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cargo_metadata::MetadataCommand;
use thiserror::Error;

use super::config::{Config, ConfigError};
use super::config_text::place_in_words;
use super::links::behind_links;
use super::links::tidy;
use crate::rules::nearest;
use crate::yaml::{Placeholders, is_placeholder_name};

/// The files that hold a configuration, of which the first is preferred.
pub(super) const MANIFESTS: [&str; 2] = ["nfv.toml", "Cargo.toml"];

/// What the command line says about the tree.
#[derive(Clone, Debug, Default)]
pub struct WorkspaceOptions {
    /// `--manifest-path`: a `Cargo.toml` or an `nfv.toml`.
    pub manifest_path: Option<PathBuf>,
    /// `--target-dir`, or `CARGO_TARGET_DIR` as cargo takes it.
    pub target_dir: Option<PathBuf>,
    /// `--set`: placeholders by name, with their values.
    pub set: Vec<(String, String)>,
    /// An `nfv.toml` as an editor has it, in place of what is on disk or not there yet: its path,
    /// absolute and behind links, and its text.
    pub unsaved: Option<(PathBuf, String)>,
}

impl WorkspaceOptions {
    /// Whether an editor has the file at a path.
    fn has(&self, path: &Path) -> bool {
        let unsaved = self.unsaved.as_ref();
        unsaved.is_some_and(|(unsaved, _)| *unsaved == behind_links(&tidy(path)))
    }
}

/// A source tree with its settings.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The folder the program was started in.
    pub current_dir: PathBuf,
    /// The top of the tree: links must not lead out of it.
    pub root: PathBuf,
    /// Where outputs go: `nfv/` below the target directory.
    pub out_dir: PathBuf,
    /// The settings.
    pub config: Config,
    /// The file the settings came from.
    pub config_path: Option<PathBuf>,
    /// The placeholders of the settings, with the values of the command line.
    pub placeholders: Arc<Placeholders>,
}

/// Why there is no usable tree.
#[derive(Debug, Error)]
pub enum WorkspaceError {
    /// The current directory can't be told.
    #[error("failed to tell the current directory")]
    CurrentDir(#[source] std::io::Error),
    /// `--manifest-path` names something that is not there.
    #[error("manifest path `{}` does not exist", .0.display())]
    NoManifest(PathBuf),
    /// cargo refuses the Cargo.toml.
    #[error("failed to read `{}` with `cargo metadata`", path.display())]
    Metadata {
        /// The Cargo.toml.
        path: PathBuf,
        /// cargo's words.
        source: Box<cargo_metadata::Error>,
    },
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A placeholder with a name that can't stand in `${}`.
    #[error(
        "the placeholder `{name}` in `{}`{place} can't have that name: it must be a letter, and then \
         letters, digits, `-` and `_`",
        path.display()
    )]
    PlaceholderName {
        /// The name.
        name: String,
        /// The configuration.
        path: PathBuf,
        /// The place in it, in words.
        place: String,
    },
    /// A value for a placeholder that nobody has declared.
    #[error(
        "no placeholder `{name}` is declared{}{}",
        of(config),
        instead(name, near)
    )]
    NoPlaceholder {
        /// The name.
        name: String,
        /// The configuration, where there is one.
        config: Option<PathBuf>,
        /// A name that is declared and near.
        near: Option<String>,
    },
}

fn of(config: &Option<PathBuf>) -> String {
    let path = config.as_ref();
    path.map_or(String::new(), |path| format!(" in `{}`", path.display()))
}

fn instead(name: &str, near: &Option<String>) -> String {
    match near {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; `[placeholders.{name}]` in the configuration declares it"),
    }
}

impl Workspace {
    /// Finds the tree that the current directory belongs to.
    ///
    /// The nearest `nfv.toml` at or above it decides, then the nearest
    /// `Cargo.toml`; with neither, the tree is the current directory.
    pub fn find(options: &WorkspaceOptions) -> Result<Self, WorkspaceError> {
        let current_dir = std::env::current_dir().map_err(WorkspaceError::CurrentDir)?;
        let manifest = match &options.manifest_path {
            Some(path) => {
                let path = current_dir.join(path);
                if !path.is_file() && !options.has(&path) {
                    return Err(WorkspaceError::NoManifest(path));
                }
                Some(path)
            }
            None => nearest_manifest(&current_dir, options),
        };
        let mut workspace = match manifest {
            Some(path) if path.file_name().is_some_and(|name| name == "Cargo.toml") => {
                Self::from_cargo(&current_dir, &path)?
            }
            Some(path) => {
                let root = path.parent().unwrap_or(&current_dir).to_owned();
                let mut workspace = Self::bare(&current_dir, root);
                let unsaved = options.unsaved.as_ref().filter(|_| options.has(&path));
                workspace.config = match unsaved {
                    Some((_, text)) => Config {
                        unsaved: Some(text.as_str().into()),
                        ..Config::parse(text, &path)?
                    },
                    None => Config::read(&path)?,
                };
                workspace.config_path = Some(path);
                workspace
            }
            None => Self::bare(&current_dir, current_dir.clone()),
        };
        if let Some(target_dir) = &options.target_dir {
            workspace.out_dir = current_dir.join(target_dir).join("nfv");
        }
        workspace.placeholders = Arc::new(workspace.placeholders(&options.set)?);
        Ok(workspace)
    }

    /// The placeholders that are declared, with the values of `set` or else their own.
    /// Of two values for one name the last counts, as in Helm.
    fn placeholders(&self, set: &[(String, String)]) -> Result<Placeholders, WorkspaceError> {
        let declared = self.config.placeholders.iter();
        let mut placeholders: BTreeMap<String, Option<String>> = declared
            .map(|(name, config)| (name.clone(), config.default.clone()))
            .collect();
        if let Some(name) = placeholders.keys().find(|name| !is_placeholder_name(name)) {
            return Err(WorkspaceError::PlaceholderName {
                name: name.clone(),
                path: self.config_path.clone().unwrap_or_default(),
                place: place_in_words(self, &["placeholders", name]),
            });
        }
        for (name, value) in set {
            let Some(own) = placeholders.get_mut(name) else {
                let names = placeholders.keys().map(String::as_str);
                return Err(WorkspaceError::NoPlaceholder {
                    name: name.clone(),
                    config: self.config_path.clone(),
                    near: nearest(name, names).map(str::to_owned),
                });
            };
            *own = Some(value.clone());
        }
        Ok(Placeholders(placeholders))
    }

    fn bare(current_dir: &Path, root: PathBuf) -> Self {
        Workspace {
            current_dir: current_dir.to_owned(),
            out_dir: root.join("target").join("nfv"),
            root,
            config: Config::default(),
            config_path: None,
            placeholders: Arc::default(),
        }
    }

    fn from_cargo(current_dir: &Path, manifest: &Path) -> Result<Self, WorkspaceError> {
        // No dependency is resolved and nothing is fetched: only the tables
        // and the target directory are of interest.
        let metadata = match MetadataCommand::new()
            .manifest_path(manifest)
            .current_dir(current_dir)
            .no_deps()
            .other_options(["--offline".to_owned()])
            .exec()
        {
            Ok(metadata) => metadata,
            // A tree may hold a Cargo.toml on a machine without cargo.
            Err(cargo_metadata::Error::Io(error))
                if error.kind() == std::io::ErrorKind::NotFound =>
            {
                let root = manifest.parent().unwrap_or(current_dir).to_owned();
                let mut workspace = Self::bare(current_dir, root);
                if let Some(config) = Config::in_manifest(manifest)? {
                    workspace.config = config;
                    workspace.config_path = Some(manifest.to_owned());
                }
                return Ok(workspace);
            }
            Err(source) => {
                return Err(WorkspaceError::Metadata {
                    path: manifest.to_owned(),
                    source: Box::new(source),
                });
            }
        };
        let root: PathBuf = metadata.workspace_root.clone().into();
        let mut workspace = Workspace {
            current_dir: current_dir.to_owned(),
            out_dir: PathBuf::from(metadata.target_directory.clone()).join("nfv"),
            root: root.clone(),
            config: Config::default(),
            config_path: None,
            placeholders: Arc::default(),
        };
        let workspace_manifest = root.join("Cargo.toml");
        if let Some(table) = metadata.workspace_metadata.get("nfv") {
            workspace.config =
                Config::from_metadata(table, &workspace_manifest, "workspace.metadata.nfv")?;
            workspace.config_path = Some(workspace_manifest);
        } else if let Some(table) = metadata
            .root_package()
            .and_then(|package| package.metadata.get("nfv"))
        {
            workspace.config =
                Config::from_metadata(table, &workspace_manifest, "package.metadata.nfv")?;
            workspace.config_path = Some(workspace_manifest);
        }
        Ok(workspace)
    }

    /// A path as the user should read it: relative to where the program was
    /// started if it lies below, with `/` on every system.
    pub fn shown(&self, path: &Path) -> String {
        let relative = path.strip_prefix(&self.current_dir).unwrap_or(path);
        let text = relative.to_string_lossy();
        let text = if std::path::MAIN_SEPARATOR == '/' {
            text.into_owned()
        } else {
            text.replace(std::path::MAIN_SEPARATOR, "/")
        };
        if text.is_empty() {
            ".".to_owned()
        } else {
            text
        }
    }
}

fn nearest_manifest(start: &Path, options: &WorkspaceOptions) -> Option<PathBuf> {
    start.ancestors().find_map(|dir| {
        MANIFESTS
            .map(|name| dir.join(name))
            .into_iter()
            .find(|path| path.is_file() || options.has(path))
    })
}
