//! `cargo nfv attach`.

use std::path::PathBuf;

use serde_json::json;

use super::args::{AnswerArgs, DataFormat, Global};
use super::registry::RegistryArgs;
use super::shell::Shell;
use super::{CliError, NfvExitCode, host_of};
use crate::json;
use crate::ops::{self, AttachOptions};
use crate::report::clean;

/// Attach a file to an artifact: an SBOM, a report, an attestation.
///
/// The file becomes an artifact that refers to the other one (OCI 1.1), where
/// scanners look for it and `cargo nfv inspect --referrers` shows it.
/// Attaching the same file twice changes nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// `oci://host/path/name:tag`, `oci:FOLDER[:NAME]`, `oci-archive:FILE[:NAME]`, or a name in
    /// the layout of this tree
    #[arg(value_name = "REFERENCE")]
    reference: String,
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What it is: `sbom` (`sbom-spdx`, `sbom-cyclonedx`), `sarif`, `vex`, `vuln`, `in-toto`,
    /// or a media type
    #[arg(long = "type", value_name = "TYPE")]
    kind: String,
    /// An annotation; may be given several times
    #[arg(long, short, value_name = "KEY=VALUE", value_parser = annotation)]
    annotation: Vec<(String, String)>,
    #[command(flatten)]
    answer: AnswerArgs,
    #[command(flatten)]
    registries: RegistryArgs,
}

fn annotation(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.to_owned()))
        }
        _ => Err("it must be a key, `=` and a value".to_owned()),
    }
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let host = host_of(&args.reference);
    let remote = args.registries.remote(host.as_deref())?;
    let options = AttachOptions {
        reference: args.reference.clone(),
        file: args.file.clone(),
        kind: args.kind.clone(),
        annotations: args.annotation.iter().cloned().collect(),
    };
    let attached = ops::attach(&workspace, &remote, &options, shell)?;
    let text = match args.answer.message_format {
        DataFormat::Human => {
            let state = if attached.existed {
                "  there already"
            } else {
                ""
            };
            let (kind, digest) = (clean(&attached.media_type), &attached.digest);
            format!("{kind}  {digest}{state}\n")
        }
        DataFormat::Json => {
            let line = json!({
                "reason": "artifact-attached",
                "reference": attached.reference,
                "subject": attached.subject,
                "digest": attached.digest,
                "artifact_type": attached.media_type,
                "fresh": attached.existed,
            });
            json::line(line)
        }
    };
    shell.data(&text)?;
    Ok(NfvExitCode::Success)
}
