//! Credential helpers: programs `docker-credential-NAME` that keep secrets for
//! Docker, podman and others.
//!
//! The protocol is that of docker-credential-helpers: the action is the one
//! argument, the registry or the credential comes on standard input, the answer
//! on standard output.

use std::env::split_paths;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::config::{TOKEN_USER, nothing};
use super::{Credential, CredentialError, Secret};

/// What a helper prints when it fails because there is nothing.
const NOT_FOUND: &str = "credentials not found in native keychain";

/// No answer is longer.
const MAX_ANSWER: u64 = 1 << 20;

/// How long to wait between two looks whether a helper that has closed its
/// output has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// A helper that is installed.
pub(super) struct Helper {
    program: String,
    path: PathBuf,
    patience: Duration,
}

impl Helper {
    /// Looks for the helper of a name in a config. Only whole paths count: a
    /// program in the current folder may be anybody's.
    pub fn find(
        name: &str,
        named_in: &Path,
        search_path: &OsStr,
        patience: Duration,
    ) -> Result<Self, CredentialError> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if name.is_empty() || !name.bytes().all(is_plain) {
            return Err(CredentialError::HelperName {
                path: named_in.to_owned(),
                name: name.to_owned(),
            });
        }
        let program = format!("docker-credential-{name}");
        let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        let path = split_paths(search_path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(&file))
            .find(|path| path.is_file());
        match path {
            Some(path) => Ok(Helper {
                program,
                path,
                patience,
            }),
            None => Err(CredentialError::HelperMissing {
                path: named_in.to_owned(),
                program,
            }),
        }
    }

    /// Its name.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// What it keeps for a registry.
    pub fn get(&self, server: &str) -> Result<Option<Credential>, CredentialError> {
        let (status, output) = self.run("get", server, server.to_owned())?;
        if !status.success() {
            if output.trim_ascii() == NOT_FOUND.as_bytes() {
                return Ok(None);
            }
            return Err(self.failed(server, status));
        }
        let answer = parse(&output).ok_or_else(|| CredentialError::HelperAnswer {
            program: self.program.clone(),
        })?;
        Ok(match answer {
            (_, secret) if secret.is_empty() => None,
            (username, secret) if username == TOKEN_USER => {
                Some(Credential::IdentityToken(Secret::new(secret)))
            }
            (username, secret) => Some(Credential::basic(&username, &secret)),
        })
    }

    /// Gives it a credential to keep.
    pub fn store(&self, server: &str, credential: &Credential) -> Result<(), CredentialError> {
        let (username, secret) = match credential {
            Credential::Basic { username, password } => (username.as_str(), password),
            Credential::IdentityToken(secret) => (TOKEN_USER, secret),
            Credential::Bearer(_) => {
                let reason = "credential helpers have no place for such a token";
                return Err(CredentialError::Unstorable(reason));
            }
            Credential::Anonymous => return Err(nothing()),
        };
        let secret = secret.reveal();
        let input = json!({"ServerURL": server, "Username": username, "Secret": secret});
        let (status, _) = self.run("store", server, input.to_string())?;
        if status.success() {
            Ok(())
        } else {
            Err(self.failed(server, status))
        }
    }

    /// Lets it forget what it keeps. Whether that was anything; most helpers
    /// are content to erase what is not there, so they are asked before.
    pub fn erase(&self, server: &str) -> Result<bool, CredentialError> {
        if self.get(server)?.is_none() {
            return Ok(false);
        }
        let (status, _) = self.run("erase", server, server.to_owned())?;
        if status.success() {
            Ok(true)
        } else {
            Err(self.failed(server, status))
        }
    }

    /// Runs it to its end, which must come in time.
    fn run(
        &self,
        action: &str,
        server: &str,
        input: String,
    ) -> Result<(ExitStatus, Vec<u8>), CredentialError> {
        let broken = |source| CredentialError::HelperStart {
            program: self.program.clone(),
            source,
        };
        let late = || CredentialError::HelperTimeout {
            program: self.program.clone(),
            server: server.to_owned(),
            limit: self.patience,
        };
        let deadline = Instant::now() + self.patience;
        let child = Command::new(&self.path)
            .arg(action)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It may hold anything, and the terminal is not ours to write to.
            .stderr(Stdio::null())
            .spawn()
            .map_err(broken)?;
        let mut running = Running(child);
        let answer = running.converse(input).map_err(broken)?;
        let output = match answer.recv_timeout(self.patience) {
            Ok(output) => output.map_err(broken)?,
            Err(_) => return Err(late()),
        };
        loop {
            if let Some(status) = running.0.try_wait().map_err(broken)? {
                return Ok((status, output));
            }
            if Instant::now() >= deadline {
                return Err(late());
            }
            thread::sleep(PAUSE);
        }
    }

    fn failed(&self, server: &str, status: ExitStatus) -> CredentialError {
        CredentialError::HelperFailed {
            program: self.program.clone(),
            server: server.to_owned(),
            status,
        }
    }
}

/// User and secret in an answer. A field that is missing is empty, as it is for
/// Docker.
fn parse(answer: &[u8]) -> Option<(String, String)> {
    let answer: Map<String, Value> = serde_json::from_slice(answer).ok()?;
    let text = |field: &str| match answer.get(field) {
        None => Some(String::new()),
        Some(value) => value.as_str().map(str::to_owned),
    };
    Some((text("Username")?, text("Secret")?))
}

/// A program that does not outlive our interest in it.
struct Running(Child);

impl Running {
    /// Writes to it and reads from it, both in threads of their own: it may
    /// leave its input unread, and what it has started may keep its output
    /// open when it is gone.
    fn converse(&mut self, input: String) -> io::Result<mpsc::Receiver<io::Result<Vec<u8>>>> {
        if let Some(mut pipe) = self.0.stdin.take() {
            let write = move || {
                // A helper need not read what it does not need.
                let _ = pipe.write_all(input.as_bytes());
            };
            thread::Builder::new().spawn(write)?;
        }
        let (sender, receiver) = mpsc::channel();
        if let Some(pipe) = self.0.stdout.take() {
            let read = move || {
                let mut bytes = Vec::new();
                let result = pipe.take(MAX_ANSWER).read_to_end(&mut bytes);
                // Nobody listens any more after the deadline.
                let _ = sender.send(result.map(|_| bytes));
            };
            thread::Builder::new().spawn(read)?;
        }
        Ok(receiver)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended, or it ends now; there is nobody left to tell.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
