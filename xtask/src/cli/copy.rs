//! `cargo nfv copy`.

use serde::Serialize;

use super::args::{AnswerArgs, DataFormat, Global};
use super::policy::PolicyArgs;
use super::registry::{RegistryArgs, VersionArgs};
use super::shell::Shell;
use super::{CliError, NfvExitCode, host_of, refusal};
use crate::ops::{self, CopyOptions};
use crate::report::clean;

/// Copy an artifact between registries, layouts and archives.
///
/// Every byte stays as it is, and so does the digest. An archive carries
/// artifacts to sites without a network.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// `oci://host/path/name:tag`, `oci:FOLDER[:NAME]`, `oci-archive:FILE[:NAME]`, or a name in
    /// the layout of this tree
    #[arg(value_name = "FROM")]
    from: String,
    /// The same; without a tag or name, the artifact keeps its own
    #[arg(value_name = "TO")]
    to: String,
    #[command(flatten)]
    version: VersionArgs,
    /// Take along what refers to it: signatures, SBOMs, attestations
    #[arg(short, long)]
    recursive: bool,
    /// Move a tag that points to something else
    #[arg(long)]
    force: bool,
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
    manifests: usize,
    blobs_sent: usize,
    blobs_there: usize,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let ended = copy(global, args, shell);
    refusal::told(ended, args.answer.message_format.into(), shell)
}

fn copy(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    // Credentials on the command line are for where it goes to.
    let host = host_of(&args.to).or(host_of(&args.from));
    let remote = args.registries.remote(host.as_deref())?;
    let options = CopyOptions {
        from: args.from.clone(),
        version: args.version.choice(),
        to: args.to.clone(),
        recursive: args.recursive,
        force: args.force,
        policy: args.policy.options(&workspace)?,
        concurrency: args.registries.concurrency,
    };
    let copied = ops::copy(&workspace, &remote, &options, shell)?;
    let text = match args.answer.message_format {
        DataFormat::Human => format!("{}  {}\n", clean(&copied.reference), copied.digest),
        DataFormat::Json => {
            let line = Line {
                reason: "artifact-copied",
                reference: &copied.reference,
                digest: &copied.digest,
                manifests: copied.manifests,
                blobs_sent: copied.sent,
                blobs_there: copied.existed,
            };
            // A struct of strings and numbers always serialises.
            format!("{}\n", serde_json::to_string(&line).unwrap_or_default())
        }
    };
    shell.data(&text)?;
    let manifests = crate::report::plural(copied.manifests, "manifest");
    let blobs = crate::report::plural(copied.sent, "blob");
    let there = copied.existed;
    shell.say(
        "Copied",
        &format!("{manifests}, {blobs} sent, {there} there already"),
    );
    Ok(NfvExitCode::Success)
}
