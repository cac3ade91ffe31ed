//! `cargo nfv provenance`, and how a build describes itself.

use std::path::PathBuf;

use super::args::{self, CheckArgs, Global};
use super::shell::Shell;
use super::signing::SignArgs;
use super::{CliError, NfvExitCode, build, clock, reports};
use crate::ops::{self, BuildOptions, Circumstances, StatementKey};
use crate::provenance::Run;
use crate::source::Form;
use crate::time::rfc3339;

/// Build, and say of each package how it came about.
///
/// One in-toto statement a line, with the predicate of SLSA provenance: the
/// package, the revision of the sources, the files that went in with their
/// digests, and the run on GitHub or GitLab. With a key each line is a sigstore
/// bundle. Outside CI the same sources give the same statement.
///
/// `cargo nfv publish --provenance` puts it beside what is published.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    check: CheckArgs,
    /// Write it to this file instead of standard output
    #[arg(short, long, value_name = "FILE", alias = "out")]
    output: Option<PathBuf>,
    #[command(flatten)]
    builder: BuilderArgs,
    #[command(flatten)]
    sign: SignArgs,
}

/// Who builds.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct BuilderArgs {
    /// Who builds, in place of the runner that the environment describes
    #[arg(long, value_name = "URI", env = "NFV_BUILDER_ID", hide_env_values = true, value_parser = uri)]
    builder_id: Option<String>,
}

fn uri(text: &str) -> Result<String, String> {
    match text.is_empty() || ops::is_uri(text) {
        true => Ok(text.to_owned()),
        false => Err("it must be a URI, such as `https://ci.example.org/runner`".to_owned()),
    }
}

impl BuilderArgs {
    /// What the build says of itself. A run differs from any other, and so it
    /// may say when it was; a build outside CI says nothing of the kind.
    pub fn circumstances(&self) -> Result<Circumstances, CliError> {
        let run = Run::of(&|name| std::env::var(name).ok());
        let started_on = match &run {
            Some(_) => Some(rfc3339(clock::now()?)),
            None => None,
        };
        Ok(Circumstances {
            run,
            builder: self.builder_id.clone().filter(|id| !id.is_empty()),
            started_on,
        })
    }
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    args.sign.tell_validity(shell)?;
    let (epoch, _) = args::epoch()?;
    let key = args.sign.statement_key()?;
    let options = BuildOptions {
        check: args.check.options()?,
        epoch,
        force: false,
        signer: key.as_ref().and_then(StatementKey::manifest_signer),
        was_signed: ops::WasSigned::Kept,
    };
    let circumstances = args.builder.circumstances()?;
    let (report, all) = ops::provenance(&workspace, &options, &circumstances, key.as_ref(), shell)?;
    let format = args.check.judge.message_format;
    reports::findings(&report.checked, format, shell)?;
    let code = build::exit_code(&report);
    if code != NfvExitCode::Success {
        shell.say("Stated", "nothing, because of the errors above");
        return Ok(code);
    }
    let packages = &report.checked.scan.packages;
    let finished: Vec<String> = packages
        .iter()
        .filter(|package| package.form == Form::Archive)
        .map(|package| format!("`{}`", package.shown))
        .collect();
    if !finished.is_empty() {
        shell.warn(&format!(
            "nothing is stated of what was built elsewhere: {}; name the sources",
            finished.join(", ")
        ));
        if all.is_empty() {
            return Ok(NfvExitCode::Failure);
        }
    }
    // The sources alone would give another package than one that somebody has signed.
    for built in report.built.iter().filter(|built| built.is_signed) {
        if options.signer.is_none() {
            let text = format!("`{}` as it was signed before", built.file_name);
            shell.say("Stated", &text);
        }
    }
    let lines: String = all.iter().map(|one| format!("{}\n", one.text)).collect();
    match &args.output {
        Some(path) => ops::write_text(&lines, path)?,
        None => shell.text(&lines)?,
    }
    Ok(code)
}
