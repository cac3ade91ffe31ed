//! `cargo nfv sign`.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::json;

use super::args::{AnswerArgs, DataFormat, Global};
use super::passphrase::PassphraseArgs;
use super::registry::RegistryArgs;
use super::shell::Shell;
use super::{CliError, NfvExitCode, host_of};
use crate::json;
use crate::ops::{self, SignOptions, SignedArtifact};
use crate::report::clean;
use crate::trust::sigstore::SignatureForm;

/// Sign an artifact where it is published.
///
/// The digest of its manifest is signed, and the signature put beside it, in the
/// two forms that cosign and the sigstore clients look for. Nothing is written to
/// a transparency log. The same key gives the same signature: signing twice
/// changes nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// `oci://host/path/name:tag`, `oci:FOLDER[:NAME]`, `oci-archive:FILE[:NAME]`, or a name in
    /// the layout of this tree
    #[arg(value_name = "REFERENCE")]
    reference: String,
    /// Private key to sign with
    #[arg(
        long,
        value_name = "FILE",
        env = "NFV_SIGN_KEY",
        hide_env_values = true
    )]
    sign_key: PathBuf,
    /// Certificate of that key (PEM), with those of its issuers behind it
    #[arg(
        long,
        value_name = "FILE",
        env = "NFV_SIGN_CERTIFICATE",
        hide_env_values = true
    )]
    sign_certificate: Option<PathBuf>,
    /// `classic`: the tag `sha256-….sig`; `bundle`: a sigstore bundle that refers to the artifact
    #[arg(long, value_name = "FORM", value_enum, default_value = "both")]
    form: Form,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    answer: AnswerArgs,
    #[command(flatten)]
    registries: RegistryArgs,
}

/// `--form`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Classic,
    Bundle,
    Both,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let host = host_of(&args.reference);
    let remote = args.registries.remote(host.as_deref())?;
    let options = SignOptions {
        reference: args.reference.clone(),
        key: args.sign_key.clone(),
        certificates: args.sign_certificate.clone(),
        forms: match args.form {
            Form::Classic => vec![SignatureForm::Classic],
            Form::Bundle => vec![SignatureForm::Bundle],
            Form::Both => vec![SignatureForm::Classic, SignatureForm::Bundle],
        },
    };
    let passphrases = args.passphrase.source(false, None);
    let signed = ops::sign_artifact(&workspace, &remote, &options, &passphrases, shell)?;
    shell.data(&match args.answer.message_format {
        DataFormat::Human => for_people(&signed),
        DataFormat::Json => in_json(&signed),
    })?;
    Ok(NfvExitCode::Success)
}

fn for_people(signed: &SignedArtifact) -> String {
    let mut text = String::new();
    for one in &signed.signatures {
        let state = if one.existed { "  there already" } else { "" };
        text.push_str(&format!(
            "{:8} {}{state}\n",
            one.form.id(),
            clean(&one.digest)
        ));
    }
    text
}

fn in_json(signed: &SignedArtifact) -> String {
    let mut text = String::new();
    for one in &signed.signatures {
        let line = json!({
            "reason": "artifact-signed",
            "reference": signed.reference,
            "digest": signed.digest,
            "key": format!("sha256:{}", signed.key),
            "form": one.form.id(),
            "signature": one.digest,
            "fresh": one.existed,
        });
        text.push_str(&json::line(line));
    }
    text
}
