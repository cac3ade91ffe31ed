//! Reading Docker's `config.json` and podman's `auth.json`, which are alike.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::place::{Place, Wanted};
use super::{Credential, CredentialError, Secret};
use crate::digest::{base64, to_base64};

/// What a config has for one registry.
pub(super) type Entry = Map<String, Value>;

/// The entries of a config by registry.
pub(super) type Auths = Map<String, Value>;

/// The fields of an entry that are read and written here.
pub(super) const FIELDS: [&str; 5] = [
    "auth",
    "identitytoken",
    "password",
    "registrytoken",
    "username",
];

/// The user that stands for an identity token: with helpers, and in front of
/// the colon that Docker and podman insist on.
pub(super) const TOKEN_USER: &str = "<token>";

/// A config as it was read.
pub(super) struct Config {
    path: PathBuf,
    document: Map<String, Value>,
}

/// The helper that a config has for a registry.
pub(super) struct Choice<'a> {
    /// The name behind `docker-credential-`, which nobody has checked yet.
    pub name: &'a str,
    /// From `credHelpers`, not from `credsStore`.
    pub of_this_registry: bool,
}

impl Config {
    /// Reads a file; `None` if there is none.
    pub fn read(path: &Path) -> Result<Option<Self>, CredentialError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(source) => {
                return Err(CredentialError::Io {
                    action: "read",
                    path: path.to_owned(),
                    source,
                });
            }
        };
        Ok(Some(Config {
            path: path.to_owned(),
            document: parse(path, &bytes)?,
        }))
    }

    /// A config that says nothing.
    pub fn empty(path: &Path) -> Self {
        Config {
            path: path.to_owned(),
            document: Map::new(),
        }
    }

    /// The file that it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole document.
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    /// The document alone.
    pub fn into_document(self) -> Map<String, Value> {
        self.document
    }

    /// Changes the entries. Gives what `change` gives.
    pub fn change_auths(
        &mut self,
        change: &dyn Fn(&mut Auths) -> bool,
    ) -> Result<bool, CredentialError> {
        let mut auths = self.object("auths")?.cloned().unwrap_or_default();
        let answer = change(&mut auths);
        // A config without entries needs no empty list of them.
        if !auths.is_empty() || self.document.contains_key("auths") {
            self.document
                .insert("auths".to_owned(), Value::Object(auths));
        }
        Ok(answer)
    }

    /// The helper for a registry: `credHelpers` goes before `credsStore`. As
    /// Docker has it, an empty name there means the file itself.
    pub fn helper(&self, wanted: &Wanted<'_>) -> Result<Option<Choice<'_>>, CredentialError> {
        if let Some(helpers) = self.object("credHelpers")? {
            let keys = wanted.matching(helpers.keys());
            let own = |key: &&str| Place::parse(key).is_all_of(wanted);
            if let Some(key) = keys.into_iter().find(own) {
                let what = || format!("the helper of `{key}`");
                let name = self.text(helpers.get(key), what)?;
                return Ok(name.map(|name| Choice {
                    name,
                    of_this_registry: true,
                }));
            }
        }
        let store = self.document.get("credsStore");
        let name = self.text(store, || "`credsStore`".to_owned())?;
        Ok(name.map(|name| Choice {
            name,
            of_this_registry: false,
        }))
    }

    /// What the file itself has for a repository: of all entries that hold for
    /// it the narrowest that is not empty.
    pub fn credential(&self, wanted: &Wanted<'_>) -> Result<Option<Credential>, CredentialError> {
        let Some(auths) = self.object("auths")? else {
            return Ok(None);
        };
        for key in wanted.matching(auths.keys()) {
            let entry = match auths.get(key) {
                Some(Value::Object(entry)) => entry,
                Some(Value::Null) | None => continue,
                Some(_) => return Err(shape(&self.path, format!("`{key}`"), "an object")),
            };
            if let Some(found) = self.of_entry(key, entry)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn of_entry(&self, key: &str, entry: &Entry) -> Result<Option<Credential>, CredentialError> {
        let get = |field: &str| {
            let what = || format!("`{field}` of `{key}`");
            self.text(entry.get(field), what)
        };
        if let Some(token) = get("identitytoken")? {
            return Ok(Some(Credential::IdentityToken(Secret::new(token))));
        }
        if let Some(auth) = get("auth")? {
            let wrong = || {
                let what = format!("`auth` of `{key}`");
                shape(&self.path, what, "`user:password` in base64")
            };
            let (username, password) = decode(auth).ok_or_else(wrong)?;
            // Without a password it is what is left of another kind of login.
            if !password.is_empty() {
                return Ok(Some(Credential::basic(&username, &password)));
            }
        }
        if let (Some(username), Some(password)) = (get("username")?, get("password")?) {
            return Ok(Some(Credential::basic(username, password)));
        }
        let token = get("registrytoken")?;
        Ok(token.map(|token| Credential::Bearer(Secret::new(token))))
    }

    fn object(&self, name: &str) -> Result<Option<&Map<String, Value>>, CredentialError> {
        match self.document.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(shape(&self.path, format!("`{name}`"), "an object")),
        }
    }

    /// A text that is not empty. Docker writes empty ones for what is not there.
    fn text<'a>(
        &self,
        value: Option<&'a Value>,
        what: impl Fn() -> String,
    ) -> Result<Option<&'a str>, CredentialError> {
        match value {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(shape(&self.path, what(), "a string")),
        }
    }
}

/// The entry that Docker writes for a credential.
pub(super) fn entry_of(credential: &Credential) -> Result<Entry, CredentialError> {
    let pair = |username: &str, password: &str| {
        Value::String(to_base64(format!("{username}:{password}").as_bytes()))
    };
    let token = |secret: &Secret| Value::String(secret.reveal().to_owned());
    let mut entry = Entry::new();
    match credential {
        Credential::Anonymous => return Err(nothing()),
        Credential::Basic { username, .. } if username.is_empty() || username.contains(':') => {
            let reason = "the user is empty or has a colon";
            return Err(CredentialError::Unstorable(reason));
        }
        Credential::Basic { username, password } => {
            entry.insert("auth".to_owned(), pair(username, password.reveal()));
        }
        Credential::IdentityToken(secret) => {
            // Docker refuses a whole file for one `auth` without a user, and
            // podman passes over an entry without `auth`.
            entry.insert("auth".to_owned(), pair(TOKEN_USER, ""));
            entry.insert("identitytoken".to_owned(), token(secret));
        }
        Credential::Bearer(secret) => {
            entry.insert("registrytoken".to_owned(), token(secret));
        }
    }
    Ok(entry)
}

/// Why nothing can't be stored.
pub(super) fn nothing() -> CredentialError {
    CredentialError::Unstorable("there is no user and no token in it")
}

/// User and password; the password may have colons. Some programs leave the
/// padding out, and Docker takes zero bytes at the end for padding, too.
fn decode(auth: &str) -> Option<(String, String)> {
    let body = auth.trim().trim_end_matches('=');
    let padding = body.len().next_multiple_of(4) - body.len();
    let bytes = base64(&format!("{body}{}", "=".repeat(padding)))?;
    let text = String::from_utf8(bytes).ok()?;
    let (username, password) = text.split_once(':')?;
    let password = password.trim_matches('\0');
    Some((username.to_owned(), password.to_owned()))
}

/// The document in a file. As for Docker, an empty file is an empty document.
fn parse(path: &Path, bytes: &[u8]) -> Result<Map<String, Value>, CredentialError> {
    if bytes.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(document)) => Ok(document),
        Ok(_) => Err(shape(path, "the document".to_owned(), "an object")),
        Err(error) => Err(CredentialError::Json {
            path: path.to_owned(),
            line: error.line(),
            column: error.column(),
        }),
    }
}

/// Whether an error says that a file is not there, or can't be: the home of a
/// service may be `/dev/null`.
pub(super) fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

fn shape(path: &Path, what: String, expected: &'static str) -> CredentialError {
    CredentialError::Shape {
        path: path.to_owned(),
        what,
        expected,
    }
}
