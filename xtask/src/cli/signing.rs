//! Flags that say who signs the manifests of packages.

use std::path::{Path, PathBuf};

use clap::builder::{OsStringValueParser, TypedValueParser};

use super::passphrase::PassphraseArgs;
use super::shell::Shell;
use super::{CliError, clock};
use crate::ops;
use crate::package::Signer;
#[cfg(feature = "publish")]
use crate::trust::sigstore::SignatureForm;

/// Who signs.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Signing")]
pub(super) struct SignArgs {
    /// Sign with this private key: manifests of CSARs and SHIELD packages, and statements
    #[arg(
        long,
        value_name = "FILE",
        env = "NFV_SIGN_KEY",
        hide_env_values = true,
        value_parser = any_path()
    )]
    sign_key: Option<PathBuf>,
    /// Certificate of that key (PEM), with those of its issuers behind it
    #[arg(
        long,
        value_name = "FILE",
        env = "NFV_SIGN_CERTIFICATE",
        hide_env_values = true,
        value_parser = any_path(),
        requires = "sign_key"
    )]
    sign_certificate: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// Warns of a certificate that is not valid now: a signature holds no time, so that nobody
/// trusts it as long as that is so. It may be renewed with the same key.
fn tell_validity(certificate: Option<&Path>, shell: &Shell) -> Result<(), CliError> {
    let Some(file) = certificate else {
        return Ok(());
    };
    let now = i64::try_from(clock::now()?).unwrap_or(i64::MAX);
    if let Some(why) = ops::invalid_certificate(file, now)? {
        let file = file.display();
        shell.warn(&format!(
            "{why} (`{file}`); nobody who asks for a certificate trusts what is signed with it now"
        ));
    }
    Ok(())
}

/// Takes an empty path as well, which a variable of CI has where its secret is not there.
fn any_path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// A path that is none is as good as not given.
fn given(path: Option<&PathBuf>) -> Option<&PathBuf> {
    path.filter(|path| !path.as_os_str().is_empty())
}

/// A certificate says of nothing who has signed it.
fn lone_certificate() -> CliError {
    let text = "there is a certificate to sign with and no key: `--sign-key` and the variable \
                `NFV_SIGN_KEY` are empty";
    CliError::Usage(text.to_owned())
}

impl SignArgs {
    fn key(&self) -> Option<&PathBuf> {
        given(self.sign_key.as_ref())
    }

    fn certificate(&self) -> Option<&PathBuf> {
        given(self.sign_certificate.as_ref())
    }

    /// Warns of a certificate that is not valid now.
    pub fn tell_validity(&self, shell: &Shell) -> Result<(), CliError> {
        tell_validity(self.certificate().map(PathBuf::as_path), shell)
    }

    /// The one who signs manifests, if anybody does.
    pub fn signer(&self) -> Result<Option<Signer>, CliError> {
        let Some(key) = self.key() else {
            return match self.certificate() {
                Some(_) => Err(lone_certificate()),
                None => Ok(None),
            };
        };
        let Some(certificate) = self.certificate() else {
            let text = "`--sign-key` needs `--sign-certificate`: readers of CSARs and SHIELD \
                        packages look for who has signed in the certificate";
            return Err(CliError::Usage(text.to_owned()));
        };
        let passphrases = self.passphrase.source(false);
        Ok(Some(ops::manifest_signer(key, certificate, &passphrases)?))
    }

    /// The one who signs statements, if anybody does, and manifests as well where
    /// there is a certificate: both of one key, whose passphrase is asked for once.
    pub fn statement_key(&self) -> Result<Option<ops::StatementKey>, CliError> {
        let Some(key) = self.key() else {
            return match self.certificate() {
                Some(_) => Err(lone_certificate()),
                None => Ok(None),
            };
        };
        let passphrases = self.passphrase.source(false);
        let certificates = self.certificate().map(PathBuf::as_path);
        let key = ops::StatementKey::read(key, certificates, &passphrases)?;
        Ok(Some(key))
    }
}

/// Who signs something at an artifact, and in which forms.
#[cfg(feature = "publish")]
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Signing")]
pub(super) struct SignArtifactArgs {
    /// Private key to sign with
    #[arg(
        long,
        value_name = "FILE",
        env = "NFV_SIGN_KEY",
        hide_env_values = true,
        value_parser = any_path()
    )]
    sign_key: PathBuf,
    /// Certificate of that key (PEM), with those of its issuers behind it
    #[arg(
        long,
        value_name = "FILE",
        env = "NFV_SIGN_CERTIFICATE",
        hide_env_values = true,
        value_parser = any_path()
    )]
    sign_certificate: Option<PathBuf>,
    /// `classic`: under a tag beside the artifact; `bundle`: a sigstore bundle that refers to it
    #[arg(long, value_name = "FORM", value_enum, default_value = "both")]
    form: FormArg,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// `--form`.
#[cfg(feature = "publish")]
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FormArg {
    Classic,
    Bundle,
    Both,
}

#[cfg(feature = "publish")]
impl SignArtifactArgs {
    /// Warns of a certificate that is not valid now.
    pub fn tell_validity(&self, shell: &Shell) -> Result<(), CliError> {
        tell_validity(self.certificates().as_deref(), shell)
    }

    /// The file of the key.
    pub fn key(&self) -> Result<PathBuf, CliError> {
        given(Some(&self.sign_key)).cloned().ok_or_else(|| {
            let text = "there is no key to sign with: `--sign-key` and the variable \
                        `NFV_SIGN_KEY` are empty";
            CliError::Usage(text.to_owned())
        })
    }

    /// The file of its certificates.
    pub fn certificates(&self) -> Option<PathBuf> {
        given(self.sign_certificate.as_ref()).cloned()
    }

    /// The forms.
    pub fn forms(&self) -> Vec<SignatureForm> {
        match self.form {
            FormArg::Classic => vec![SignatureForm::Classic],
            FormArg::Bundle => vec![SignatureForm::Bundle],
            FormArg::Both => vec![SignatureForm::Classic, SignatureForm::Bundle],
        }
    }

    /// Where the passphrase comes from.
    pub fn passphrases(&self) -> impl ops::Passphrases + use<> {
        self.passphrase.source(false)
    }
}
