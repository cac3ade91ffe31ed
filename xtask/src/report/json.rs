//! One JSON object a line, each with a `reason`, as cargo prints them.

use serde::Serialize;

use super::{FixLine, Format, Report, render as render_as};
use crate::diagnostic::{self, Diagnostic, Label, Severity, SourceFile};

#[derive(Serialize)]
struct Finding<'a> {
    reason: &'static str,
    rule: &'a str,
    level: &'static str,
    message: &'a str,
    /// How many findings it stands for, where it is not for itself alone.
    findings: usize,
    path: &'a str,
    spans: Vec<Span<'a>>,
    notes: &'a [String],
    help: &'a [String],
    /// What `--fix` does, one for each place.
    fixes: Vec<Fix<'a>>,
    /// The same as a person would read it.
    rendered: String,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    edits: Vec<Edit<'a>>,
}

/// A replacement in the file at `path`. The end is behind the last character.
#[derive(Serialize)]
struct Edit<'a> {
    byte_start: usize,
    byte_end: usize,
    line_start: usize,
    column_start: usize,
    line_end: usize,
    column_end: usize,
    text: &'a str,
}

/// A place. Lines and columns count from 1, bytes from 0; the end is behind
/// the last character. All are null for a file as a whole.
#[derive(Serialize)]
struct Span<'a> {
    path: &'a str,
    byte_start: Option<usize>,
    byte_end: Option<usize>,
    line_start: Option<usize>,
    column_start: Option<usize>,
    line_end: Option<usize>,
    column_end: Option<usize>,
    is_primary: bool,
    label: &'a str,
}

#[derive(Serialize)]
struct Finished {
    reason: &'static str,
    success: bool,
    packages: usize,
    errors: usize,
    warnings: usize,
}

pub(super) fn render(report: &Report<'_>) -> String {
    let mut text = String::new();
    for diagnostic in report.diagnostics {
        line(&finding(diagnostic), &mut text);
    }
    let errors = report.count(Severity::Error);
    let finished = Finished {
        reason: "check-finished",
        success: errors == 0,
        packages: report.packages.len(),
        errors,
        warnings: report.count(Severity::Warning),
    };
    line(&finished, &mut text);
    text
}

#[derive(Serialize)]
struct Fixed<'a> {
    reason: &'static str,
    rule: &'a str,
    message: &'a str,
    path: &'a str,
    title: &'a str,
    /// Whether nothing was written.
    dry_run: bool,
}

/// One object for each finding that was mended.
pub fn fixes(fixed: &[FixLine], dry_run: bool) -> String {
    let mut text = String::new();
    for one in fixed {
        let object = Fixed {
            reason: "fixed",
            rule: one.rule,
            message: &one.message,
            path: &one.path,
            title: &one.title,
            dry_run,
        };
        line(&object, &mut text);
    }
    text
}

#[derive(Serialize)]
struct Diff<'a> {
    reason: &'static str,
    path: &'a str,
    diff: &'a str,
}

/// The object for a file that a dry run would change.
pub fn diff(path: &str, diff: &str) -> String {
    let mut text = String::new();
    let reason = "diff";
    line(&Diff { reason, path, diff }, &mut text);
    text
}

fn line(value: &impl Serialize, text: &mut String) {
    // Structs of strings and numbers always serialise.
    if let Ok(json) = serde_json::to_string(value) {
        text.push_str(&json);
        text.push('\n');
    }
}

fn finding(diagnostic: &Diagnostic) -> Finding<'_> {
    let primary = span(&diagnostic.primary, true);
    let secondary = diagnostic.secondary.iter().map(|label| span(label, false));
    let alone = Report {
        topologies: &[],
        base: "",
        top: "",
        diagnostics: std::slice::from_ref(diagnostic),
        packages: &[],
    };
    Finding {
        reason: "finding",
        rule: diagnostic.rule.id,
        level: diagnostic.severity.as_str(),
        message: &diagnostic.message,
        findings: diagnostic.findings,
        path: diagnostic.primary.span.file.path(),
        spans: std::iter::once(primary).chain(secondary).collect(),
        notes: &diagnostic.notes,
        help: &diagnostic.help,
        fixes: diagnostic
            .fixes
            .iter()
            .map(|one| fix(one, &diagnostic.primary.span.file))
            .collect(),
        rendered: render_as(Format::Human, &alone, false),
    }
}

fn span(label: &Label, is_primary: bool) -> Span<'_> {
    let range = label.span.range.as_ref();
    let (start, end) = (label.span.start(), label.span.end());
    Span {
        path: label.span.file.path(),
        byte_start: range.map(|range| range.start),
        byte_end: range.map(|range| range.end),
        line_start: start.map(|at| at.line),
        column_start: start.map(|at| at.column),
        line_end: end.map(|at| at.line),
        column_end: end.map(|at| at.column),
        is_primary,
        label: &label.text,
    }
}

fn fix<'a>(fix: &'a diagnostic::Fix, file: &SourceFile) -> Fix<'a> {
    let edit = |edit: &'a diagnostic::Edit| {
        let start = file.position(edit.range.start);
        let end = file.position(edit.range.end);
        Edit {
            byte_start: edit.range.start,
            byte_end: edit.range.end,
            line_start: start.line,
            column_start: start.column,
            line_end: end.line,
            column_end: end.column,
            text: &edit.text,
        }
    };
    Fix {
        title: &fix.title,
        edits: fix.edits.iter().map(edit).collect(),
    }
}
