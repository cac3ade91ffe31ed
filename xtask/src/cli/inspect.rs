//! `cargo nfv inspect`.

use serde_json::json;

use super::args::{DataFormat, Global};
use super::build::human_size;
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::ops;
use crate::report::clean;

/// Show what is published under a reference.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// `id:version`, an id that has one version, or a digest
    #[arg(value_name = "REFERENCE")]
    reference: String,
    /// Print the manifest as it is stored
    #[arg(long)]
    raw: bool,
    /// Format of the answer
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "human",
        help_heading = "Output"
    )]
    message_format: DataFormat,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let entry = ops::inspect(&workspace, &args.reference)?;
    let manifest = &entry.manifest;
    if args.raw {
        shell.bytes(&entry.raw)?;
        return Ok(NfvExitCode::Success);
    }
    if args.message_format == DataFormat::Json {
        let line = json!({
            "reason": "artifact",
            "reference": entry.reference,
            "digest": entry.descriptor.digest,
            "artifact_type": manifest.kind(),
            "manifest": manifest,
            "config": entry.config,
        });
        shell.data(&format!("{line}\n"))?;
        return Ok(NfvExitCode::Success);
    }
    let mut text = String::new();
    let mut row = |name: &str, value: &str| text.push_str(&format!("{name:12} {}\n", clean(value)));
    row("reference", &entry.reference);
    row("digest", &entry.descriptor.digest);
    row("type", manifest.kind());
    for layer in &manifest.layers {
        let title = layer.annotations.get("org.opencontainers.image.title");
        let title = title.map_or("", String::as_str);
        let size = human_size(layer.size);
        row("package", format!("{title} {size}").trim());
        row("", &layer.digest);
        row("", &layer.media_type);
    }
    for (name, value) in &manifest.annotations {
        let name = name.trim_start_matches("org.opencontainers.image.");
        // A description of several lines stays in its column.
        let value = value.lines().collect::<Vec<_>>().join("\n             ");
        row(&clean(name), &value);
    }
    if let Some(config) = &entry.config {
        let pretty = serde_json::to_string_pretty(config).unwrap_or_default();
        text.push_str(&format!("config\n{}\n", clean(&pretty)));
    }
    shell.data(&text)?;
    Ok(NfvExitCode::Success)
}
