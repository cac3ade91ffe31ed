//! SARIF 2.1.0 (OASIS), in the form that GitHub's code scanning reads.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Report, fingerprints, paragraph};
use crate::diagnostic::{Edit, Fix, Label, Level, Rule, Severity, SourceFile};
use crate::json;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn render(report: &Report<'_>) -> String {
    // Only the rules that were broken, sorted: the file stays small, and the
    // index of a rule does not depend on the order of the findings.
    let mut rules: Vec<&'static Rule> = Vec::new();
    let mut ids = BTreeSet::new();
    for diagnostic in report.diagnostics {
        if ids.insert(diagnostic.rule.id) {
            rules.push(diagnostic.rule);
        }
    }
    rules.sort_by_key(|rule| rule.id);
    let results: Vec<Value> = report
        .diagnostics
        .iter()
        .zip(fingerprints(report.diagnostics))
        .map(|(diagnostic, fingerprint)| {
            let related: Vec<Value> = diagnostic
                .secondary
                .iter()
                .enumerate()
                .map(|(id, label)| {
                    let mut location = location(label, report);
                    location["id"] = json!(id);
                    location["message"] = json!({ "text": label.text });
                    location
                })
                .collect();
            let mut result = json!({
                "ruleId": diagnostic.rule.id,
                "ruleIndex": rules.iter().position(|rule| *rule == diagnostic.rule),
                "level": diagnostic.severity.as_str(),
                "message": { "text": paragraph(diagnostic) },
                "locations": [location(&diagnostic.primary, report)],
                "partialFingerprints": { "primaryLocationLineHash": fingerprint },
            });
            if diagnostic.findings > 1 {
                result["occurrenceCount"] = json!(diagnostic.findings);
            }
            let fixes = diagnostic.fixes.iter();
            let fixes: Vec<Value> = fixes
                .map(|one| fix(one, &diagnostic.primary.span.file, report))
                .collect();
            if !fixes.is_empty() {
                result["fixes"] = Value::Array(fixes);
            }
            if !related.is_empty() {
                result["relatedLocations"] = Value::Array(related);
            }
            result
        })
        .collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|rule| {
            let level = match rule.level {
                Level::Deny => Severity::Error.as_str(),
                Level::Warn | Level::Allow => Severity::Warning.as_str(),
            };
            json!({
                "id": rule.id,
                "shortDescription": { "text": rule.summary },
                "fullDescription": { "text": rule.summary },
                "help": { "text": rule.docs, "markdown": rule.docs },
                "defaultConfiguration": { "level": level },
            })
        })
        .collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-nfv",
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    json::text(document)
}

fn fix(fix: &Fix, file: &SourceFile, report: &Report<'_>) -> Value {
    let replacement = |edit: &Edit| {
        let start = file.position(edit.range.start);
        let end = file.position(edit.range.end);
        json!({
            "deletedRegion": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
            "insertedContent": { "text": edit.text },
        })
    };
    let replacements: Vec<Value> = fix.edits.iter().map(replacement).collect();
    json!({
        "description": { "text": fix.title },
        "artifactChanges": [{
            "artifactLocation": { "uri": uri(&report.place(file.path())) },
            "replacements": replacements,
        }],
    })
}

fn location(label: &Label, report: &Report<'_>) -> Value {
    let span = &label.span;
    let uri = uri(&report.place(span.file.path()));
    let mut physical = json!({ "artifactLocation": { "uri": uri } });
    if let (Some(start), Some(end), true) = (span.start(), span.end(), span.file.has_text()) {
        physical["region"] = json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        });
    } else {
        // Code scanning takes no result without a line.
        physical["region"] = json!({ "startLine": 1 });
    }
    json!({ "physicalLocation": physical })
}

/// What a path has of its own (RFC 3986 §3.3), but for the colon, which would
/// make a scheme of the first part.
const PATH: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// A path as a relative URI reference (RFC 3986 §2.1).
fn uri(path: &str) -> String {
    utf8_percent_encode(path, &PATH).to_string()
}
