//! `cargo nfv sign`.

use serde_json::json;

use super::args::{AnswerArgs, DataFormat, Global};
use super::registry::RegistryArgs;
use super::shell::Shell;
use super::signing::SignArtifactArgs;
use super::{CliError, NfvExitCode, host_of};
use crate::json;
use crate::ops::{self, SignOptions, SignedArtifact};
use crate::report::clean;

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
    #[command(flatten)]
    sign: SignArtifactArgs,
    #[command(flatten)]
    answer: AnswerArgs,
    #[command(flatten)]
    registries: RegistryArgs,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    args.sign.tell_validity(shell)?;
    let host = host_of(&args.reference);
    let remote = args.registries.remote(host.as_deref())?;
    let options = SignOptions {
        reference: args.reference.clone(),
        key: args.sign.key()?,
        certificates: args.sign.certificates(),
        forms: args.sign.forms(),
    };
    let passphrases = args.sign.passphrases();
    let signed = ops::sign_artifact(&workspace, &remote, &options, &passphrases, shell)?;
    // Without a tag the highest version is meant, and nobody has said which that is.
    if !args.reference.ends_with(&signed.name) && !signed.name.starts_with("sha256:") {
        shell.say("Signed", &format!("`{}`", signed.name));
    }
    shell.data(&match args.answer.message_format {
        DataFormat::Human => each(&signed.signatures),
        DataFormat::Json => in_json(&signed),
    })?;
    Ok(NfvExitCode::Success)
}

/// A line for each form.
pub(super) fn each(signatures: &[ops::PutSignature]) -> String {
    let mut text = String::new();
    for one in signatures {
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
