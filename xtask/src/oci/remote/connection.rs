//! The means to talk HTTP: certificates, and the threads that wait.

use std::fs;
use std::path::Path;
use std::time::Duration;

use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, Client, Identity};
use tokio::runtime::Runtime;

use super::RemoteOptions;
use super::discreet::Secrets;
use super::error::RemoteError;
use super::proxy::proxies;

/// A client, and the threads on which it waits.
pub(crate) struct Connection {
    pub client: Client,
    pub runtime: Runtime,
}

impl Connection {
    /// Fails where a certificate or a proxy is no good.
    pub fn new(
        options: &RemoteOptions,
        redirects: Policy,
        secrets: &Secrets,
    ) -> Result<Self, RemoteError> {
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
            .redirect(redirects)
            // What is retried, and when, is decided here.
            .retry(reqwest::retry::never())
            .referer(false);
        for proxy in proxies(secrets)? {
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

fn read(path: &Path) -> Result<Vec<u8>, RemoteError> {
    fs::read(path).map_err(|source| RemoteError::io("read", path, source))
}

/// Blobs often lie elsewhere than the registry. `reqwest` takes credentials off
/// on the way to another host; encryption must not get lost either.
pub(super) fn redirect(attempt: Attempt<'_>) -> reqwest::redirect::Action {
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
