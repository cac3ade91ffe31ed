//! Registries that speak the OCI distribution-spec 1.1.
//!
//! The transport is our own, on `reqwest`: the client of `oci-client` uploads
//! what is there already, gives up at the first 429, cannot resume, and has its
//! error codes from a list that registries do not keep to. What it knows well,
//! the grammar of references, is taken from it.
//!
//! All calls wait for their answer; several threads may make them at once.

mod auth;
mod error;
mod listing;
mod payload;
mod pull;
mod push;
mod send;

use std::collections::BTreeMap;
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use reqwest::header::AUTHORIZATION;
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, Client, Identity, NoProxy, Proxy, Url};
use tokio::runtime::Runtime;

use self::auth::{Auth, Scope};
pub use self::error::RemoteError;
pub use self::payload::Payload;
pub use self::pull::Fetched;
pub use self::push::Uploaded;
use super::credentials::{Credential, Keychain};
use super::reference::{Repository, Scheme};

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
    credentials: Mutex<BTreeMap<(String, String), Credential>>,
}

struct Connection {
    client: Client,
    runtime: Runtime,
}

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
        }
    }

    /// The means to talk. Fails where a certificate can't be read.
    fn connection(&self) -> Result<&Connection, RemoteError> {
        if let Some(connection) = self.connection.get() {
            return Ok(connection);
        }
        let connection = Connection::new(&self.options)?;
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
        let credential = self.credential(repository)?;
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = hosts
            .iter()
            .find(|(url, own, _)| *url == base && *own == credential);
        let auth = match known {
            Some((.., auth)) => Arc::clone(auth),
            None => {
                let timeout = self.options.timeout;
                let auth = Auth::new(&repository.host, is_plain, timeout, credential.clone());
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

    fn credential(&self, repository: &Repository) -> Result<Credential, RemoteError> {
        let known = self.credentials.lock();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        let key = (repository.host.clone(), repository.path.clone());
        if let Some(credential) = known.get(&key) {
            return Ok(credential.clone());
        }
        let keychain = &self.options.keychain;
        let credential = keychain.find(&repository.host, &repository.path)?;
        known.insert(key, credential.clone());
        Ok(credential)
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

    /// Whether a registry is talked to without encryption though nobody said so.
    fn is_guessed_plain(&self, repository: &Repository) -> bool {
        repository.scheme.is_none() && !self.options.plain_http && self.is_plain(repository)
    }

    /// Whether the registry is there and lets this user in.
    ///
    /// `/v2/` alone is not enough to tell: some registries answer it to anybody
    /// and look at credentials only where something is asked for.
    pub fn login(&self, repository: &Repository) -> Result<(), RemoteError> {
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
            let response = self
                .send(&call, |client: &Client| client.get(url.clone()))
                .await?;
            let mut response = self.expect(&call, response, &[200]).await?;
            if !target.auth.was_asked().await
                && let Some(header) = target.auth.unasked()?
            {
                // It asked nobody who they are, so they are told.
                let get = |client: &Client| client.get(url.clone()).header(AUTHORIZATION, &header);
                response = self.send(&call, get).await?;
                response = self.expect(&call, response, &[200]).await?;
            }
            drop(response);
            Ok(())
        })
    }
}

impl Connection {
    fn new(options: &RemoteOptions) -> Result<Self, RemoteError> {
        let setup =
            |what: &str, source: Box<dyn std::error::Error + Send + Sync>| RemoteError::Setup {
                what: what.to_owned(),
                source: Some(source),
            };
        // Who was first decides; it is the same one every time.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("cargo-nfv/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(options.timeout.min(Duration::from_secs(30)))
            .redirect(Policy::custom(redirect))
            // What is retried, and when, is decided here.
            .retry(reqwest::retry::never())
            .referer(false);
        for proxy in proxies()? {
            builder = builder.proxy(proxy);
        }
        if options.insecure {
            builder = builder.tls_danger_accept_invalid_certs(true);
        }
        if let Some(path) = &options.ca_file {
            let pem = read(path)?;
            let certificates = Certificate::from_pem_bundle(&pem)
                .ok()
                .filter(|certificates| !certificates.is_empty())
                .ok_or_else(|| RemoteError::Setup {
                    what: format!("`{}` holds no certificate (PEM)", path.display()),
                    source: None,
                })?;
            builder = builder.tls_certs_merge(certificates);
        }
        if let Some((certificate, key)) = &options.client_certificate {
            let mut pem = read(certificate)?;
            pem.push(b'\n');
            pem.extend(read(key)?);
            let identity = Identity::from_pem(&pem).map_err(|_| RemoteError::Setup {
                // The reason might show the key.
                what: format!(
                    "`{}` and `{}` are no certificate and key (PEM, without a passphrase)",
                    certificate.display(),
                    key.display()
                ),
                source: None,
            })?;
            builder = builder.identity(identity);
        }
        let client = builder.build().map_err(|error| {
            let what = match &options.client_certificate {
                Some((certificate, key)) => format!(
                    "failed to set up the connection with `{}` and `{}`",
                    certificate.display(),
                    key.display()
                ),
                None => "failed to set up the connection".to_owned(),
            };
            setup(&what, Box::new(error))
        })?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| setup("failed to start the threads", Box::new(error)))?;
        Ok(Connection { client, runtime })
    }
}

/// The proxies that the environment names. `reqwest` would find them by itself,
/// and would show them what goes to this machine, where nothing is encrypted and
/// no proxy leads: that is kept from them, as Go's clients do.
fn proxies() -> Result<Vec<Proxy>, RemoteError> {
    const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.0/8", "::1"];
    type Make = fn(String) -> reqwest::Result<Proxy>;
    let all: [(&str, &str, Make); 3] = [
        ("HTTP_PROXY", "http_proxy", Proxy::http),
        ("HTTPS_PROXY", "https_proxy", Proxy::https),
        ("ALL_PROXY", "all_proxy", Proxy::all),
    ];
    let var = |upper: &str, lower: &str| std::env::var(upper).or_else(|_| std::env::var(lower));
    let except = var("NO_PROXY", "no_proxy").unwrap_or_default();
    let except = except.split(',').map(str::trim).filter(|e| !e.is_empty());
    let except: Vec<&str> = except.chain(LOOPBACK).collect();
    let except = NoProxy::from_string(&except.join(","));
    // In a CGI program a header of the request would become that variable.
    let is_cgi = std::env::var_os("REQUEST_METHOD").is_some();
    all.into_iter()
        .filter(|(upper, ..)| !(is_cgi && *upper == "HTTP_PROXY"))
        .filter_map(|(upper, lower, make)| {
            let url = var(upper, lower).ok().filter(|url| !url.is_empty())?;
            // Going without would be going where nothing is to go. The address
            // is not shown: it may hold a password.
            let made = make(url).map_err(|_| RemoteError::Setup {
                what: format!("`{upper}` in the environment is no address of a proxy"),
                source: None,
            });
            Some(made.map(|proxy| proxy.no_proxy(except.clone())))
        })
        .collect()
}

fn read(path: &Path) -> Result<Vec<u8>, RemoteError> {
    fs::read(path).map_err(|source| RemoteError::io("read", path, source))
}

/// Blobs often lie elsewhere than the registry. `reqwest` takes credentials off
/// on the way to another host; encryption must not get lost either.
fn redirect(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    const MOST: usize = 5;
    let was_encrypted = attempt
        .previous()
        .last()
        .is_some_and(|url| url.scheme() == "https");
    if was_encrypted && attempt.url().scheme() != "https" {
        return attempt.error("leads to an address without encryption");
    }
    if attempt.previous().len() > MOST {
        return attempt.error("leads from address to address");
    }
    attempt.follow()
}
