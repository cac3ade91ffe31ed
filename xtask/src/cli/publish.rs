//! `cargo nfv publish`.

use std::time::Instant;

use serde::Serialize;

use super::args::{self, CheckArgs, Global, MessageFormat};
use super::shell::Shell;
use super::{CliError, NfvExitCode, build, check};
use crate::ops::{self, BuildOptions};
use crate::report::Format;
use crate::time::rfc3339;

/// Build, then put the packages into the OCI image layout.
///
/// The layout is `nfv/oci` in the target directory; every client that reads
/// OCI image layouts can copy from it. With an error in any package nothing is
/// published.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    check: CheckArgs,
    /// Build what is up to date as well
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    reason: &'static str,
    reference: &'a str,
    digest: &'a str,
    artifact_type: &'a str,
    fresh: bool,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let start = Instant::now();
    let workspace = global.workspace()?;
    let (epoch, is_set) = args::epoch()?;
    let options = BuildOptions {
        check: args.check.options()?,
        epoch,
        force: args.force,
    };
    let created = is_set.then(|| rfc3339(epoch));
    let report = ops::publish(&workspace, &options, created.as_deref(), shell)?;
    let checked = &report.build.checked;
    check::report(
        checked,
        Format::from(args.check.judge.message_format),
        shell,
    )?;
    let mut text = String::new();
    for published in &report.published {
        let (reference, digest) = (&published.reference, &published.digest);
        match args.check.judge.message_format {
            MessageFormat::Human | MessageFormat::Short => {
                text.push_str(&format!("{reference}  {digest}\n"));
            }
            MessageFormat::Json => {
                let line = Line {
                    reason: "artifact-published",
                    reference,
                    digest,
                    artifact_type: &published.kind,
                    fresh: published.is_fresh,
                };
                // A struct of strings and numbers always serialises.
                if let Ok(json) = serde_json::to_string(&line) {
                    text.push_str(&json);
                    text.push('\n');
                }
            }
            // These formats are one document, which another line would break.
            _ => {}
        }
    }
    shell.data(&text)?;
    check::finish("Checked", checked, start, shell);
    build::summary(&report.build, shell);
    let code = build::exit_code(&report.build);
    if code == NfvExitCode::Success {
        let new = report.published.iter().filter(|p| !p.is_fresh).count();
        let there = report.published.len() - new;
        let layout = workspace.shown(&workspace.out_dir.join("oci"));
        shell.say(
            "Published",
            &format!("{new} new, {there} already there, in `{layout}`"),
        );
    } else {
        shell.say("Published", "nothing, because of the errors above");
    }
    Ok(code)
}
