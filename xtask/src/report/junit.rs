//! JUnit XML as GitLab, Jenkins and GitHub's test reporters read it: a test
//! case a package, a failure for its errors, warnings as output.

use std::fmt::Write;

use super::{PackageLine, Report, paragraph};
use crate::diagnostic::{Diagnostic, Severity};

pub(super) fn render(report: &Report<'_>) -> String {
    let mut cases: Vec<(&PackageLine, Vec<&Diagnostic>)> =
        report.packages.iter().map(|p| (p, Vec::new())).collect();
    let tree = PackageLine {
        name: "tree".to_owned(),
        path: ".".to_owned(),
        kind: String::new(),
    };
    let mut rest = Vec::new();
    for diagnostic in report.diagnostics {
        let path = diagnostic.primary.span.file.path();
        // The innermost package that the file lies in.
        let owner = cases
            .iter_mut()
            .filter(|(package, _)| is_below(path, &package.path))
            .max_by_key(|(package, _)| package.path.len());
        match owner {
            Some((_, findings)) => findings.push(diagnostic),
            None => rest.push(diagnostic),
        }
    }
    if !rest.is_empty() {
        cases.push((&tree, rest));
    }
    let failed = |findings: &[&Diagnostic]| findings.iter().any(|d| d.severity == Severity::Error);
    let tests = cases.len();
    let failures = cases
        .iter()
        .filter(|(_, findings)| failed(findings))
        .count();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string can't fail.
    let _ = writeln!(
        text,
        "<testsuites name=\"cargo-nfv\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">"
    );
    let _ = writeln!(
        text,
        "  <testsuite name=\"cargo-nfv check\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">"
    );
    for (package, findings) in &cases {
        let name = escape(&package.name);
        let class = escape(&package.path);
        let file = escape(&package.path);
        let head = format!("    <testcase name=\"{name}\" classname=\"{class}\" file=\"{file}\"");
        if findings.is_empty() {
            let _ = writeln!(text, "{head}/>");
            continue;
        }
        let _ = writeln!(text, "{head}>");
        let lines = |severity| {
            let lines: Vec<String> = findings
                .iter()
                .filter(|d| d.severity == severity)
                .map(|d| line(d))
                .collect();
            lines.join("\n")
        };
        if failed(findings) {
            let first = findings.iter().find(|d| d.severity == Severity::Error);
            let message = first.map_or("", |d| d.message.as_str());
            let rule = first.map_or("", |d| d.rule.id);
            let _ = writeln!(
                text,
                "      <failure message=\"{}\" type=\"{}\">{}</failure>",
                escape(message),
                escape(rule),
                escape(&lines(Severity::Error))
            );
        }
        let warnings = lines(Severity::Warning);
        if !warnings.is_empty() {
            let _ = writeln!(text, "      <system-out>{}</system-out>", escape(&warnings));
        }
        let _ = writeln!(text, "    </testcase>");
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

fn is_below(path: &str, folder: &str) -> bool {
    folder == "."
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest.starts_with("!/"))
}

fn line(diagnostic: &Diagnostic) -> String {
    let span = &diagnostic.primary.span;
    let place = match span.start() {
        Some(at) => format!("{}:{}:{}", span.file.path(), at.line, at.column),
        None => span.file.path().to_owned(),
    };
    let level = diagnostic.severity.as_str();
    let rule = diagnostic.rule.id;
    format!("{place}: {level}[{rule}]: {}", paragraph(diagnostic))
}

/// Text for XML 1.0: control characters other than tab and line breaks can't
/// be said there at all.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' | '\r' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
