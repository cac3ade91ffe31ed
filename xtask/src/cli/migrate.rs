//! `cargo nfv migrate`.

use std::path::PathBuf;

use super::args::{Global, MessageFormat};
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::diagnostic::Diagnostic;
use crate::json;
use crate::ops::{self, MigrateOptions, MigrateReport, MigrateState};
use crate::report::{self, Format, PackageLine, Report};
use crate::rules;
use crate::source::{Form, Workspace};

/// Turn packages of OSM's information model before release NINE into SOL006.
///
/// Each package, with all its files, becomes a new folder beside the old one, which stays as it
/// is. Where something that the old descriptor asks for has no place in the new model, it is
/// named, and the package is not written; `--allow-loss` writes it without. Exits with 1 if a
/// package was not written for that reason, or if `check` finds errors in one that was and that
/// the old one has not.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folders, descriptors or finished packages [default: the whole tree]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// New folder for everything, laid out as the PATH is [default: beside each package, its name
    /// with `-sol006`]
    #[arg(short, long, value_name = "DIRECTORY")]
    output: Option<PathBuf>,
    /// Write packages of which something is lost, too
    #[arg(long)]
    allow_loss: bool,
    /// Write nothing, and print the new descriptors as a diff
    #[arg(long)]
    dry_run: bool,
    /// Format of the findings
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "human",
        help_heading = "Output"
    )]
    message_format: MessageFormat,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let format = Format::from(args.message_format);
    if args.dry_run && format.is_for_programs() && format != Format::Json {
        let text = "`--dry-run` prints a diff, which goes with the message formats `human`, `short` and `json`";
        return Err(CliError::Usage(text.to_owned()));
    }
    let options = MigrateOptions {
        paths: args.paths.clone(),
        output: args.output.clone(),
        allow_loss: args.allow_loss,
        dry_run: args.dry_run,
    };
    let done = ops::migrate(&workspace, &options)?;
    if done.packages.is_empty() && done.diagnostics.is_empty() {
        let paths = match args.paths.as_slice() {
            [] => std::slice::from_ref(&workspace.root),
            paths => paths,
        };
        let paths: Vec<String> = paths.iter().map(|path| workspace.shown(path)).collect();
        return Err(ops::Error::NoPackages(paths.join("`, `")).into());
    }
    findings(&done, format, shell)?;
    for package in &done.packages {
        let MigrateState::Written { files, .. } = &package.state else {
            continue;
        };
        for file in files.iter().filter(|_| args.dry_run) {
            let diff = report::diff(&file.path, &file.before, &file.after);
            match format {
                Format::Json => shell.data(&report::json_diff(&file.path, &diff))?,
                _ => shell.text(&diff)?,
            }
        }
    }
    told(&done, &workspace, args, format, shell)?;
    let is_worse = done.faulty.iter().any(|one| !one.new.is_empty());
    Ok(match rules::has_errors(&done.diagnostics) || is_worse {
        true => NfvExitCode::Findings,
        false => NfvExitCode::Success,
    })
}

fn findings(done: &MigrateReport, format: Format, shell: &Shell) -> Result<(), CliError> {
    let packages = done.scan.packages.iter().map(|package| PackageLine {
        name: package.name(),
        path: package.shown.clone(),
        kind: package.label().to_owned(),
        id: package.id().map(str::to_owned),
        version: package.version().map(str::to_owned),
        ..PackageLine::default()
    });
    let packages: Vec<PackageLine> = packages.collect();
    let report = Report {
        diagnostics: &done.diagnostics,
        packages: &packages,
        topologies: &[],
        base: "",
        top: "",
    };
    let text = report::render(format, &report, shell.color());
    match format.is_for_programs() {
        true => shell.data(&text)?,
        false => shell.talk(&text),
    }
    Ok(())
}

/// What became of each package: the new folders on standard output, for people, and
/// a summary.
fn told(
    done: &MigrateReport,
    workspace: &Workspace,
    args: &Args,
    format: Format,
    shell: &Shell,
) -> Result<(), CliError> {
    let is_dry = args.dry_run;
    let (mut written, mut refused, mut left) = (0, 0, 0);
    for package in &done.packages {
        match &package.state {
            MigrateState::Written { place, .. } => {
                written += 1;
                let place = workspace.shown(place);
                if !is_dry {
                    shell.say("Migrated", &format!("{} to `{place}`", package.name));
                    if !format.is_for_programs() {
                        shell.data(&format!("{}\n", report::clean(&place)))?;
                    }
                } else {
                    shell.say("Migratable", &format!("{} to `{place}`", package.name));
                }
            }
            MigrateState::Refused => {
                refused += 1;
                shell.say(
                    "Refused",
                    &format!("{} (`{}`)", package.name, package.shown),
                );
            }
            MigrateState::Left(reason) => {
                left += 1;
                if shell.verbose {
                    shell.say("Left", &format!("`{}`: it {reason}", package.shown));
                }
            }
        }
    }
    let mut text = report::plural(written, "package");
    text.push_str(match is_dry {
        true => " can be migrated; nothing written",
        false => " migrated",
    });
    if refused > 0 {
        text.push_str(&format!(", {refused} refused"));
        let is_loss = |one: &Diagnostic| one.rule.id == "migrate/lost";
        if !args.allow_loss && done.diagnostics.iter().any(is_loss) {
            text.push_str("; `--allow-loss` writes what can be carried");
        }
    }
    if left > 0 {
        text.push_str(&format!(", {left} left: not in the old model"));
    }
    faults(done, workspace, format, shell)?;
    shell.say("Finished", &text);
    // Both in one tree are two packages of one id, which no build takes.
    let outputs = workspace.out_dir.parent().unwrap_or(&workspace.out_dir);
    let mut pairs = done.packages.iter().zip(&done.scan.packages);
    let is_twice = pairs.any(|(new, old)| {
        let MigrateState::Written { place, .. } = &new.state else {
            return false;
        };
        let is_in_tree = place.starts_with(&workspace.root) && !place.starts_with(outputs);
        is_in_tree && old.form != Form::Archive
    });
    if !is_dry && is_twice {
        shell.say(
            "Next",
            "the old and the new packages stand in one tree and have the same ids: remove the old \
             ones, or leave them out with `exclude` in the configuration",
        );
    }
    Ok(())
}

/// What `check` says to what was made.
fn faults(
    done: &MigrateReport,
    workspace: &Workspace,
    format: Format,
    shell: &Shell,
) -> Result<(), CliError> {
    for one in &done.faulty {
        let place = workspace.shown(&one.place);
        let count = one.rules.values().sum();
        let rules: Vec<&str> = one.rules.keys().copied().collect();
        if format == Format::Json {
            shell.data(&json::line(serde_json::json!({
                "reason": "migrated-with-errors",
                "path": place,
                "errors": one.rules,
                "new": one.new,
            })))?;
        } else {
            let errors = report::plural(count, "error");
            let old = match one.new.as_slice() {
                [] => ", as the old package has".to_owned(),
                new if new.len() == rules.len() => ", which the old package has not".to_owned(),
                new => format!("; the old package has not {}", new.join(", ")),
            };
            shell.warn(&format!(
                "`{place}` has {errors}: {}{old}",
                rules.join(", ")
            ));
        }
    }
    if !done.faulty.is_empty() && format != Format::Json {
        let total = done.packages.iter();
        let total = total.filter(|one| matches!(one.state, MigrateState::Written { .. }));
        let text = format!(
            "{} of {}, which are no sound packages yet; `cargo nfv check` shows where",
            done.faulty.len(),
            report::plural(total.count(), "package"),
        );
        shell.say("Faulty", &text);
    }
    Ok(())
}
