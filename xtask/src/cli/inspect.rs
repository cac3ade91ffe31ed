//! `cargo nfv inspect`.

use serde_json::{Value, json};

use super::args::{AnswerArgs, DataFormat, Global};
use super::build::human_size;
#[cfg(feature = "publish")]
use super::referrers;
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::json;
use crate::oci::{Descriptor, Index, Manifest, TITLE};
use crate::ops;
#[cfg(feature = "publish")]
use crate::ops::Referrer;
use crate::report::{clean, clean_line};

/// Show what is published under a reference.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// `id:version`, an id that has one version, a digest, or the path of a descriptor, for what is
    /// in the layout of this tree; or
    /// `oci://host/path/name:tag`, `oci:FOLDER[:NAME]`, `oci-archive:FILE[:NAME]`
    #[arg(value_name = "REFERENCE")]
    reference: String,
    #[cfg(feature = "publish")]
    #[command(flatten)]
    version: super::registry::VersionArgs,
    /// Print the manifest as it is stored
    #[arg(long)]
    raw: bool,
    /// Print the descriptor of the package
    #[cfg(feature = "publish")]
    #[arg(long, conflicts_with = "raw")]
    descriptor: bool,
    /// Show what refers to it: signatures, SBOMs, attestations, with what they say of
    /// themselves; `cargo nfv verify` verifies them
    #[cfg(feature = "publish")]
    #[arg(long, conflicts_with_all = ["raw", "descriptor"])]
    referrers: bool,
    #[command(flatten)]
    answer: AnswerArgs,
    #[cfg(feature = "publish")]
    #[command(flatten)]
    registries: super::registry::RegistryArgs,
}

/// What is shown of an artifact.
struct Shown<'a> {
    reference: &'a str,
    digest: &'a str,
    kind: &'a str,
    manifest: Option<&'a Manifest>,
    /// What is no manifest may be an index of some.
    index: Option<Index>,
    config: Option<&'a Value>,
}

#[cfg(not(feature = "publish"))]
pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let entry = ops::inspect(&workspace, &args.reference)?;
    if args.raw {
        shell.bytes(&entry.raw)?;
        return Ok(NfvExitCode::Success);
    }
    let shown = Shown {
        reference: &entry.reference,
        digest: &entry.descriptor.digest,
        kind: entry.kind(),
        manifest: entry.manifest.as_ref(),
        index: index(entry.manifest.as_ref(), &entry.raw),
        config: entry.config.as_ref(),
    };
    let text = match args.answer.message_format {
        DataFormat::Json => format!("{}\n", in_json(&shown)),
        DataFormat::Human => for_people(&shown),
    };
    shell.data(&text)?;
    Ok(NfvExitCode::Success)
}

#[cfg(feature = "publish")]
pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let host = super::host_of(&args.reference);
    let remote = args.registries.remote(host.as_deref())?;
    let version = args.version.choice();
    if args.descriptor {
        let text = ops::descriptor_at(&workspace, &remote, &args.reference, &version, shell)?;
        match std::str::from_utf8(&text) {
            Ok(text) => shell.text(text)?,
            Err(_) => shell.bytes(&text)?,
        }
        return Ok(NfvExitCode::Success);
    }
    let inspected = ops::inspect_at(
        &workspace,
        &remote,
        &args.reference,
        &version,
        args.referrers,
    )?;
    if args.raw {
        shell.bytes(&inspected.fetched.bytes)?;
        return Ok(NfvExitCode::Success);
    }
    if let Some(fault) = &inspected.config_fault {
        shell.warn(&format!(
            "the config document of `{}` is not shown: its type says that it is JSON, and it is \
             none ({fault})",
            clean(&inspected.reference)
        ));
    }
    let kind = inspected.manifest.as_ref().map(Manifest::kind);
    let shown = Shown {
        reference: &inspected.reference,
        digest: &inspected.fetched.digest,
        kind: kind.unwrap_or(&inspected.fetched.media_type),
        manifest: inspected.manifest.as_ref(),
        index: index(inspected.manifest.as_ref(), &inspected.fetched.bytes),
        config: inspected.config.as_ref(),
    };
    let text = match args.answer.message_format {
        DataFormat::Json => {
            let mut line = in_json(&shown);
            if args.referrers {
                line["referrers"] = referrers::in_json(&inspected.referrers);
            }
            json::line(line)
        }
        DataFormat::Human if args.referrers => {
            let mut text = format!("{}  {}\n", clean(shown.reference), shown.digest);
            text.push_str(&referrers::for_people(&inspected.referrers));
            text
        }
        DataFormat::Human => for_people(&shown),
    };
    shell.data(&text)?;
    // The rest of the tree is worth seeing all the same.
    match inspected.referrers.iter().any(Referrer::is_damaged) {
        true => Ok(NfvExitCode::Mismatch),
        false => Ok(NfvExitCode::Success),
    }
}

fn index(manifest: Option<&Manifest>, bytes: &[u8]) -> Option<Index> {
    match manifest {
        Some(_) => None,
        None => serde_json::from_slice(bytes)
            .ok()
            .filter(|index: &Index| !index.manifests.is_empty()),
    }
}

fn in_json(shown: &Shown<'_>) -> Value {
    let mut line = json!({
        "reason": "artifact",
        "reference": shown.reference,
        "digest": shown.digest,
        "artifact_type": shown.kind,
        "manifest": shown.manifest,
        "config": shown.config,
    });
    if let Some(index) = &shown.index {
        line["index"] = json!(index);
    }
    line
}

/// What a descriptor in an index is, and for which platform (image-spec, "Image Index Property
/// Descriptions").
fn kind_of(descriptor: &Descriptor) -> String {
    let kind = descriptor.artifact_type.as_deref();
    let kind = kind.unwrap_or(&descriptor.media_type);
    let platform = descriptor.more.get("platform");
    let part = |name: &str| platform.and_then(|platform| platform[name].as_str());
    let parts = [part("os"), part("architecture"), part("variant")];
    let platform: Vec<&str> = parts.into_iter().flatten().collect();
    format!("{kind} {}", platform.join("/"))
}

fn for_people(shown: &Shown<'_>) -> String {
    /// The column of the names.
    const WIDTH: usize = 12;
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        let value = clean(value);
        // A name that is longer has a line to itself, so that values stay below each other.
        text.push_str(&match name.chars().count() > WIDTH {
            true => format!("{name}\n{:WIDTH$} {value}\n", ""),
            false => format!("{name:WIDTH$} {value}\n"),
        });
    };
    row("reference", shown.reference);
    row("digest", shown.digest);
    row("type", &clean_line(shown.kind));
    for layer in shown.manifest.iter().flat_map(|manifest| &manifest.layers) {
        let title = layer.annotations.get(TITLE);
        // A name has no lines.
        let title = title.map_or(String::new(), |t| clean_line(t));
        let size = human_size(layer.size);
        row("package", format!("{title} {size}").trim());
        row("", &clean_line(&layer.digest));
        row("", &clean_line(&layer.media_type));
    }
    for descriptor in shown.index.iter().flat_map(|index| &index.manifests) {
        row("manifest", clean_line(&kind_of(descriptor)).trim_end());
        row("", &clean_line(&descriptor.digest));
    }
    let of_index = shown.index.iter().flat_map(|index| &index.annotations);
    let annotations = shown
        .manifest
        .iter()
        .flat_map(|manifest| &manifest.annotations)
        .chain(of_index);
    for (name, value) in annotations {
        let name = name.trim_start_matches("org.opencontainers.image.");
        let name = clean_line(name);
        // A description of several lines stays in its column.
        let value = value.lines().collect::<Vec<_>>().join("\n             ");
        row(&name, &value);
    }
    if let Some(config) = shown.config {
        text.push_str(&format!("config\n{}", clean(&json::text(config.clone()))));
    }
    text
}
