//! `cargo nfv verify`.

use std::time::Instant;

use serde_json::json;

use super::args::{self, Global, JudgeArgs, MessageFormat};
use super::build::human_size;
use super::shell::Shell;
use super::{CliError, NfvExitCode, check};
use crate::ops::{self, Rebuild, Verified, VerifyOptions, VerifyReport};
use crate::package::Difference;
use crate::report::{Format, clean, plural};

/// Check finished packages, and compare them with the sources.
///
/// Structure, digests, models and rules, as `cargo nfv check` checks them; of
/// what is published in the image layout, also the digests of its blobs and what
/// its config document says. Exits with 1 if anything is found at error level,
/// or if a package is not what the sources give.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Finished packages: files, or references of the image layout
    #[arg(value_name = "PACKAGE", required = true)]
    packages: Vec<String>,
    /// Build the packages from the source tree, and say in which members or header fields they differ
    #[arg(long)]
    rebuild: bool,
    #[command(flatten)]
    judge: JudgeArgs,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let start = Instant::now();
    let workspace = global.workspace()?;
    let (epoch, is_set) = args::epoch()?;
    let options = VerifyOptions {
        check: args.judge.options()?,
        rebuild: args.rebuild,
        epoch: is_set.then_some(epoch),
    };
    let report = ops::verify(&workspace, &args.packages, &options, shell)?;
    let format = args.judge.message_format;
    check::report(&report.checked, Format::from(format), shell)?;
    shell.data(&lines(&report, format))?;
    check::finish("Verified", &report.checked, start, shell);
    if report.is_sound() {
        Ok(NfvExitCode::Success)
    } else {
        Ok(NfvExitCode::Findings)
    }
}

/// One line a package, and below it what it is not.
fn lines(report: &VerifyReport, format: MessageFormat) -> String {
    let mut text = String::new();
    let names = report.verified.iter().map(|verified| verified.shown.len());
    let width = names.max().unwrap_or(0);
    for verified in &report.verified {
        match format {
            MessageFormat::Human | MessageFormat::Short => {
                let (shown, size) = (clean(&verified.shown), human_size(verified.size));
                let sha256 = &verified.sha256;
                text.push_str(&format!("{shown:width$}  {size:>9}  sha256:{sha256}\n"));
                for line in verdict(verified) {
                    text.push_str(&format!("  {}\n", clean(&line)));
                }
            }
            MessageFormat::Json => text.push_str(&json(report, verified)),
            // These formats are one document, which another line would break.
            _ => {}
        }
    }
    text
}

fn verdict(verified: &Verified) -> Vec<String> {
    let mut lines = verified.mislabelled.clone();
    match &verified.rebuild {
        None => {}
        Some(Rebuild::Same) => lines.push("the sources give the same bytes".to_owned()),
        Some(Rebuild::Impossible(why)) => lines.push(format!("can't be rebuilt: {why}")),
        Some(Rebuild::Differs(differences)) => {
            lines.push("the sources give other bytes; here first, then what they give:".to_owned());
            lines.extend(grouped(differences));
        }
    }
    lines
}

/// What holds for many members is said once.
fn grouped(differences: &[Difference]) -> Vec<String> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for difference in differences {
        let (member, what) = (difference.member.as_str(), difference.what.as_str());
        match groups.iter_mut().find(|(w, _)| *w == what) {
            Some((_, members)) => members.push(member),
            None => groups.push((what, vec![member])),
        }
    }
    let line = |(what, members): (&str, Vec<&str>)| match members.as_slice() {
        [""] => format!("  the package: {what}"),
        [member] => format!("  `{member}`: {what}"),
        [first, others @ ..] => {
            let others = plural(others.len(), "other");
            format!("  `{first}` and {others}: {what}")
        }
        [] => String::new(),
    };
    groups.into_iter().map(line).collect()
}

fn json(report: &VerifyReport, verified: &Verified) -> String {
    let package = &report.checked.scan.packages[verified.package];
    let (rebuild, differences) = match &verified.rebuild {
        None => (None, Vec::new()),
        Some(Rebuild::Same) => (Some("same"), Vec::new()),
        Some(Rebuild::Impossible(why)) => (Some("impossible"), vec![json!({"what": why})]),
        Some(Rebuild::Differs(differences)) => {
            let one = |d: &Difference| json!({"member": d.member, "what": d.what});
            (Some("differs"), differences.iter().map(one).collect())
        }
    };
    let line = json!({
        "reason": "package-verified",
        "id": package.id(),
        "version": package.version(),
        "kind": package.label(),
        "path": verified.shown,
        "digest": format!("sha256:{}", verified.sha256),
        "size": verified.size,
        "members": package.files.len(),
        "mislabelled": verified.mislabelled,
        "rebuild": rebuild,
        "differences": differences,
    });
    format!("{line}\n")
}
