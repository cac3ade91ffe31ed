//! A summary for people who look at a run from outside: the packages, the
//! findings, what was built and published, and how services hang together.
//!
//! GitHub shows it as the summary of a job, GitLab and others in comments. It is
//! Markdown of GitHub's flavour.

use super::drawing::Drawing;
use super::{PackageLine, Report, clean, mermaid, owners, summary, together};
use crate::diagnostic::{Diagnostic, Severity};

/// GitHub cuts a summary at 1 MiB, and nobody reads as many lines.
const FINDINGS: usize = 100;
const PACKAGES: usize = 500;
const TOPOLOGIES: usize = 20;
/// GitHub draws no chart of more connections.
const CONNECTIONS: usize = 400;

pub(super) fn render(report: &Report<'_>) -> String {
    let mut text = format!("### cargo nfv: {}\n", summary(report));
    packages(report, &mut text);
    findings(report, &mut text);
    topologies(report, &mut text);
    text
}

fn packages(report: &Report<'_>, text: &mut String) {
    if report.packages.is_empty() {
        return;
    }
    let has_file = report.packages.iter().any(|package| package.file.is_some());
    let has_artifact = report
        .packages
        .iter()
        .any(|package| package.artifact.is_some());
    let mut head = vec!["Package", "Kind", "Findings", "Path"];
    if has_file {
        head.extend(["File", "SHA-256 of the file"]);
    }
    if has_artifact {
        head.extend(["Reference", "Digest"]);
    }
    let (owners, _) = owners(report);
    let rows = report.packages.iter().zip(owners);
    let rows = rows.take(PACKAGES).map(|(package, findings)| {
        let count = |severity| super::count(findings.iter().copied(), severity);
        let found = found(count(Severity::Error), count(Severity::Warning));
        let path = report.place(&package.path);
        let mut row = vec![
            words(&package.name),
            words(&package.kind),
            found,
            code(&path),
        ];
        if has_file {
            row.extend(file(package));
        }
        if has_artifact {
            row.extend(artifact(package));
        }
        row
    });
    table(&head, rows, text);
    more(report.packages.len(), PACKAGES, "package", text);
}

fn found(errors: usize, warnings: usize) -> String {
    match (errors, warnings) {
        (0, 0) => ":white_check_mark:".to_owned(),
        (0, n) => format!(":warning: {}", super::plural(n, "warning")),
        (n, 0) => format!(":x: {}", super::plural(n, "error")),
        (n, m) => {
            let (n, m) = (super::plural(n, "error"), super::plural(m, "warning"));
            format!(":x: {n}, {m}")
        }
    }
}

fn file(package: &PackageLine) -> [String; 2] {
    match &package.file {
        Some(file) => {
            let name = file.path.rsplit('/').next().unwrap_or(&file.path);
            [code(name), code(file.digest.trim_start_matches("sha256:"))]
        }
        None => [String::new(), String::new()],
    }
}

fn artifact(package: &PackageLine) -> [String; 2] {
    match &package.artifact {
        Some(artifact) => [code(&artifact.reference), code(&artifact.digest)],
        None => [String::new(), String::new()],
    }
}

fn findings(report: &Report<'_>, text: &mut String) {
    if report.diagnostics.is_empty() {
        return;
    }
    text.push_str("\n#### Findings\n");
    let (alone, together) = together::split(report.diagnostics);
    // An error is not to be looked for behind a hundred warnings.
    let of = |severity| alone.iter().filter(move |d| d.severity == severity);
    let sorted = of(Severity::Error).chain(of(Severity::Warning));
    let single = sorted.map(|diagnostic| {
        let against = diagnostic.against().unwrap_or_default();
        row(diagnostic, &diagnostic.message, against, Some(report))
    });
    let many = together
        .iter()
        .map(|many| row(many.first, &many.message, &many.against, None));
    let rows = single.chain(many).take(FINDINGS);
    table(&["", "Place", "Rule", "Message"], rows, text);
    // Of those that are told together, each row is one.
    let counts = of(Severity::Error).chain(of(Severity::Warning));
    let counts = counts.map(|d| d.findings).chain(together.iter().map(|_| 1));
    let shown = alone.len() + together.len();
    more(
        shown.min(FINDINGS) + counts.skip(FINDINGS).sum::<usize>(),
        FINDINGS,
        "finding",
        text,
    );
}

/// A finding; one that stands for many is at no single place.
fn row(
    diagnostic: &Diagnostic,
    message: &str,
    against: &str,
    report: Option<&Report<'_>>,
) -> Vec<String> {
    let sign = match diagnostic.severity {
        Severity::Error => ":x:",
        Severity::Warning => ":warning:",
    };
    let place = report.map(|report| {
        let span = &diagnostic.primary.span;
        let mut place = report.place(span.file.path());
        if let (Some(start), true) = (span.start(), span.file.has_text()) {
            place.push_str(&format!(":{}:{}", start.line, start.column));
        }
        code(&place)
    });
    let mut message = words(message);
    if !against.is_empty() {
        message.push_str("<br>");
        message.push_str(&words(against));
    }
    for help in &diagnostic.help {
        message.push_str("<br>help: ");
        message.push_str(&words(help));
    }
    let rule = code(diagnostic.rule.id);
    vec![sign.to_owned(), place.unwrap_or_default(), rule, message]
}

fn topologies(report: &Report<'_>, text: &mut String) {
    for topology in report.topologies.iter().take(TOPOLOGIES) {
        let title = format!("{} {}", topology.label, topology.id);
        text.push_str(&format!("\n#### {}\n\n", words(title.trim())));
        if topology.connections.len() > CONNECTIONS {
            let n = topology.connections.len();
            text.push_str(&format!(
                "{n} connections are too many for a drawing here.\n"
            ));
            continue;
        }
        text.push_str(&format!(
            "```mermaid\n{}```\n",
            mermaid::render(&[Drawing::of_topology(topology)])
        ));
    }
    more(report.topologies.len(), TOPOLOGIES, "drawing", text);
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>, text: &mut String) {
    text.push_str(&format!("\n| {} |\n", head.join(" | ")));
    text.push_str(&format!("|{}\n", " --- |".repeat(head.len())));
    for row in rows {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
}

fn more(all: usize, shown: usize, word: &str, text: &mut String) {
    let rest = all.saturating_sub(shown);
    if rest > 0 {
        text.push_str(&format!(
            "\nand {rest} more {word}{}\n",
            if rest == 1 { "" } else { "s" }
        ));
    }
}

/// Text whose words in backticks are code.
fn words(text: &str) -> String {
    let mut out = String::new();
    for (i, part) in text.split('`').enumerate() {
        match i % 2 {
            0 => out.push_str(&plain(part)),
            _ => out.push_str(&code(part)),
        }
    }
    out
}

/// As an element of HTML: a code span could not hold backticks, nor a table the bars in it.
fn code(text: &str) -> String {
    format!("<code>{}</code>", plain(text))
}

/// Text without what Markdown, HTML or a table would take for a sign of theirs.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in clean(text).chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '&' | '<' | '>' | '"' | '\'' | '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '#'
            | '$' | '!' | '@' => out.push_str(&format!("&#{};", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_descriptor_says_is_no_markdown() {
        assert_eq!(plain("a|b <img src=x>"), "a&#124;b &#60;img src=x&#62;");
        assert_eq!(
            words("unknown `x|y` in `z`"),
            "unknown <code>x&#124;y</code> in <code>z</code>"
        );
        assert_eq!(words("a\n| b"), "a &#124; b");
    }
}
