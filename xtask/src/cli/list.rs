//! `cargo nfv list`.

use serde::Serialize;

use super::args::{AnswerArgs, DataFormat, Global, PartArgs};
use super::build::human_size;
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::oci::{CREATED, Entry};
use crate::ops::{self, CheckOptions};
use crate::report::clean_line;
use crate::source::Workspace;

/// List what is published, or the packages of a tree.
///
/// What is published in the layout of this tree, in another one, or at a
/// registry; with `--tree`, `--since` or `--shard` the packages of the tree
/// itself, sorted by path, as `build` would take them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A repository (its tags), a registry or a path in it (its repositories), `oci:FOLDER` or
    /// `oci-archive:FILE` [default: the layout of this tree]
    #[cfg(feature = "publish")]
    #[arg(value_name = "PLACE")]
    place: Option<String>,
    /// List the packages of the tree, not what is published
    #[arg(long)]
    tree: bool,
    #[command(flatten)]
    part: PartArgs,
    #[command(flatten)]
    answer: AnswerArgs,
    #[cfg(feature = "publish")]
    #[command(flatten)]
    registries: super::registry::RegistryArgs,
}

#[derive(Serialize)]
struct Line<'a> {
    reason: &'static str,
    reference: &'a str,
    digest: &'a str,
    artifact_type: &'a str,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<&'a str>,
}

#[derive(Serialize)]
struct PackageLine<'a> {
    reason: &'static str,
    id: Option<&'a str>,
    version: Option<&'a str>,
    kind: &'static str,
    path: &'a str,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    if args.tree || !args.part.is_empty() {
        #[cfg(feature = "publish")]
        if let Some(place) = &args.place {
            let text = format!("`{place}` is a place, and not a part of the tree");
            return Err(CliError::Usage(text));
        }
        return of_tree(&workspace, args, shell);
    }
    #[cfg(feature = "publish")]
    if let Some(place) = &args.place {
        return at(&workspace, args, place, shell);
    }
    let entries = ops::list(&workspace, shell)?;
    let mut text = String::new();
    let width = entries.iter().map(|e| e.reference.len()).max().unwrap_or(0);
    for entry in &entries {
        let layers = entry.manifest.iter().flat_map(|manifest| &manifest.layers);
        let size: u64 = layers.map(|layer| layer.size).sum();
        text.push_str(&line(
            &Line {
                reason: "artifact",
                reference: &entry.reference,
                digest: &entry.descriptor.digest,
                artifact_type: entry.kind(),
                size,
                created: created(entry),
            },
            width,
            args.answer.message_format,
        ));
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

/// When an artifact was made, as it says itself.
fn created(entry: &Entry) -> Option<&str> {
    let annotations = &entry.manifest.as_ref()?.annotations;
    annotations.get(CREATED).map(String::as_str)
}

fn of_tree(workspace: &Workspace, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let options = args.part.of(CheckOptions::default());
    let scan = ops::packages(workspace, &options)?;
    let names: Vec<String> = scan
        .packages
        .iter()
        .map(|p| clean_line(&p.name()))
        .collect();
    let width = names.iter().map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for (package, name) in scan.packages.iter().zip(names) {
        let line = PackageLine {
            reason: "package",
            id: package.id(),
            version: package.version(),
            kind: package.label(),
            path: &package.shown,
        };
        match args.answer.message_format {
            DataFormat::Human => {
                let path = clean_line(line.path);
                text.push_str(&format!("{name:width$}  {:6}  {path}\n", line.kind));
            }
            DataFormat::Json => {
                // A struct of strings always serialises.
                text.push_str(&serde_json::to_string(&line).unwrap_or_default());
                text.push('\n');
            }
        }
    }
    shell.data(&text)?;
    Ok(NfvExitCode::Success)
}

fn line(line: &Line<'_>, width: usize, format: DataFormat) -> String {
    match format {
        DataFormat::Human => {
            let kind = clean_line(short_type(line.artifact_type));
            let reference = clean_line(line.reference);
            let size = human_size(line.size);
            let digest = line.digest;
            let created = line
                .created
                .map_or(String::new(), |c| format!("  {}", clean_line(c)));
            format!("{reference:width$}  {kind:6}  {size:>9}  {digest}{created}\n")
        }
        DataFormat::Json => {
            // A struct of strings and numbers always serialises.
            let json = serde_json::to_string(line).unwrap_or_default();
            format!("{json}\n")
        }
    }
}

#[cfg(feature = "publish")]
fn at(
    workspace: &Workspace,
    args: &Args,
    place: &str,
    shell: &Shell,
) -> Result<NfvExitCode, CliError> {
    let host = super::host_of(place);
    let remote = args.registries.remote(host.as_deref())?;
    let list = ops::browse(workspace, &remote, place, shell)?;
    let width = list.iter().map(|e| e.reference.len()).max().unwrap_or(0);
    let mut text = String::new();
    for listed in &list {
        match (&listed.found, args.answer.message_format) {
            (Some(found), format) => text.push_str(&line(
                &Line {
                    reason: "artifact",
                    reference: &listed.reference,
                    digest: &found.digest,
                    artifact_type: &found.kind,
                    size: found.size,
                    created: found.created.as_deref(),
                },
                width,
                format,
            )),
            (None, DataFormat::Human) => {
                text.push_str(&format!("{}\n", clean_line(&listed.reference)))
            }
            (None, DataFormat::Json) => {
                let json = crate::json::line(serde_json::json!({
                    "reason": "repository",
                    "reference": listed.reference,
                }));
                text.push_str(&json);
            }
        }
    }
    if list.is_empty() {
        shell.say("Empty", &format!("nothing is published at `{place}`"));
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
        "application/vnd.oci.image.config.v1+json"
        | "application/vnd.docker.container.image.v1+json" => "image",
        known::INDEX | known::DOCKER_LIST => "index",
        other => other,
    }
}
