//! `cargo nfv build`.

use std::time::Instant;

use serde::Serialize;

use super::args::{self, CheckArgs, Global, MessageFormat};
use super::reports::{ReportArgs, Told};
use super::shell::Shell;
use super::{CliError, NfvExitCode, check};
use crate::ops::{self, BuildOptions, BuildReport, Said, Unchanged};
use crate::report::{FileLine, PackageLine, clean};
use crate::source::Workspace;

/// Check, then assemble every package.
///
/// Packages go to `nfv/packages` in the target directory, one line for each on
/// standard output: path, size and SHA-256. A package with an error in it is
/// not built; the others are. The same sources give the same bytes everywhere.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    check: CheckArgs,
    #[command(flatten)]
    pub(super) reports: ReportArgs,
    /// Build what is up to date as well
    #[arg(long)]
    force: bool,
    #[cfg(feature = "sign")]
    #[command(flatten)]
    sign: super::signing::SignArgs,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let start = Instant::now();
    let workspace = global.workspace()?;
    #[cfg(feature = "sign")]
    args.sign.tell_validity(shell)?;
    let (epoch, _) = args::epoch()?;
    let options = BuildOptions {
        check: args.check.options()?,
        epoch,
        force: args.force,
        #[cfg(feature = "sign")]
        signer: args.sign.signer()?,
        #[cfg(not(feature = "sign"))]
        signer: None,
        was_signed: ops::WasSigned::Replaced,
    };
    let run = again(&workspace, &options, args, shell);
    if let Some(said) = run.as_ref().and_then(Unchanged::said) {
        shell.replay(&said.texts)?;
        return Ok(match said.has_errors {
            true => NfvExitCode::Findings,
            false => NfvExitCode::Success,
        });
    }
    if run.is_some() {
        shell.record();
    }
    let built = ops::build(&workspace, &options, shell)?;
    let told = Told {
        workspace: &workspace,
        checked: &built.checked,
        built: Some(&built),
        published: None,
    };
    args.reports
        .tell(&told, args.check.judge.message_format, shell)?;
    if built.checked.is_without_package() {
        let root = workspace.shown(&workspace.root);
        return Err(ops::Error::NoPackages(root).into());
    }
    check::finish("Checked", &built.checked, start, shell);
    summary(&built, shell);
    let code = exit_code(&built);
    if let Some(run) = run {
        let texts = shell.recorded();
        let has_errors = code != NfvExitCode::Success;
        run.note(&workspace, &built, Said { texts, has_errors });
    }
    Ok(code)
}

/// The run as one that may be the same as one before. With `--verbose` it says how long
/// it took, and reports would have to be written.
fn again(
    workspace: &Workspace,
    options: &BuildOptions,
    args: &Args,
    shell: &Shell,
) -> Option<Unchanged> {
    if shell.verbose || !args.reports.is_empty() {
        return None;
    }
    // Whatever a run may look at. Shells change some of it with each command.
    const RESTLESS: [&str; 4] = ["_", "OLDPWD", "PWD", "SHLVL"];
    let mut circumstances = Vec::new();
    let mut part = |bytes: &[u8]| {
        circumstances.extend_from_slice(&bytes.len().to_le_bytes());
        circumstances.extend_from_slice(bytes);
    };
    for argument in std::env::args_os().skip(1) {
        part(argument.as_encoded_bytes());
    }
    let mut variables: Vec<_> = std::env::vars_os()
        .filter(|(name, _)| !RESTLESS.iter().any(|restless| name == *restless))
        .collect();
    variables.sort();
    for (name, value) in variables {
        part(name.as_encoded_bytes());
        part(value.as_encoded_bytes());
    }
    part(&[u8::from(shell.color())]);
    Unchanged::look(workspace, options, &circumstances)
}

#[derive(Serialize)]
struct Line<'a> {
    reason: &'static str,
    id: &'a str,
    version: Option<&'a str>,
    kind: &'static str,
    path: String,
    digest: String,
    size: u64,
    fresh: bool,
    /// The zip around a CSAR that is signed as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    outer: Option<OuterLine>,
}

#[derive(Serialize)]
struct OuterLine {
    path: String,
    digest: String,
    size: u64,
}

/// One line a package.
pub(super) fn made(report: &BuildReport, workspace: &Workspace, format: MessageFormat) -> String {
    let mut text = String::new();
    let shown: Vec<String> = report
        .built
        .iter()
        .map(|built| workspace.shown(&built.path))
        .collect();
    let outers = report.built.iter().filter_map(|built| built.outer.as_ref());
    let outers = outers.map(|outer| workspace.shown(&outer.path));
    let widths = shown.iter().map(String::len);
    let width = widths
        .chain(outers.map(|path| path.len()))
        .max()
        .unwrap_or(0);
    for (built, path) in report.built.iter().zip(shown) {
        let package = &report.checked.scan.packages[built.package];
        match format {
            MessageFormat::Human | MessageFormat::Short => {
                let size = human_size(built.size);
                let path = clean(&path);
                text.push_str(&format!(
                    "{path:width$}  {size:>9}  sha256:{}\n",
                    built.sha256
                ));
                if let Some(outer) = &built.outer {
                    let path = workspace.shown(&outer.path);
                    let (path, size) = (clean(&path), human_size(outer.size));
                    let sha256 = &outer.sha256;
                    text.push_str(&format!("{path:width$}  {size:>9}  sha256:{sha256}\n"));
                }
            }
            MessageFormat::Json => {
                let line = Line {
                    reason: "package-built",
                    id: package.id().unwrap_or_default(),
                    version: package.version(),
                    kind: package.label(),
                    path,
                    digest: format!("sha256:{}", built.sha256),
                    size: built.size,
                    fresh: built.is_fresh,
                    outer: built.outer.as_ref().map(|outer| OuterLine {
                        path: workspace.shown(&outer.path),
                        digest: format!("sha256:{}", outer.sha256),
                        size: outer.size,
                    }),
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
    text
}

/// Notes what was built in the lines of a report, which has one for each package.
pub(super) fn add_files(report: &BuildReport, workspace: &Workspace, lines: &mut [PackageLine]) {
    for built in &report.built {
        if let Some(line) = lines.get_mut(built.package) {
            line.file = Some(FileLine {
                path: workspace.shown(&built.path),
                digest: format!("sha256:{}", built.sha256),
                size: built.size,
            });
        }
    }
}

/// What was done, in one line.
pub(super) fn summary(report: &BuildReport, shell: &Shell) {
    let fresh = report.built.iter().filter(|built| built.is_fresh).count();
    let new = report.built.len() - fresh;
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let mut parts = Vec::new();
    let others = report.refused + report.finished + report.elsewhere.len();
    if new == 0 && fresh > 0 && others == 0 {
        let text = format!("nothing to do, {fresh} package{} up to date", plural(fresh));
        return shell.say("Finished", &text);
    }
    if new > 0 {
        parts.push(format!("{new} package{} built", plural(new)));
    }
    if fresh > 0 {
        parts.push(format!("{fresh} up to date"));
    }
    if !report.elsewhere.is_empty() {
        let n = report.elsewhere.len();
        let text = "published before and not built";
        parts.push(format!("{n} package{} {text}", plural(n)));
    }
    if report.refused > 0 {
        let n = report.refused;
        parts.push(format!(
            "{n} package{} not built because of errors",
            plural(n)
        ));
    }
    if report.finished > 0 {
        let n = report.finished;
        parts.push(format!("{n} finished package{} left as found", plural(n)));
    }
    if parts.is_empty() {
        parts.push("nothing to build".to_owned());
    }
    shell.say("Finished", &parts.join(", "));
}

pub(super) fn exit_code(report: &BuildReport) -> NfvExitCode {
    if report.refused > 0 {
        NfvExitCode::Findings
    } else {
        check::exit_code(&report.checked)
    }
}

/// A size as people read it, in powers of 1024.
pub(super) fn human_size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::human_size;

    #[test]
    fn sizes() {
        assert_eq!(human_size(0), "0 B");
        assert_eq!(human_size(1023), "1023 B");
        assert_eq!(human_size(1536), "1.5 KiB");
        assert_eq!(human_size((1 << 20) - 1), "1.0 MiB");
        assert_eq!(human_size(3 << 30), "3.0 GiB");
    }
}
