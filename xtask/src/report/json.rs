//! One JSON object a line, each with a `reason`, as cargo prints them.

use serde::Serialize;

use super::{Format, Report, render as render_as};
use crate::diagnostic::{Diagnostic, Label, Severity};

#[derive(Serialize)]
struct Finding<'a> {
    reason: &'static str,
    rule: &'a str,
    level: &'static str,
    message: &'a str,
    path: &'a str,
    spans: Vec<Span<'a>>,
    notes: &'a [String],
    help: &'a [String],
    /// The same as a person would read it.
    rendered: String,
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
        diagnostics: std::slice::from_ref(diagnostic),
        packages: &[],
    };
    Finding {
        reason: "finding",
        rule: diagnostic.rule.id,
        level: diagnostic.severity.as_str(),
        message: &diagnostic.message,
        path: diagnostic.primary.span.file.path(),
        spans: std::iter::once(primary).chain(secondary).collect(),
        notes: &diagnostic.notes,
        help: &diagnostic.help,
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
