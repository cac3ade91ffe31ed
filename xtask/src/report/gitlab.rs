//! GitLab's Code Quality report: a JSON array, `[]` where all is well.

use serde::Serialize;

use super::{Report, fingerprints, paragraph};
use crate::diagnostic::Severity;

#[derive(Serialize)]
struct Finding {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

pub(super) fn render(report: &Report<'_>) -> String {
    let fingerprints = fingerprints(report.diagnostics);
    let findings: Vec<Finding> = report
        .diagnostics
        .iter()
        .zip(fingerprints)
        .map(|(diagnostic, fingerprint)| {
            let span = &diagnostic.primary.span;
            // GitLab wants a line even where a file as a whole is meant.
            let begin = span.start().map_or(1, |at| at.line);
            let end = span.end().map_or(begin, |at| at.line);
            Finding {
                // GitLab does not show the check's name in the merge request.
                description: format!("{}: {}", diagnostic.rule.id, paragraph(diagnostic)),
                check_name: diagnostic.rule.id,
                fingerprint,
                severity: match diagnostic.severity {
                    Severity::Error => "major",
                    Severity::Warning => "minor",
                },
                location: Location {
                    path: report.place(span.file.path()),
                    lines: Lines { begin, end },
                },
            }
        })
        .collect();
    // Structs of strings and numbers always serialise.
    let mut text = serde_json::to_string_pretty(&findings).unwrap_or_else(|_| "[]".to_owned());
    text.push('\n');
    text
}
