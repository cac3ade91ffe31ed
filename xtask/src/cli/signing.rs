//! Flags that say who signs the manifests of packages.

use std::path::PathBuf;

use super::CliError;
use super::passphrase::PassphraseArgs;
use crate::ops;
use crate::package::Signer;

/// Who signs.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Signing")]
pub(super) struct SignArgs {
    /// Sign the manifests of CSARs and SHIELD packages with this private key
    #[arg(
        long,
        value_name = "FILE",
        env = "NFV_SIGN_KEY",
        hide_env_values = true,
        requires = "sign_certificate"
    )]
    sign_key: Option<PathBuf>,
    /// Certificate of that key (PEM), with those of its issuers behind it
    #[arg(
        long,
        value_name = "FILE",
        env = "NFV_SIGN_CERTIFICATE",
        hide_env_values = true,
        requires = "sign_key"
    )]
    sign_certificate: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

impl SignArgs {
    /// The one who signs, if anybody does.
    pub fn signer(&self) -> Result<Option<Signer>, CliError> {
        let (Some(key), Some(certificate)) = (&self.sign_key, &self.sign_certificate) else {
            return Ok(None);
        };
        let passphrases = self.passphrase.source(false, None);
        Ok(Some(ops::manifest_signer(key, certificate, &passphrases)?))
    }
}
