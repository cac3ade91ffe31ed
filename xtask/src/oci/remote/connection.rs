//! The means to talk HTTP: certificates, and the threads that wait.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, Client, Identity, Url};
use tokio::runtime::Runtime;

use super::RemoteOptions;
use super::authority;
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
        let pair = options.client_certificate.as_ref();
        let unfit = |error: &rustls::Error| {
            let what = pair.and_then(|(certificate, key)| unfit(certificate, key, error))?;
            Some(RemoteError::Setup { what, source: None })
        };
        const FAILED: &str = "failed to set up the connection";
        let shown = match pair {
            Some((certificate, key)) => {
                let identity = identity(certificate, key)?;
                Some((identity, read(certificate)?, read(key)?))
            }
            None => None,
        };
        let own = match &options.ca_file {
            Some(path) => Some(certificates(path)?),
            None => None,
        };
        match (own.filter(|_| !options.insecure), shown) {
            (Some(own), shown) => {
                let shown = shown.as_ref().map(|(_, pem, key)| (&**pem, &**key));
                let config = authority::config(&own, shown).map_err(|error| {
                    unfit(&error).unwrap_or_else(|| setup(FAILED, Box::new(error)))
                })?;
                builder = builder.tls_backend_preconfigured(config);
            }
            (None, Some((identity, ..))) => builder = builder.identity(identity),
            (None, None) => {}
        }
        let client = builder.build().map_err(|error| {
            let cause = std::error::Error::source(&error);
            let cause = cause.and_then(|cause| cause.downcast_ref::<rustls::Error>());
            let unfit = cause.and_then(unfit);
            unfit.unwrap_or_else(|| setup(FAILED, Box::new(error)))
        })?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| setup("failed to start the threads", Box::new(error)))?;
        Ok(Connection { client, runtime })
    }
}

/// The certificates of a file (PEM), as they stand there.
fn certificates(path: &Path) -> Result<Vec<u8>, RemoteError> {
    let pem = read(path)?;
    let known = Certificate::from_pem_bundle(&pem).unwrap_or_default();
    match known.is_empty() {
        true => Err(RemoteError::Setup {
            what: format!("`{}` holds no certificate (PEM)", path.display()),
            source: None,
        }),
        false => Ok(pem),
    }
}

/// A certificate to show, and its key.
fn identity(certificate: &Path, key: &Path) -> Result<Identity, RemoteError> {
    let wrong = |what: String| RemoteError::Setup { what, source: None };
    let (shown, shown_key) = (certificate.display(), key.display());
    let mut pem = read(certificate)?;
    let own = Certificate::from_pem_bundle(&pem).unwrap_or_default();
    if own.is_empty() {
        return Err(wrong(format!(
            "`{shown}`, which `--cert-file` names, holds no certificate (PEM)"
        )));
    }
    let key = read(key)?;
    pem.push(b'\n');
    pem.extend(&key);
    // The reason might show the key.
    Identity::from_pem(&pem).map_err(|_| {
        let text = String::from_utf8_lossy(&key);
        wrong(match text.contains("ENCRYPTED") {
            true => format!(
                "the key in `{shown_key}` has a passphrase; \
                 `openssl pkey -in {shown_key} -out FILE` writes it without"
            ),
            false => format!("`{shown_key}`, which `--key-file` names, holds no private key (PEM)"),
        })
    })
}

/// Why a certificate and a key can't be shown, if that is why there is no client.
/// `rustls` looks at them only then.
fn unfit(certificate: &Path, key: &Path, error: &rustls::Error) -> Option<String> {
    use rustls::{CertificateError, Error};
    let (certificate, key) = (certificate.display(), key.display());
    match error {
        Error::InconsistentKeys(_) => Some(format!(
            "`{key}` is not the key of the first certificate in `{certificate}`; `--key-file` \
             names the key that belongs to it, and in a chain its own certificate comes first"
        )),
        // `rustls` has no word of its own for it.
        Error::InvalidCertificate(CertificateError::Other(other))
            if other.to_string().contains("UnsupportedCertVersion") =>
        {
            Some(format!(
                "the certificate in `{certificate}` is of X.509 version 1, and TLS takes those of \
                 version 3; have it issued anew with extensions, as `openssl x509 -req -extfile \
                 FILE` does"
            ))
        }
        Error::InvalidCertificate(_) => Some(format!(
            "the first certificate in `{certificate}` is damaged; get it anew from who issued it"
        )),
        Error::General(text) if text.contains("private key") => Some(format!(
            "the key in `{key}` is of a kind that can't be used here; RSA of 2048 bits and more, \
             ECDSA on P-256 and P-384, and Ed25519 can"
        )),
        _ => None,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, RemoteError> {
    fs::read(path).map_err(|source| RemoteError::io("read", path, source))
}

/// Where requests were led, by the addresses that they began at. `reqwest` names those
/// where something fails on the way.
#[derive(Default)]
pub(super) struct Trail {
    ends: Mutex<BTreeMap<Url, Url>>,
    held: Mutex<BTreeSet<Url>>,
}

impl Trail {
    /// Notes that no request to that address may be led to another host, because there
    /// is a secret in its body, which `reqwest` sends along.
    pub fn hold(&self, url: &Url) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(url.clone());
    }

    fn is_held(&self, url: &Url) -> bool {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.contains(url)
    }

    fn note(&self, from: &Url, to: &Url) {
        let mut known = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(from.clone(), to.clone());
    }

    /// Where a request to that address ended up, if it was led anywhere.
    pub fn end(&self, url: &Url) -> Option<Url> {
        let known = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(url).cloned()
    }
}

/// Blobs often lie elsewhere than the registry. `reqwest` takes credentials off
/// on the way to another host; encryption must not get lost either.
pub(super) fn redirect(attempt: Attempt<'_>, trail: &Trail) -> reqwest::redirect::Action {
    const MOST: usize = 5;
    let was_encrypted = attempt
        .previous()
        .last()
        .is_some_and(|url| url.scheme() == "https");
    if was_encrypted && attempt.url().scheme() != "https" {
        let host = attempt.url().host_str().unwrap_or_default();
        let text = format!("leads to `{host}` without encryption");
        return attempt.error(text);
    }
    if let Some(first) = attempt.previous().first()
        && first.origin() != attempt.url().origin()
        && trail.is_held(first)
    {
        let host = attempt.url().host_str().unwrap_or_default();
        let text = format!("leads to `{host}`, where the credentials do not go");
        return attempt.error(text);
    }
    if attempt.previous().len() > MOST {
        return attempt.error("leads from address to address");
    }
    if let Some(first) = attempt.previous().first() {
        trail.note(first, attempt.url());
    }
    attempt.follow()
}
