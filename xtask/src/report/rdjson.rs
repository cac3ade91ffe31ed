//! Reviewdog's diagnostic format (`rdjson`), as its `DiagnosticResult` in
//! `proto/rdf/reviewdog.proto` describes it.

use serde_json::{Value, json};

use super::{Report, paragraph};
use crate::diagnostic::{Diagnostic, Edit, Fix, Severity, SourceFile};
use crate::json as document;

pub(super) fn render(report: &Report<'_>) -> String {
    let diagnostics = report.diagnostics.iter();
    let diagnostics: Vec<Value> = diagnostics.map(|one| diagnostic(one, report)).collect();
    document::line(json!({
        "source": { "name": "cargo-nfv" },
        "diagnostics": diagnostics,
    }))
}

fn diagnostic(one: &Diagnostic, report: &Report<'_>) -> Value {
    let span = &one.primary.span;
    let mut location = json!({ "path": report.place(span.file.path()) });
    let range = span.range.as_ref().filter(|_| span.file.has_text());
    if let Some(range) = range {
        location["range"] = json!({
            "start": position(&span.file, range.start),
            "end": position(&span.file, range.end),
        });
    }
    let mut value = json!({
        "message": paragraph(one),
        "location": location,
        "severity": match one.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
        },
        "code": { "value": one.rule.id },
    });
    // Suggestions are taken one by one, so that a fix of several edits, which
    // belong together, is none.
    let suggestions: Vec<Value> = one
        .fixes
        .iter()
        .filter_map(|fix: &Fix| match fix.edits.as_slice() {
            [edit] => Some(suggestion(&span.file, edit)),
            _ => None,
        })
        .collect();
    if !suggestions.is_empty() {
        value["suggestions"] = Value::from(suggestions);
    }
    value
}

fn suggestion(file: &SourceFile, edit: &Edit) -> Value {
    json!({
        "range": {
            "start": position(file, edit.range.start),
            "end": position(file, edit.range.end),
        },
        "text": edit.text,
    })
}

/// Lines from 1 and columns from 1 in bytes of UTF-8, as the format has them.
fn position(file: &SourceFile, offset: usize) -> Value {
    let line = file.position(offset).line;
    let start = file.line_start(line).unwrap_or(0);
    json!({ "line": line, "column": offset.saturating_sub(start) + 1 })
}
