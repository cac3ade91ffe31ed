//! `cargo nfv list`.

use serde::Serialize;

use super::args::{DataFormat, Global};
use super::build::human_size;
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::ops;
use crate::report::clean;

/// List what is published.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Format of the list
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "human",
        help_heading = "Output"
    )]
    message_format: DataFormat,
}

#[derive(Serialize)]
struct Line<'a> {
    reason: &'static str,
    reference: &'a str,
    digest: &'a str,
    artifact_type: &'a str,
    size: u64,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let entries = ops::list(&workspace)?;
    let mut text = String::new();
    let width = entries.iter().map(|e| e.reference.len()).max().unwrap_or(0);
    for entry in &entries {
        let size: u64 = entry.manifest.layers.iter().map(|layer| layer.size).sum();
        match args.message_format {
            DataFormat::Human => {
                let kind = clean(short_type(entry.manifest.kind()));
                let reference = clean(&entry.reference);
                let size = human_size(size);
                let digest = &entry.descriptor.digest;
                text.push_str(&format!(
                    "{reference:width$}  {kind:6}  {size:>9}  {digest}\n"
                ));
            }
            DataFormat::Json => {
                let line = Line {
                    reason: "artifact",
                    reference: &entry.reference,
                    digest: &entry.descriptor.digest,
                    artifact_type: entry.manifest.kind(),
                    size,
                };
                // A struct of strings and numbers always serialises.
                if let Ok(json) = serde_json::to_string(&line) {
                    text.push_str(&json);
                    text.push('\n');
                }
            }
        }
    }
    if entries.is_empty() {
        let layout = workspace.shown(&workspace.out_dir.join("oci"));
        shell.say(
            "Empty",
            &format!("nothing is published in `{layout}`; run `cargo nfv publish`"),
        );
    }
    shell.data(&text)?;
    Ok(NfvExitCode::Success)
}

/// The part of an artifact type that tells it from the others.
pub(super) fn short_type(media_type: &str) -> &str {
    use crate::oci::media_type as known;
    match media_type {
        known::NFV_CONFIG => "nfv",
        known::SHIELD_CONFIG => "shield",
        known::HDAG_CONFIG => "hdag",
        known::HELM_CONFIG => "helm",
        other => other,
    }
}
