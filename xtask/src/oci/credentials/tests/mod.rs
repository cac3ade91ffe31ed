//! Homes of imaginary users, in which keychains are tried.

mod finding;
#[cfg(unix)]
mod helpers;
mod storing;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::{Credential, CredentialError, Keychain, KeychainOptions, Secret};
use crate::digest::to_base64;

/// What no message may show.
const SECRET: &str = "hunter2";

/// A home folder, and what its user has set.
struct Home {
    folder: TempDir,
    options: KeychainOptions,
    patience: Duration,
}

impl Home {
    /// An empty home.
    fn new() -> Self {
        let mut home = Home {
            folder: tempfile::tempdir().unwrap(),
            options: KeychainOptions::default(),
            patience: Duration::from_secs(30),
        };
        for (name, place) in [("HOME", ""), ("USERPROFILE", ""), ("PATH", "bin")] {
            home.set(name, place);
        }
        home
    }

    /// A home whose Docker has this config.
    fn of(config: &str) -> Self {
        let home = Home::new();
        home.file(".docker/config.json", config);
        home
    }

    /// Sets a variable to a place in the home.
    fn set(&mut self, name: &str, place: &str) {
        let path = self.path(place).to_str().unwrap().to_owned();
        self.options.env.insert(name.to_owned(), path);
    }

    fn path(&self, place: &str) -> PathBuf {
        self.folder.path().join(place)
    }

    fn file(&self, place: &str, text: &str) -> PathBuf {
        let path = self.path(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn read(&self, place: &str) -> String {
        fs::read_to_string(self.path(place)).unwrap()
    }

    /// Docker's config as a document.
    fn config(&self) -> serde_json::Value {
        serde_json::from_str(&self.read(".docker/config.json")).unwrap()
    }

    fn keychain(&self) -> Keychain {
        Keychain {
            options: self.options.clone(),
            patience: self.patience,
            said: Arc::default(),
        }
    }

    #[track_caller]
    fn find(&self, host: &str, repository: &str) -> Credential {
        self.keychain().find(host, repository).unwrap()
    }

    #[track_caller]
    fn store(&self, host: &str, credential: &Credential) -> String {
        let stored = self.keychain().store(host, credential).unwrap();
        stored.to_string()
    }

    #[track_caller]
    fn erase(&self, host: &str) -> bool {
        self.keychain().erase(host).unwrap()
    }

    /// The error of a search in `ghcr.io`, as it would be shown.
    #[track_caller]
    fn error(&self) -> String {
        shown(&self.keychain().find("ghcr.io", "acme/edge").unwrap_err())
    }
}

/// All that an error says, in every way, with its secrets looked for.
#[track_caller]
fn shown(error: &CredentialError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    let all = format!("{text} {error:?}");
    assert!(!all.contains(SECRET), "{all}");
    text
}

fn basic(username: &str, password: &str) -> Credential {
    Credential::basic(username, password)
}

fn identity(token: &str) -> Credential {
    Credential::IdentityToken(Secret::new(token))
}

fn bearer(token: &str) -> Credential {
    Credential::Bearer(Secret::new(token))
}

/// A config with one password for each key.
fn auths(entries: &[(&str, &str)]) -> String {
    let entry = |(key, pair): &(&str, &str)| {
        let auth = to_base64(pair.as_bytes());
        format!("\"{key}\": {{\"auth\": \"{auth}\"}}")
    };
    let entries: Vec<String> = entries.iter().map(entry).collect();
    format!("{{\"auths\": {{{}}}}}", entries.join(", "))
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn nothing_shows_a_secret() {
    let mut home = Home::new();
    let env = &mut home.options.env;
    env.insert("NFV_REGISTRY_PASSWORD".to_owned(), SECRET.to_owned());
    home.options.given = Some(basic("me", SECRET));
    let secret = Secret::new(SECRET);
    assert_eq!(secret.to_string(), "***");
    assert_eq!(secret.reveal(), SECRET);
    let shown = format!(
        "{secret:?} {:?} {:?} {:?} {:?} {:#?}",
        basic("me", SECRET),
        identity(SECRET),
        bearer(SECRET),
        home.options,
        home.keychain(),
    );
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains("NFV_REGISTRY_PASSWORD"), "{shown}");
}
