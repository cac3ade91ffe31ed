//! `cargo nfv check`.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::args::{CheckArgs, Global};
use super::reports::{self, ReportArgs, Told};
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::diagnostic::Diagnostic;
use crate::ops::{self, CheckOptions, Checked, FixReport};
use crate::report::{self, Format, Report};
use crate::rules;
use crate::source::{
    Changes, Config, Unsaved, Watch, Workspace, WorkspaceError, behind_links, tidy,
};

/// Check descriptors and packages, and report every finding.
///
/// Looks at the whole tree, or at the folders, descriptors and finished
/// packages that are named. Exits with 1 if anything is found at error level.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    check: CheckArgs,
    #[command(flatten)]
    pub(super) reports: ReportArgs,
    /// Mend what is safe to mend in the source files, and report the rest
    #[arg(long)]
    fix: bool,
    /// With --fix: write nothing, and print what would change as a diff
    #[arg(long, requires = "fix")]
    dry_run: bool,
    /// Take the PATHs for files that have changed: check the packages that they belong to, and
    /// those that need them; files that are gone since the last commit count without being named
    #[arg(long, requires = "paths", conflicts_with = "since")]
    touched: bool,
    /// Take the text of one file from standard input, as an editor has it, and report what is
    /// found in that file
    #[arg(long, requires = "stdin_filename", conflicts_with_all = ["fix", "touched", "paths", "since", "shard", "package", "exclude"])]
    stdin: bool,
    /// With --stdin: the file whose text it is; it need not exist yet
    #[arg(long, value_name = "FILE", requires = "stdin")]
    stdin_filename: Option<PathBuf>,
    /// Check again whenever a file of the tree changes, until the program is stopped
    #[arg(long, conflicts_with_all = ["fix", "stdin", "reports"])]
    watch: bool,
    /// Leave out what the configuration excludes, even where a PATH names it
    #[arg(long)]
    force_exclude: bool,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    if args.watch {
        return watch(global, args, shell);
    }
    once(global, args, shell)
}

/// Checks until the program is stopped, or the tree can't be watched. A tree that can't
/// be checked any more may be in a moment; one that never could be, because a path is
/// misspelt, is told at once.
fn watch(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let watch = Watch::start(&workspace, &args.check.paths)?;
    let named = watch.folders().iter();
    let named: Vec<String> = named
        .map(|folder| format!("`{}`", workspace.shown(folder)))
        .collect();
    let named = named.join(" and ");
    let mut is_first = true;
    loop {
        match once(global, args, shell) {
            Err(error) if is_first && !error.is_no_package() => return Err(error),
            Err(error) => shell.error(&error),
            Ok(_) => {}
        }
        is_first = false;
        shell.say("Watching", &format!("{named}; Ctrl-C ends it"));
        watch.wait()?;
    }
}

fn once(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let start = Instant::now();
    let mut options = args.check.options()?;
    options.selection.force_exclude = args.force_exclude;
    if let Some(file) = &args.stdin_filename {
        return unsaved(global, options, file, args, shell);
    }
    let workspace = global.workspace()?;
    if args.touched {
        // The walk through the tree meets what is not excluded, and nothing else.
        let files = std::mem::take(&mut options.selection.paths);
        options.changes = Some(Changes::Files(files, before_push()));
    }
    let format = Format::from(args.check.judge.message_format);
    let (checked, failures) = if args.fix {
        if args.dry_run && format.is_for_programs() && format != Format::Json {
            let text = "`--dry-run` prints a diff, which goes with the message formats `human`, `short` and `json`";
            return Err(CliError::Usage(text.to_owned()));
        }
        let fixed = ops::fix(&workspace, &options, args.dry_run, shell)?;
        mended(&fixed, args.dry_run, format, shell)?;
        (fixed.checked, fixed.failures)
    } else {
        (ops::check(&workspace, &options)?, Vec::new())
    };
    tell(args, &workspace, &checked, shell)?;
    // A hook must not stop who has no package yet.
    if checked.is_without_package() && !args.touched {
        let root = workspace.shown(&workspace.root);
        return Err(ops::Error::NoPackages(root).into());
    }
    finish("Checked", &checked, start, shell);
    for failure in &failures {
        shell.error(failure);
    }
    let code = if failures.is_empty() {
        exit_code(&checked)
    } else {
        NfvExitCode::Failure
    };
    if !args.watch {
        // The process ends here: to take thousands of documents apart node by node
        // helps nobody.
        std::mem::forget(checked);
    }
    Ok(code)
}

/// What pre-commit says that its files have changed since, where it does not look at
/// what is about to be committed: with `--from-ref`, and before a push.
fn before_push() -> Option<String> {
    let since = std::env::var("PRE_COMMIT_FROM_REF").ok();
    since.filter(|since| !since.is_empty())
}

fn tell(
    args: &Args,
    workspace: &Workspace,
    checked: &Checked,
    shell: &Shell,
) -> Result<(), CliError> {
    let told = Told {
        workspace,
        checked,
        built: None,
        published: None,
    };
    args.reports
        .tell(&told, args.check.judge.message_format, shell)
}

/// Checks one file as an editor has it, with the tree around it.
fn unsaved(
    global: &Global,
    mut options: CheckOptions,
    file: &Path,
    args: &Args,
    shell: &Shell,
) -> Result<NfvExitCode, CliError> {
    let start = Instant::now();
    let current_dir = std::env::current_dir().map_err(WorkspaceError::CurrentDir)?;
    // An editor may have come to the tree, or to a folder in it, by a link.
    let path = behind_links(&tidy(&current_dir.join(file)));
    let refuse = |fault: String| Err(CliError::Usage(format!("`{}` {fault}", file.display())));
    if path.is_dir() {
        return refuse("is a folder".to_owned());
    }
    let mut bytes = Vec::new();
    let input = std::io::stdin().lock().read_to_end(&mut bytes);
    input.map_err(CliError::Input)?;
    let is_config = path.file_name().is_some_and(|name| name == "nfv.toml");
    let config = is_config.then(|| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        (path.clone(), text)
    });
    let workspace = global.workspace_with(config.clone())?;
    if !path.starts_with(&workspace.root) {
        let root = workspace.root.display();
        return refuse(format!("lies outside of the tree `{root}`"));
    }
    if path == workspace.root.join("Cargo.toml") {
        return refuse(
            "is read from the disk, by cargo: what is not saved of it can't be checked".to_owned(),
        );
    }
    // One that is the configuration of another tree is looked at alone.
    if let Some((path, text)) = &config
        && workspace.config.unsaved.is_none()
    {
        Config::parse(text, path).map_err(WorkspaceError::from)?;
    }
    options.selection.unsaved = Some(Unsaved {
        path: path.clone(),
        bytes,
    });
    options.changes = Some(Changes::Files(vec![path.clone()], None));
    let mut checked = ops::check(&workspace, &options)?;
    let shown = workspace.shown(&path);
    let here = |found: &Diagnostic| found.primary.span.file.path() == shown;
    checked.diagnostics.retain(here);
    tell(args, &workspace, &checked, shell)?;
    finish("Checked", &checked, start, shell);
    Ok(exit_code(&checked))
}

/// Prints what was mended, or of a dry run, what would be.
fn mended(fixed: &FixReport, dry_run: bool, format: Format, shell: &Shell) -> Result<(), CliError> {
    if format == Format::Json {
        shell.data(&report::json_fixes(&fixed.fixed, dry_run))?;
    }
    for file in fixed.files.iter().filter(|_| dry_run) {
        let diff = report::diff(&file.path, &file.before, &file.after);
        match format {
            Format::Json => shell.data(&report::json_diff(&file.path, &diff))?,
            _ => shell.text(&diff)?,
        }
    }
    let findings = report::plural(fixed.fixed.len(), "finding");
    let files = report::plural(fixed.files.len(), "file");
    match (fixed.fixed.len(), dry_run) {
        (0, _) => shell.say("Fixed", "nothing"),
        (_, false) => shell.say("Fixed", &format!("{findings} in {files}")),
        (_, true) => shell.say(
            "Fixable",
            &format!("{findings} in {files}; nothing written"),
        ),
    }
    if !fixed.held.is_empty() {
        let files: BTreeSet<&str> = fixed.held.iter().map(|held| held.path.as_str()).collect();
        let places = report::plural(fixed.held.len(), "place");
        let files = report::plural(files.len(), "file");
        shell.say(
            "Left",
            &format!("{places} in {files}; the findings say why"),
        );
    }
    Ok(())
}

/// The summary line, and where to read more.
pub(super) fn finish(verb: &str, checked: &Checked, start: Instant, shell: &Shell) {
    let packages = reports::lines(checked);
    let report = Report {
        diagnostics: &checked.diagnostics,
        packages: &packages,
        topologies: &[],
        base: "",
        top: "",
    };
    if shell.verbose {
        for (line, package) in packages.iter().zip(&checked.scan.packages) {
            let mut text = format!("{} {} ({})", line.kind, line.name, line.path);
            let descriptor = package.descriptor.as_ref();
            let model = descriptor.and_then(|own| rules::model(own, &checked.choice));
            if let Some(model) = model {
                text.push_str(&format!(", checked against {}", model.title()));
            }
            shell.say("Found", &text);
        }
    }
    // The time is for the curious; without it, the same tree always prints the
    // same text.
    let mut text = report::summary(&report);
    if shell.verbose {
        text.push_str(&format!(" in {:.2}s", start.elapsed().as_secs_f64()));
    }
    shell.say(verb, &text);
    if let (Some(first), false) = (checked.diagnostics.first(), shell.is_quiet()) {
        let rule = first.rule.id;
        shell.talk(&format!(
            "\nFor more about a finding, try `cargo nfv explain {rule}`.\n"
        ));
    }
}

pub(super) fn exit_code(checked: &Checked) -> NfvExitCode {
    if rules::has_errors(&checked.diagnostics) {
        NfvExitCode::Findings
    } else {
        NfvExitCode::Success
    }
}
