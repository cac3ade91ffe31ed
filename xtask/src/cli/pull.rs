//! `cargo nfv pull`.

use std::path::PathBuf;

use serde::Serialize;

use super::args::{AnswerArgs, DataFormat, Global};
use super::policy::PolicyArgs;
use super::registry::{RegistryArgs, VersionArgs};
use super::shell::Shell;
use super::{CliError, NfvExitCode, host_of, refusal};
use crate::ops::{self, PullOptions};
use crate::report::clean;

/// Fetch a package from a registry or a layout.
///
/// Every byte is held against its digest, and files appear whole or not at
/// all. What a package needs is found beside it, by id, and in the highest
/// version; `nfv.lock` notes which that was, and is followed from then on.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// `oci://host/path/name:tag` or `…@sha256:…`; also `oci:FOLDER[:NAME]`,
    /// `oci-archive:FILE[:NAME]`, or a name in the layout of this tree
    #[arg(value_name = "REFERENCE")]
    reference: String,
    #[command(flatten)]
    version: VersionArgs,
    /// Folder that the files go to
    #[arg(
        short,
        long,
        visible_alias = "output",
        value_name = "FOLDER",
        default_value = "."
    )]
    destination: PathBuf,
    /// Unpack the packages there
    #[arg(long)]
    untar: bool,
    /// Fetch what the package needs as well
    #[arg(long)]
    with_dependencies: bool,
    /// Fail where a dependency is not the one in `nfv.lock`
    #[arg(long, requires = "with_dependencies")]
    locked: bool,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    answer: AnswerArgs,
    #[command(flatten)]
    registries: RegistryArgs,
}

#[derive(Serialize)]
struct Line<'a> {
    reason: &'static str,
    reference: &'a str,
    digest: &'a str,
    /// Whether nothing had to be written.
    fresh: bool,
    paths: Vec<String>,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let ended = pull(global, args, shell);
    refusal::told(ended, args.answer.message_format.into(), shell)
}

fn pull(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let remote = args
        .registries
        .remote(host_of(&args.reference).as_deref())?;
    let options = PullOptions {
        reference: args.reference.clone(),
        version: args.version.choice(),
        destination: args.destination.clone(),
        untar: args.untar,
        with_dependencies: args.with_dependencies,
        only_hard: false,
        keeps_lock: false,
        locked: args.locked,
        policy: args.policy.options(&workspace)?,
        ..PullOptions::default()
    };
    let report = ops::pull(&workspace, &remote, &options, shell)?;
    let mut text = String::new();
    for pulled in &report.pulled {
        let paths: Vec<String> = pulled.paths.iter().map(|p| workspace.shown(p)).collect();
        match args.answer.message_format {
            DataFormat::Human => {
                let reference = match pulled.reference.ends_with(&pulled.digest) {
                    true => pulled.reference.clone(),
                    false => format!("{}@{}", pulled.reference, pulled.digest),
                };
                let verb = match pulled.is_fresh {
                    true => "Unchanged",
                    false => "Pulled",
                };
                shell.say(verb, &reference);
                for path in &paths {
                    text.push_str(&format!("{}\n", clean(path)));
                }
            }
            DataFormat::Json => {
                let line = Line {
                    reason: "artifact-pulled",
                    reference: &pulled.reference,
                    digest: &pulled.digest,
                    fresh: pulled.is_fresh,
                    paths,
                };
                // A struct of strings always serialises.
                text.push_str(&serde_json::to_string(&line).unwrap_or_default());
                text.push('\n');
            }
        }
    }
    for (kind, id) in &report.left {
        shell.say("Left", &format!("the {kind} `{id}`, which lies elsewhere"));
    }
    for reference in &report.obscure {
        let text = format!("what `{reference}` needs: there is no descriptor in it to tell");
        shell.say("Left", &text);
    }
    shell.data(&text)?;
    Ok(NfvExitCode::Success)
}
