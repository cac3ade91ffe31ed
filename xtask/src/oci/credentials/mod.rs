//! Credentials for registries: where they come from, and where login keeps
//! them.
//!
//! Sources of the rules: Docker's `config.json` and its protocol of credential
//! helpers (docker/cli, docker-credential-helpers), containers-auth.json(5) of
//! podman and skopeo, and the variables that GitLab and GitHub set in CI.

mod ci;
mod config;
mod edit;
mod error;
mod helper;
mod options;
mod place;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use error::CredentialError;
pub use options::KeychainOptions;

use config::Config;
use helper::Helper;
use place::Wanted;

pub use crate::secret::Secret;

/// How long a credential helper may take; some ask their user.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a registry is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Nothing.
    Anonymous,
    /// A user and a password, or a token in place of the password.
    Basic {
        /// The user.
        username: String,
        /// The password.
        password: Secret,
    },
    /// A refresh token, which is exchanged for an access token by POST;
    /// Docker's `identitytoken`.
    IdentityToken(Secret),
    /// A token that is sent as it is; Docker's `registrytoken`.
    Bearer(Secret),
}

impl Credential {
    fn basic(username: &str, password: &str) -> Self {
        Credential::Basic {
            username: username.to_owned(),
            password: Secret::new(password),
        }
    }
}

/// Where a credential was found. Its `Display` goes behind "the credentials".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Whoever runs the command has given it.
    Given,
    /// In the environment; this variable holds the secret.
    Environment(&'static str),
    /// In this file.
    File(PathBuf),
    /// With this credential helper.
    Helper(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Given => f.write_str("that were given"),
            Origin::Environment(name) => write!(f, "in the environment variable `{name}`"),
            Origin::File(path) => write!(f, "in `{}`", path.display()),
            Origin::Helper(program) => write!(f, "that `{program}` keeps"),
        }
    }
}

/// Where login has put a credential. Its `Display` is for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// In this file, in clear.
    File(PathBuf),
    /// With the credential helper of this name, `docker-credential-…`.
    Helper(String),
}

impl Stored {
    /// Whether whoever reads the file has the secret.
    pub fn in_clear(&self) -> bool {
        matches!(self, Stored::File(_))
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stored::File(path) => path.display().fmt(f),
            Stored::Helper(program) => f.write_str(program),
        }
    }
}

/// Everything that may hold a credential, in the order in which it is asked:
/// the command line, the environment, Docker's config, podman's files.
#[derive(Clone, Debug)]
pub struct Keychain {
    options: KeychainOptions,
    patience: Duration,
    /// What helpers have said of registries. Some take a second, and a publication may have
    /// a thousand repositories.
    said: Arc<Mutex<BTreeMap<Asked, Option<Credential>>>>,
}

/// A helper and a registry.
type Asked = (String, String);

impl Keychain {
    /// The keychain of these options.
    pub fn new(options: KeychainOptions) -> Self {
        Keychain {
            options,
            patience: PATIENCE,
            said: Arc::default(),
        }
    }

    /// The credential for a repository of a registry, whose host is written as
    /// in a reference: `ghcr.io`, `127.0.0.1:5000`, `[::1]:5000`. A place that
    /// is there but can't be read is an error: to go on without it would end
    /// in a refusal that nobody understands.
    pub fn find(&self, host: &str, repository: &str) -> Result<Credential, CredentialError> {
        let found = self.locate(host, repository)?;
        Ok(found.map_or(Credential::Anonymous, |(credential, _)| credential))
    }

    /// The same, with where it was found.
    pub fn locate(
        &self,
        host: &str,
        repository: &str,
    ) -> Result<Option<(Credential, Origin)>, CredentialError> {
        let wanted = Wanted::new(host, repository);
        if let Some(given) = self.options.given_for(&wanted) {
            return Ok(Some((given, Origin::Given)));
        }
        if let Some((found, variable)) = ci::find(&self.options.env, &wanted)? {
            return Ok(Some((found, Origin::Environment(variable))));
        }
        if let Some(path) = self.options.docker_config()
            && let Some(config) = Config::read(&path)?
            && let Some(found) = self.look(&config, &wanted)?
        {
            return Ok(Some(found));
        }
        let podman = self.options.podman_files().into_iter();
        for file in podman.chain(self.options.helm_file()) {
            let config = Config::read(&file.path)?;
            if config.is_none() && file.required {
                return Err(CredentialError::AuthFileMissing { path: file.path });
            }
            if let Some(config) = config
                && let Some(found) = self.look(&config, &wanted)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Keeps a credential for all of a registry, in Docker's config or with the
    /// helper that it names.
    pub fn store(&self, host: &str, credential: &Credential) -> Result<Stored, CredentialError> {
        let wanted = Wanted::new(host, "");
        let path = self.config_to_write()?;
        self.said().clear();
        match self.helper_in(&path, &wanted)? {
            Some(helper) => {
                helper.store(wanted.server(), credential)?;
                // Docker leaves an empty entry, and an old one would be found
                // before what the helper has now.
                edit::set(&path, &wanted, &config::Entry::new())?;
                Ok(Stored::Helper(helper.program().to_owned()))
            }
            None => {
                edit::set(&path, &wanted, &config::entry_of(credential)?)?;
                Ok(Stored::File(path))
            }
        }
    }

    /// Forgets what [`Keychain::store`] has kept for a registry. Whether there
    /// was anything.
    pub fn erase(&self, host: &str) -> Result<bool, CredentialError> {
        let wanted = Wanted::new(host, "");
        let path = self.config_to_write()?;
        self.said().clear();
        let helper = self.helper_in(&path, &wanted);
        // Before anything about the helper fails: what lies in clear is worse.
        let in_file = edit::remove(&path, &wanted)?;
        let with_helper = match helper? {
            Some(helper) => helper.erase(wanted.server())?,
            None => false,
        };
        Ok(with_helper || in_file)
    }

    fn said(&self) -> MutexGuard<'_, BTreeMap<Asked, Option<Credential>>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn config_to_write(&self) -> Result<PathBuf, CredentialError> {
        self.options.docker_config().ok_or(CredentialError::NoHome)
    }

    /// The order within one file: the helper of that registry, the file's own
    /// entries, the helper for all registries. podman does not know the last
    /// and writes entries beside it.
    fn look(
        &self,
        config: &Config,
        wanted: &Wanted<'_>,
    ) -> Result<Option<(Credential, Origin)>, CredentialError> {
        let choice = config.helper(wanted)?;
        let ask = |name: &str| {
            let helper = self.helper(name, config.path())?;
            let asked = (name.to_owned(), wanted.server().to_owned());
            let mut said = self.said();
            let found = match said.get(&asked) {
                Some(found) => found.clone(),
                None => {
                    let found = helper.get(wanted.server())?;
                    said.insert(asked, found.clone());
                    found
                }
            };
            Ok(found.map(|found| (found, Origin::Helper(helper.program().to_owned()))))
        };
        if let Some(choice) = &choice
            && choice.of_this_registry
            && let Some(found) = ask(choice.name)?
        {
            return Ok(Some(found));
        }
        if let Some(found) = config.credential(wanted)? {
            return Ok(Some((found, Origin::File(config.path().to_owned()))));
        }
        match choice {
            Some(choice) if !choice.of_this_registry => ask(choice.name),
            _ => Ok(None),
        }
    }

    /// The helper that the config in `path` has for a registry.
    fn helper_in(
        &self,
        path: &Path,
        wanted: &Wanted<'_>,
    ) -> Result<Option<Helper>, CredentialError> {
        let Some(config) = Config::read(path)? else {
            return Ok(None);
        };
        match config.helper(wanted)? {
            Some(choice) => Ok(Some(self.helper(choice.name, path)?)),
            None => Ok(None),
        }
    }

    fn helper(&self, name: &str, named_in: &Path) -> Result<Helper, CredentialError> {
        Helper::find(name, named_in, self.options.search_path(), self.patience)
    }
}
