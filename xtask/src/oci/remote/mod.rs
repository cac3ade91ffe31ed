//! Registries that speak the OCI distribution-spec 1.1.
//!
//! The transport is our own, on `reqwest`: the client of `oci-client` uploads
//! what is there already, gives up at the first 429, cannot resume, and has its
//! error codes from a list that registries do not keep to. What it knows well,
//! the grammar of references, is taken from it.
//!
//! All calls wait for their answer; several threads may make them at once.

mod auth;
mod authority;
mod connection;
mod discreet;
mod error;
mod listing;
mod partial;
mod payload;
mod proxy;
mod pull;
mod push;
mod send;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use reqwest::header::AUTHORIZATION;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use self::auth::{Auth, Scope};
pub(crate) use self::connection::Connection;
pub(crate) use self::discreet::Secrets;
pub use self::error::RemoteError;
pub(crate) use self::error::is_transient;
pub use self::partial::Partials;
pub use self::payload::Payload;
pub use self::pull::Fetched;
pub use self::push::Uploaded;
use super::credentials::{Credential, Keychain, Origin};
use super::reference::{Reference, Repository, Scheme};

/// How to talk to registries.
#[derive(Debug)]
pub struct RemoteOptions {
    /// Without encryption, at every registry of the command.
    pub plain_http: bool,
    /// Without looking at the certificate.
    pub insecure: bool,
    /// Certificates (PEM) to trust beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Certificate and key (PEM) to show to the registry.
    pub client_certificate: Option<(PathBuf, PathBuf)>,
    /// How long to wait for a connection, and for the next byte.
    pub timeout: Duration,
    /// How often to try again what may succeed the next time.
    pub retries: u32,
    /// Blobs go up in pieces of that many bytes, not in one request.
    pub chunk: Option<u64>,
    /// Where what came of a download that broke off is kept; nowhere if absent.
    pub partials: Option<Partials>,
    /// Where credentials come from.
    pub keychain: Keychain,
}

/// Registries, with what is known of each.
pub struct Remote {
    options: RemoteOptions,
    /// Made when it is first needed: reading the certificates of the system
    /// takes longer than most commands on a layout.
    connection: OnceLock<Connection>,
    /// What is known of a registry for one credential.
    hosts: Mutex<Vec<(Url, Credential, Arc<Auth>)>>,
    /// The credentials for a repository, which a helper program may have to be
    /// asked for.
    credentials: Mutex<BTreeMap<(String, String), Shown>>,
    /// What no message may show.
    secrets: Arc<Secrets>,
    /// Where registries have led requests.
    trail: Arc<connection::Trail>,
    /// For a registry and the digest of a blob a repository that has it, as far as that was seen.
    blobs: Mutex<BTreeMap<(String, String), String>>,
}

/// What a registry is shown, and where that was found.
type Shown = (Credential, Option<Origin>);

/// A repository that is talked to.
#[derive(Clone)]
struct Target {
    repository: Repository,
    /// `https://ghcr.io`.
    base: Url,
    auth: Arc<Auth>,
}

impl Target {
    fn host(&self) -> String {
        self.repository.host.clone()
    }

    /// An address below `/v2/<name>/`.
    fn url(&self, rest: &str) -> Result<Url, RemoteError> {
        let path = match self.repository.path.as_str() {
            "" => format!("/v2/{rest}"),
            path => format!("/v2/{path}/{rest}"),
        };
        self.base.join(&path).map_err(|error| RemoteError::Setup {
            what: format!("`{}` makes no address", self.repository),
            source: Some(Box::new(error)),
        })
    }
}

impl Remote {
    /// Registries that are talked to in this way. None is asked yet.
    pub fn new(options: RemoteOptions) -> Self {
        Remote {
            options,
            connection: OnceLock::new(),
            hosts: Mutex::default(),
            credentials: Mutex::default(),
            secrets: Arc::default(),
            trail: Arc::default(),
            blobs: Mutex::default(),
        }
    }

    /// How these registries are talked to.
    pub(crate) fn options(&self) -> &RemoteOptions {
        &self.options
    }

    /// The means to talk. Fails where a certificate can't be read.
    fn connection(&self) -> Result<&Connection, RemoteError> {
        if let Some(connection) = self.connection.get() {
            return Ok(connection);
        }
        let trail = Arc::clone(&self.trail);
        let redirects = Policy::custom(move |attempt| connection::redirect(attempt, &trail));
        let connection = Connection::new(&self.options, redirects, &self.secrets)?;
        Ok(self.connection.get_or_init(|| connection))
    }

    /// Waits for an answer.
    fn wait<T>(
        &self,
        future: impl Future<Output = Result<T, RemoteError>>,
    ) -> Result<T, RemoteError> {
        self.connection()?.runtime.block_on(future)
    }

    /// The client, once there is one: all that runs in [`Remote::wait`] has it.
    fn client(&self) -> Result<&Client, RemoteError> {
        Ok(&self.connection()?.client)
    }

    fn target(&self, repository: &Repository) -> Result<Target, RemoteError> {
        let is_plain = self.is_plain(repository);
        // The interface of Docker's registry has another name than the registry.
        let host = match repository.host.as_str() {
            "docker.io" | "index.docker.io" => "registry-1.docker.io",
            host => host,
        };
        let scheme = if is_plain { "http" } else { "https" };
        let base =
            Url::parse(&format!("{scheme}://{host}")).map_err(|error| RemoteError::Setup {
                what: format!("`{host}` is no host"),
                source: Some(Box::new(error)),
            })?;
        let (credential, origin) = self.credential(repository)?;
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = hosts
            .iter()
            .find(|(url, own, _)| *url == base && *own == credential);
        let auth = match known {
            Some((.., auth)) => Arc::clone(auth),
            None => {
                let timeout = self.options.timeout;
                let (host, secrets) = (&repository.host, Arc::clone(&self.secrets));
                let found = (credential.clone(), origin);
                let trail = Arc::clone(&self.trail);
                let auth = Auth::new(host, &base, timeout, found, secrets, trail);
                let auth = Arc::new(auth);
                hosts.push((base.clone(), credential, Arc::clone(&auth)));
                auth
            }
        };
        Ok(Target {
            repository: repository.clone(),
            base,
            auth,
        })
    }

    /// The credential for a repository, and where it was found.
    fn credential(&self, repository: &Repository) -> Result<Shown, RemoteError> {
        let known = self.credentials.lock();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        let key = (repository.host.clone(), repository.path.clone());
        if let Some(credential) = known.get(&key) {
            return Ok(credential.clone());
        }
        let keychain = &self.options.keychain;
        let found = match keychain.locate(&repository.host, &repository.path)? {
            Some((credential, origin)) => (credential, Some(origin)),
            None => (Credential::Anonymous, None),
        };
        known.insert(key, found.clone());
        Ok(found)
    }

    /// Whether a registry is talked to without encryption: where the reference
    /// or the user says so, and at this machine itself, where there is nobody
    /// to listen. Whoever names certificates means encryption.
    fn is_plain(&self, repository: &Repository) -> bool {
        match repository.scheme {
            Some(scheme) => scheme == Scheme::Http,
            None if self.options.plain_http => true,
            None => {
                let options = &self.options;
                let means_tls = options.insecure
                    || options.ca_file.is_some()
                    || options.client_certificate.is_some();
                repository.is_loopback() && !means_tls
            }
        }
    }

    /// A reference with which a registry is talked to in this way where no flag
    /// says so.
    pub fn lasting(&self, reference: &Reference) -> String {
        let is_plain = self.is_plain(&reference.repository);
        match (is_plain, is_plain == reference.repository.is_loopback()) {
            (_, true) => reference.to_string(),
            (true, false) => format!("http://{reference}"),
            (false, false) => format!("https://{reference}"),
        }
    }

    /// Whether a registry is talked to without encryption though nobody said so.
    fn is_guessed_plain(&self, repository: &Repository) -> bool {
        repository.scheme.is_none() && !self.options.plain_http && self.is_plain(repository)
    }

    /// Whether the registry is there and lets this user in. Gives whether it has asked who
    /// that is: what it thinks of credentials that it did not ask for, nobody knows.
    ///
    /// `/v2/` alone is not enough to tell: some registries answer it to anybody
    /// and look at credentials only where something is asked for.
    pub fn login(&self, repository: &Repository) -> Result<bool, RemoteError> {
        self.wait(async {
            let target = self.target(repository)?;
            let url = target
                .base
                .join("/v2/")
                .map_err(|error| RemoteError::Setup {
                    what: format!("`{}` is no host", repository.host),
                    source: Some(Box::new(error)),
                })?;
            let action = format!("log in to `{}`", repository.host);
            let call = send::Call::new(&target, Scope::none(), action);
            // Nobody is told who asks before it is clear that a registry answers.
            self.probe(&call, &url).await?;
            let response = self
                .send(&call, |client: &Client| client.get(url.clone()))
                .await?;
            self.is_registry(&call, response.status())?;
            self.expect(&call, response, &[200]).await?;
            let was_asked = target.auth.was_asked().await;
            if !was_asked && let Some(header) = target.auth.unasked()? {
                // It asked nobody who they are, so they are told.
                let get = |client: &Client| client.get(url.clone()).header(AUTHORIZATION, &header);
                let response = self.send(&call, get).await?;
                self.expect(&call, response, &[200]).await?;
            }
            Ok(was_asked)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::credentials::KeychainOptions;
    use super::*;

    /// What is noted is talked to in the same way, without the flags.
    #[test]
    fn a_lasting_reference_says_what_nobody_would_guess() {
        let lasting = |text: &str, plain_http: bool, ca_file: Option<&str>| {
            let remote = Remote::new(RemoteOptions {
                plain_http,
                insecure: false,
                ca_file: ca_file.map(PathBuf::from),
                client_certificate: None,
                timeout: Duration::from_secs(1),
                retries: 0,
                chunk: None,
                partials: None,
                keychain: Keychain::new(KeychainOptions::default()),
            });
            remote.lasting(&Reference::parse(text).expect(text))
        };
        for (text, plain_http, ca_file, expected) in [
            (
                "https://localhost:5000/a:1",
                false,
                None,
                "https://localhost:5000/a:1",
            ),
            (
                "oci://localhost:5000/a:1",
                false,
                Some("ca"),
                "https://localhost:5000/a:1",
            ),
            (
                "http://localhost:5000/a:1",
                false,
                None,
                "localhost:5000/a:1",
            ),
            ("oci://localhost:5000/a:1", true, None, "localhost:5000/a:1"),
            ("oci://r.io/a:1", false, None, "r.io/a:1"),
            ("https://r.io/a:1", true, None, "r.io/a:1"),
            ("http://r.io/a:1", false, None, "http://r.io/a:1"),
            ("r.io/a:1", true, None, "http://r.io/a:1"),
        ] {
            assert_eq!(lasting(text, plain_http, ca_file), expected, "{text}");
        }
    }
}
