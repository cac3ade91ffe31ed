//! `cargo nfv logout`.

use std::path::PathBuf;

use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::oci::{Keychain, KeychainOptions, Repository};

/// Forget the credentials for a registry.
///
/// Those in Docker's configuration, as `login` keeps them. Where others keep some that
/// still count (the environment, podman, Helm), that is said.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The registry, such as `ghcr.io` or `localhost:5000`
    #[arg(value_name = "REGISTRY")]
    registry: String,
    /// Docker configuration that holds them [default: ~/.docker/config.json]
    #[arg(long, value_name = "FILE")]
    registry_config: Option<PathBuf>,
}

pub(super) fn exec(args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let registry = Repository::parse(&args.registry).map_err(crate::ops::Error::from)?;
    let keychain = Keychain::new(KeychainOptions {
        config: args.registry_config.clone(),
        ..KeychainOptions::from_env()
    });
    let host = &registry.host;
    match keychain.erase(host).map_err(crate::ops::Error::from)? {
        true => shell.say("Logged out", &format!("of `{host}`")),
        false => shell.say("Logged out", &format!("of `{host}` already")),
    }
    // What others keep is theirs; a place that can't be read is told of when it is needed.
    if let Ok(Some((_, origin))) = keychain.locate(host, "") {
        shell.warn(&format!(
            "the credentials {origin} still count for `{host}`"
        ));
    }
    Ok(NfvExitCode::Success)
}
