//! JUnit XML as GitLab, Jenkins and GitHub's test reporters read it: a test
//! case a package, a failure for its errors, warnings as output.

use std::fmt::Write;

use super::xml::escape;
use super::{PackageLine, Report, owners, paragraph};
use crate::diagnostic::{Diagnostic, Severity};

pub(super) fn render(report: &Report<'_>) -> String {
    let tree = PackageLine {
        name: "tree".to_owned(),
        path: ".".to_owned(),
        ..PackageLine::default()
    };
    let (owners, rest) = owners(report);
    let mut cases: Vec<(&PackageLine, Vec<&Diagnostic>)> =
        report.packages.iter().zip(owners).collect();
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
        let file = escape(&report.place(&package.path));
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
                .map(|d| line(d, report))
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

fn line(diagnostic: &Diagnostic, report: &Report<'_>) -> String {
    let span = &diagnostic.primary.span;
    let path = report.place(span.file.path());
    let place = match span.start() {
        Some(at) => format!("{path}:{}:{}", at.line, at.column),
        None => path,
    };
    let level = diagnostic.severity.as_str();
    let rule = diagnostic.rule.id;
    format!("{place}: {level}[{rule}]: {}", paragraph(diagnostic))
}
