//! Flags of the commands that talk to registries, in the words of Helm and
//! ORAS.

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use super::CliError;
use crate::oci::{Credential, Keychain, KeychainOptions, Remote, RemoteOptions, Secret};
use crate::ops::VersionChoice;

/// How to talk to registries.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Registry")]
pub(super) struct RegistryArgs {
    /// Talk to registries without encryption [default: only where the registry is on this machine]
    #[arg(long)]
    pub plain_http: bool,
    #[command(flatten)]
    pub tls: TlsArgs,
    /// User name, with `--password-stdin`; otherwise credentials come from `cargo nfv login`,
    /// Docker's or podman's configuration, or the environment
    #[arg(short, long, value_name = "NAME")]
    pub username: Option<String>,
    /// Read the password from standard input
    #[arg(long, requires = "username")]
    pub password_stdin: bool,
    /// Docker configuration to read credentials from [default: ~/.docker/config.json]
    #[arg(long, value_name = "FILE")]
    pub registry_config: Option<PathBuf>,
    #[command(flatten)]
    pub patience: PatienceArgs,
    /// Upload blobs in pieces of that many MiB, for proxies that refuse large requests
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    pub chunk_size: Option<u64>,
    /// How many transfers go on at once
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = transfers)]
    pub concurrency: usize,
}

/// Which version is meant, where a reference does not say.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct VersionArgs {
    /// The version, where the reference has none, or a range: `^1.2`, `~1.2`, `1.x`, `>=1 <2`
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Take the highest version also where it is preliminary, as `1.0-rc1`
    #[arg(long, conflicts_with = "version")]
    devel: bool,
}

impl VersionArgs {
    /// What these flags choose.
    pub fn choice(&self) -> VersionChoice {
        VersionChoice {
            version: self.version.clone(),
            devel: self.devel,
        }
    }
}

/// Whom to trust, and what to show.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct TlsArgs {
    /// Do not look at the certificates of registries
    #[arg(long, alias = "insecure-skip-tls-verify")]
    pub insecure: bool,
    /// Certificates (PEM) to trust beside those of the system
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Certificate (PEM) to show to the registry
    #[arg(long, value_name = "FILE", requires = "key_file")]
    pub cert_file: Option<PathBuf>,
    /// Key (PEM) of that certificate
    #[arg(long, value_name = "FILE", requires = "cert_file")]
    pub key_file: Option<PathBuf>,
}

/// How long to wait, and how often to try.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct PatienceArgs {
    /// Seconds to wait for a registry before trying again
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: u64,
    /// How often to try again what may succeed the next time
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub retries: u32,
}

fn transfers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n @ 1..=64) => Ok(n),
        _ => Err("it must be a whole number from 1 to 64".to_owned()),
    }
}

impl RegistryArgs {
    /// Registries as these flags say; credentials given here are for `host`.
    pub fn remote(&self, host: Option<&str>) -> Result<Remote, CliError> {
        let given = match &self.username {
            Some(username) if self.password_stdin => Some(Credential::Basic {
                username: username.clone(),
                password: secret_from_stdin()?,
            }),
            Some(_) => {
                return Err(CliError::Usage(
                    "`--username` comes with `--password-stdin`".to_owned(),
                ));
            }
            None => None,
        };
        if given.is_some() && host.is_none() {
            return Err(CliError::Usage(
                "`--username` is for one registry, and this command names none".to_owned(),
            ));
        }
        Ok(self.remote_with(given, host))
    }

    /// The same with these credentials.
    pub fn remote_with(&self, given: Option<Credential>, host: Option<&str>) -> Remote {
        Remote::new(RemoteOptions {
            plain_http: self.plain_http,
            chunk: self.chunk_size.map(|mib| mib << 20),
            partials: super::cache::partials(),
            keychain: Keychain::new(self.keychain(given, host)),
            ..options(&self.tls, &self.patience)
        })
    }

    /// Where credentials come from.
    pub fn keychain(&self, given: Option<Credential>, host: Option<&str>) -> KeychainOptions {
        KeychainOptions {
            given,
            given_for: host.map(str::to_owned),
            config: self.registry_config.clone(),
            ..KeychainOptions::from_env()
        }
    }
}

/// How to talk to one server, without credentials.
pub(super) fn options(tls: &TlsArgs, patience: &PatienceArgs) -> RemoteOptions {
    RemoteOptions {
        plain_http: false,
        insecure: tls.insecure,
        ca_file: tls.ca_file.clone(),
        client_certificate: tls.cert_file.clone().zip(tls.key_file.clone()),
        timeout: Duration::from_secs(patience.timeout),
        retries: patience.retries,
        chunk: None,
        partials: None,
        keychain: Keychain::new(KeychainOptions::default()),
    }
}

/// One line of standard input, or all of it where there is no line end.
pub(super) fn secret_from_stdin() -> Result<Secret, CliError> {
    const LONGEST: u64 = 1 << 20;
    let mut text = String::new();
    let read = io::stdin().lock().take(LONGEST).read_to_string(&mut text);
    read.map_err(|error| {
        CliError::Usage(format!(
            "failed to read the password from standard input: {error}"
        ))
    })?;
    let text = text.trim_end_matches(['\n', '\r']);
    match text.is_empty() {
        true => Err(CliError::Usage(
            "standard input holds no password".to_owned(),
        )),
        false => Ok(Secret::new(text.to_owned())),
    }
}
