//! Workflow commands that GitHub turns into annotations.
//!
//! `::error file=…,line=…::message`, with `%`, line breaks, `:` and `,` escaped
//! as GitHub's runner unescapes them.

use super::{Report, clean, paragraph};
use crate::diagnostic::Severity;

pub(super) fn render(report: &Report<'_>) -> String {
    let mut text = String::new();
    for diagnostic in report.diagnostics {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let span = &diagnostic.primary.span;
        let mut properties = vec![format!(
            "file={}",
            property(&clean(&report.place(span.file.path())))
        )];
        if let (Some(start), Some(end), true) = (span.start(), span.end(), span.file.has_text()) {
            properties.push(format!("line={}", start.line));
            properties.push(format!("endLine={}", end.line));
            // GitHub drops an annotation whose columns span lines.
            if start.line == end.line {
                properties.push(format!("col={}", start.column));
                properties.push(format!("endColumn={}", end.column.max(start.column)));
            }
        }
        properties.push(format!("title={}", property(diagnostic.rule.id)));
        let properties = properties.join(",");
        // The lines also stand in a log, which is read in terminals.
        let message = data(&clean(&paragraph(diagnostic)));
        text.push_str(&format!("::{command} {properties}::{message}\n"));
    }
    text
}

pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
