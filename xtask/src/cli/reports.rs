//! What a run has found and made, printed and written to files, each in a format.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::OnceLock;

use clap::{ArgAction, ValueEnum};

use super::args::MessageFormat;
use super::shell::Shell;
use super::{CliError, NfvExitCode, build, publish};
#[cfg(feature = "publish")]
use crate::diagnostic::Diagnostic;
use crate::ops::{self, BuildReport, Checked, PublishReport};
use crate::report::{self, Format, PackageLine, Report};
use crate::source::Workspace;

/// `--report`.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct ReportArgs {
    /// Write a report to this file as well, in one of the formats of --message-format; may be
    /// given several times
    #[arg(
        id = "reports",
        long = "report",
        value_name = "FORMAT=FILE",
        action = ArgAction::Append,
        help_heading = "Output"
    )]
    files: Vec<ReportFile>,
    /// Whether they are written.
    #[arg(skip)]
    is_told: OnceLock<()>,
}

/// A file and its format.
#[derive(Clone, Debug)]
struct ReportFile {
    format: MessageFormat,
    path: PathBuf,
}

impl FromStr for ReportFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text
            .split_once('=')
            .filter(|(_, path)| !path.is_empty() && *path != "-")
            .ok_or("it must be a format and a file, such as `sarif=nfv.sarif`")?;
        let names = || MessageFormat::value_variants().iter();
        let name =
            |format: &MessageFormat| format.to_possible_value().map(|v| v.get_name().to_owned());
        let format = MessageFormat::from_str(format, false).map_err(|_| {
            let known: Vec<String> = names().filter_map(name).collect();
            format!("`{format}` is none of the formats {}", known.join(", "))
        })?;
        Ok(ReportFile {
            format,
            path: PathBuf::from(path),
        })
    }
}

/// What a run has to tell.
pub(super) struct Told<'a> {
    /// The tree.
    pub workspace: &'a Workspace,
    /// What was found.
    pub checked: &'a Checked,
    /// What was built.
    pub built: Option<&'a BuildReport>,
    /// What was published, and whether that is only said.
    pub published: Option<(&'a PublishReport, bool)>,
}

impl ReportArgs {
    /// Whether none is asked for.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The second report of a file would take the place of the first.
    fn are_distinct(&self) -> Result<(), CliError> {
        let place = |file: &ReportFile| {
            let path = &file.path;
            let folder = path.parent().filter(|folder| *folder != Path::new(""));
            let folder = folder.unwrap_or(Path::new(".")).canonicalize();
            // What is there may be a link, and what is not may be called in two ways.
            path.canonicalize()
                .unwrap_or_else(|_| match (folder, path.file_name()) {
                    (Ok(folder), Some(name)) => folder.join(name),
                    _ => path.clone(),
                })
        };
        // A pipe or a device takes one report after the other.
        let same =
            |a: &ReportFile, b: &ReportFile| !ops::is_stream(&a.path) && place(a) == place(b);
        for (n, one) in self.files.iter().enumerate() {
            if let Some(other) = self.files[..n].iter().find(|other| same(one, other)) {
                return Err(CliError::Usage(format!(
                    "two reports would be written to `{}`, and the second would take the place of the \
                     first: name another file for one of them",
                    other.path.display()
                )));
            }
        }
        Ok(())
    }

    /// Prints in the format of the command line, and writes the files.
    ///
    /// Findings go to standard error for people and to standard output for programs; what
    /// was made always goes to standard output.
    pub fn tell(
        &self,
        told: &Told<'_>,
        format: MessageFormat,
        shell: &Shell,
    ) -> Result<(), CliError> {
        let packages = told.lines();
        let findings = render(told.checked, format, &packages, shell.color());
        match Format::from(format).is_for_programs() {
            true => shell.data(&findings)?,
            false => shell.talk(&findings),
        }
        shell.data(&told.made(format))?;
        for file in &self.files {
            // What a dry run would publish is nowhere for a later step to find.
            let is_planned = file.format == MessageFormat::GithubOutput && told.is_dry();
            let packages = match is_planned {
                true => told.unpublished(),
                false => packages.clone(),
            };
            let mut text = render(told.checked, file.format, &packages, false);
            text.push_str(&told.made(file.format));
            ops::write_text(&text, &file.path)?;
        }
        let _ = self.is_told.set(());
        Ok(())
    }

    /// Runs a command and passes on how it ended. Of one that failed, what is read where
    /// nobody looks into the log says so as well: annotations, the summary, and JSON.
    ///
    /// # Errors
    ///
    /// Those of the command; or two reports would be one file, and then it does not run.
    pub fn with(
        &self,
        shell: &Shell,
        command: impl FnOnce() -> Result<NfvExitCode, CliError>,
    ) -> Result<NfvExitCode, CliError> {
        self.are_distinct()?;
        let ended = command();
        let Err(error) = &ended else {
            return ended;
        };
        let whole = error.whole();
        for file in &self.files {
            let Some(failure) = report::failure(file.format.into(), &whole) else {
                // One of an earlier run would be taken for that of this one.
                let is_old = self.is_told.get().is_none();
                if is_old && file.path.symlink_metadata().is_ok_and(|old| old.is_file()) {
                    let _ = std::fs::remove_file(&file.path);
                }
                continue;
            };
            let told = self
                .is_told
                .get()
                .and_then(|()| std::fs::read(&file.path).ok());
            let mut text = told.map_or(String::new(), |told| {
                String::from_utf8_lossy(&told).into_owned()
            });
            text.push_str(&failure);
            if let Err(unwritten) = ops::write_text(&text, &file.path)
                && unwritten.to_string() != error.to_string()
            {
                shell.error(&unwritten);
            }
        }
        ended
    }
}

/// Prints what was found, where nothing else is to be told.
pub(super) fn findings(
    checked: &Checked,
    format: MessageFormat,
    shell: &Shell,
) -> Result<(), CliError> {
    let text = render(checked, format, &lines(checked), shell.color());
    match Format::from(format).is_for_programs() {
        true => shell.data(&text)?,
        false => shell.talk(&text),
    }
    Ok(())
}

/// Prints what verification holds against artifacts, which are in no tree.
#[cfg(feature = "publish")]
pub(super) fn verdicts(
    diagnostics: &[Diagnostic],
    packages: &[PackageLine],
    format: MessageFormat,
    is_whole: bool,
    shell: &Shell,
) -> Result<(), CliError> {
    let format = Format::from(format);
    let (base, top) = base(format);
    let report = Report {
        diagnostics,
        packages,
        topologies: &[],
        base: &base,
        top: &top,
    };
    let mut text = report::render(format, &report, shell.color());
    // The last line says that all was looked at, and how it ended.
    if format == Format::Json && !is_whole {
        let end = text.trim_end().rfind('\n').map_or(0, |end| end + 1);
        text.truncate(end);
    }
    match format.is_for_programs() {
        true => shell.data(&text)?,
        false => shell.talk(&text),
    }
    Ok(())
}

fn render(
    checked: &Checked,
    format: MessageFormat,
    packages: &[PackageLine],
    color: bool,
) -> String {
    let format = Format::from(format);
    let topologies = match format {
        Format::Markdown => ops::services(&checked.scan),
        _ => Vec::new(),
    };
    let (base, top) = base(format);
    let report = Report {
        diagnostics: &checked.diagnostics,
        packages,
        topologies: &topologies,
        base: &base,
        top: &top,
    };
    report::render(format, &report, color)
}

impl Told<'_> {
    /// The lines on what was built or published.
    fn made(&self, format: MessageFormat) -> String {
        match (self.published, self.built) {
            (Some((report, is_dry)), _) => publish::made(report, format, is_dry),
            (None, Some(report)) => build::made(report, self.workspace, format),
            (None, None) => String::new(),
        }
    }

    fn is_dry(&self) -> bool {
        self.published.is_some_and(|(_, is_dry)| is_dry)
    }

    /// The packages, with what was built of each.
    fn unpublished(&self) -> Vec<PackageLine> {
        let mut lines = lines(self.checked);
        if let Some(report) = self.built {
            build::add_files(report, self.workspace, &mut lines);
        }
        lines
    }

    /// The same, with what was published of each.
    fn lines(&self) -> Vec<PackageLine> {
        let mut lines = self.unpublished();
        if let Some((report, _)) = self.published {
            publish::add_artifacts(report, &mut lines);
        }
        lines
    }
}

/// The packages as reports name them.
pub(super) fn lines(checked: &Checked) -> Vec<PackageLine> {
    let packages = checked.scan.packages.iter();
    packages
        .map(|package| PackageLine {
            name: package.name(),
            path: package.shown.clone(),
            kind: package.label().to_owned(),
            id: package.id().map(str::to_owned),
            version: package.version().map(str::to_owned),
            file: None,
            artifact: None,
        })
        .collect()
}

/// The current directory below the top of the repository, and that top, as far as a CI
/// system says where it is: GitHub and GitLab show findings by paths from there.
fn base(format: Format) -> (String, String) {
    let variables: &[&str] = match format {
        Format::Human | Format::Short | Format::Json => return Default::default(),
        Format::Github | Format::GithubOutput => &["GITHUB_WORKSPACE"],
        Format::Gitlab => &["CI_PROJECT_DIR"],
        Format::Sarif | Format::Junit | Format::Rdjson | Format::Markdown => {
            &["GITHUB_WORKSPACE", "CI_PROJECT_DIR"]
        }
    };
    let below = |variable: &&str| {
        let top = std::env::var_os(variable).filter(|top| !top.is_empty())?;
        let top = std::fs::canonicalize(top).ok()?;
        let here = std::fs::canonicalize(std::env::current_dir().ok()?).ok()?;
        let below = here.strip_prefix(&top).ok()?.to_owned();
        Some((below, top))
    };
    let Some((below, top)) = variables.iter().find_map(below) else {
        return Default::default();
    };
    let parts = below.components();
    let parts = parts.map(|part| format!("{}/", part.as_os_str().to_string_lossy()));
    let top = top
        .to_string_lossy()
        .replace(std::path::MAIN_SEPARATOR, "/");
    (parts.collect(), top)
}
