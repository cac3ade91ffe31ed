//! What a keychain is given from outside, and the files that follow from it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use super::place::{Place, Wanted};
use super::{Credential, ci};

/// The variables that say where files and programs are.
const PLACES: [&str; 10] = [
    "APPDATA",
    "DOCKER_CONFIG",
    "HELM_CONFIG_HOME",
    "HELM_REGISTRY_CONFIG",
    "HOME",
    "PATH",
    "REGISTRY_AUTH_FILE",
    "USERPROFILE",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
];

/// The variable that names the home folder.
const HOME: &str = if cfg!(windows) { "USERPROFILE" } else { "HOME" };

/// Everything that a keychain knows of the world.
#[derive(Clone, Default)]
pub struct KeychainOptions {
    /// What the command line gives.
    pub given: Option<Credential>,
    /// The one host that it is given for. Without it, `given` holds for none.
    pub given_for: Option<String>,
    /// The file that takes the place of Docker's config.
    pub config: Option<PathBuf>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
}

/// Only the names of variables are shown: some of them are secrets.
impl fmt::Debug for KeychainOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeychainOptions")
            .field("given", &self.given)
            .field("given_for", &self.given_for)
            .field("config", &self.config)
            .field("env", &self.env.keys())
            .finish()
    }
}

/// A file that credentials are looked for in.
pub(super) struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it has to be there.
    pub required: bool,
}

impl KeychainOptions {
    /// Nothing from the command line, and the variables of this process that
    /// matter.
    pub fn from_env() -> Self {
        let read = |name: &&str| {
            let value = std::env::var_os(name)?;
            Some(((*name).to_owned(), value.to_string_lossy().into_owned()))
        };
        let names = PLACES.iter().chain(&ci::VARIABLES);
        KeychainOptions {
            env: names.filter_map(read).collect(),
            ..KeychainOptions::default()
        }
    }

    pub(super) fn given_for(&self, wanted: &Wanted<'_>) -> Option<Credential> {
        let host = self.given_for.as_deref()?;
        let given = self.given.as_ref()?;
        Place::parse(host).holds(wanted).then(|| given.clone())
    }

    /// Docker's config, whether it is there or not.
    pub(super) fn docker_config(&self) -> Option<PathBuf> {
        let named = self.config.as_ref().filter(|path| !is_empty(path));
        if let Some(path) = named {
            return Some(path.clone());
        }
        let folder = match self.path_in("DOCKER_CONFIG") {
            Some(folder) => folder.to_owned(),
            None => self.path_in(HOME)?.join(".docker"),
        };
        Some(folder.join("config.json"))
    }

    /// podman's files in the order of containers-auth.json(5).
    pub(super) fn podman_files(&self) -> Vec<Source> {
        if let Some(path) = self.path_in("REGISTRY_AUTH_FILE") {
            return vec![Source {
                path: path.to_owned(),
                required: true,
            }];
        }
        let runtime = self.path_in("XDG_RUNTIME_DIR").map(Path::to_owned);
        let config = match self.path_in("XDG_CONFIG_HOME") {
            Some(folder) => Some(folder.to_owned()),
            None => self.path_in(HOME).map(|home| home.join(".config")),
        };
        let in_folder = |folder: PathBuf| Source {
            path: folder.join("containers").join("auth.json"),
            required: false,
        };
        runtime.into_iter().chain(config).map(in_folder).collect()
    }

    /// Helm's file, in which `helm registry login` keeps credentials in Docker's
    /// form (Helm's `helmpath`).
    pub(super) fn helm_file(&self) -> Option<Source> {
        let source = |path: PathBuf| Source {
            path,
            required: false,
        };
        if let Some(path) = self.path_in("HELM_REGISTRY_CONFIG") {
            return Some(source(path.to_owned()));
        }
        let own = self.path_in("HELM_CONFIG_HOME").map(Path::to_owned);
        let xdg = || Some(self.path_in("XDG_CONFIG_HOME")?.join("helm"));
        let usual = || {
            let (variable, folder) = match std::env::consts::OS {
                "windows" => ("APPDATA", ""),
                "macos" => ("HOME", "Library/Preferences"),
                _ => ("HOME", ".config"),
            };
            Some(self.path_in(variable)?.join(folder).join("helm"))
        };
        let folder = own.or_else(xdg).or_else(usual)?;
        Some(source(folder.join("registry").join("config.json")))
    }

    /// Where programs are.
    pub(super) fn search_path(&self) -> &OsStr {
        OsStr::new(self.env.get("PATH").map_or("", String::as_str))
    }

    /// The path in a variable; an empty one counts as unset.
    fn path_in(&self, name: &str) -> Option<&Path> {
        self.env
            .get(name)
            .map(Path::new)
            .filter(|path| !is_empty(path))
    }
}

fn is_empty(path: &Path) -> bool {
    path.as_os_str().is_empty()
}
