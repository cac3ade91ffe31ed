//! One line a finding: `path:line:column: level[rule]: message`, for editors and for
//! `grep`. What many descriptors share is not told together here, because whoever reads
//! lines wants a place in each.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::{Report, clean_line};
use crate::diagnostic::{Diagnostic, Severity};

pub(super) fn render(report: &Report<'_>, color: bool) -> String {
    let mut text = String::new();
    for diagnostic in report.diagnostics {
        let span = &diagnostic.primary.span;
        // A name with a break in it would be two lines.
        let path = clean_line(span.file.path());
        let place = match span.start() {
            Some(at) if span.file.has_text() => {
                format!("{path}:{}:{}", at.line, at.column)
            }
            _ => path,
        };
        let line = line(diagnostic, &diagnostic.message, color);
        // Writing to a string can't fail.
        let _ = writeln!(text, "{place}: {line}");
    }
    text
}

/// `level[rule]: message`.
fn line(diagnostic: &Diagnostic, message: &str, color: bool) -> String {
    let style = match (color, diagnostic.severity) {
        (false, _) => Style::new(),
        (true, Severity::Error) => AnsiColor::BrightRed.on_default().bold(),
        (true, Severity::Warning) => AnsiColor::Yellow.on_default().bold(),
    };
    let level = diagnostic.severity.as_str();
    let rule = diagnostic.rule.id;
    let against = diagnostic.against();
    let against = against.map_or_else(String::new, |note| format!(" ({})", clean_line(note)));
    // The sum says that the findings say why something was left.
    let held = diagnostic.held.iter().find_map(|fix| {
        let reason = fix.held?;
        Some(format!(
            " (`--fix` does not {}, {reason})",
            clean_line(&fix.title)
        ))
    });
    let held = held.unwrap_or_default();
    format!(
        "{style}{level}[{rule}]{style:#}: {}{against}{held}",
        clean_line(message)
    )
}
