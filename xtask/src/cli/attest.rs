//! `cargo nfv attest`.

use std::path::PathBuf;

use serde_json::json;

use super::args::{AnswerArgs, DataFormat, Global};
use super::registry::RegistryArgs;
use super::shell::Shell;
use super::sign::each;
use super::signing::SignArtifactArgs;
use super::{CliError, NfvExitCode, host_of};
use crate::json;
use crate::ops::{self, AttestOptions, Attested};
use crate::report::clean;

/// Attest something of an artifact: provenance, a bill of materials, a report.
///
/// The file becomes the predicate of an in-toto statement about the digest of the
/// artifact, which is signed and put beside it in the two forms that `cosign
/// verify-attestation` looks for. Nothing is written to a transparency log. The
/// same key and file give the same attestation: attesting twice changes nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// `oci://host/path/name:tag`, `oci:FOLDER[:NAME]`, `oci-archive:FILE[:NAME]`, or a name in
    /// the layout of this tree
    #[arg(value_name = "REFERENCE")]
    reference: String,
    /// The file, a JSON document
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What it is: `provenance`, `sbom-spdx`, `sbom-cyclonedx`, `vex`, `vuln`; `in-toto` for a
    /// whole statement; or the URI of its predicate
    #[arg(long = "type", value_name = "TYPE")]
    kind: String,
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
    let options = AttestOptions {
        reference: args.reference.clone(),
        file: args.file.clone(),
        kind: args.kind.clone(),
        key: args.sign.key()?,
        certificates: args.sign.certificates(),
        forms: args.sign.forms(),
    };
    let passphrases = args.sign.passphrases();
    let attested = ops::attest(&workspace, &remote, &options, &passphrases, shell)?;
    shell.data(&match args.answer.message_format {
        DataFormat::Human => format!(
            "{}\n{}",
            clean(&attested.predicate_type),
            each(&attested.attestations)
        ),
        DataFormat::Json => in_json(&attested),
    })?;
    Ok(NfvExitCode::Success)
}

fn in_json(attested: &Attested) -> String {
    let line = |one: &ops::PutSignature| {
        json::line(json!({
            "reason": "artifact-attested",
            "reference": attested.reference,
            "subject": attested.subject,
            "predicate_type": attested.predicate_type,
            "key": format!("sha256:{}", attested.key),
            "form": one.form.id(),
            "digest": one.digest,
            "fresh": one.existed,
        }))
    };
    attested.attestations.iter().map(line).collect()
}
