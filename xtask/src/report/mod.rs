//! Renderers: findings to text, one format per file. Pure: no clock, no
//! environment, no terminal; colour is a parameter.

mod diff;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod sarif;
mod short;
mod together;

use crate::diagnostic::{Diagnostic, Severity};

pub use diff::diff;
pub use human::summary;
pub use json::{diff as json_diff, fixes as json_fixes};

/// The formats of `--message-format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Source lines with carets, as rustc prints them.
    Human,
    /// One line a finding: `path:line:column: level[rule]: message`.
    Short,
    /// One JSON object a line, each with a `reason`, as cargo prints them.
    Json,
    /// Workflow commands that GitHub turns into annotations.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML, a test case a package.
    Junit,
}

impl Format {
    /// Whether the text is meant for a program and so for standard output.
    pub fn is_for_programs(self) -> bool {
        !matches!(self, Format::Human | Format::Short)
    }
}

/// A package as reports name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageLine {
    /// `id version`, or the path where there is no id.
    pub name: String,
    /// The folder, descriptor or archive.
    pub path: String,
    /// `VNF`, `NS`, …; empty where it could not be told.
    pub kind: String,
}

/// A finding that was mended, as reports name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixLine {
    /// The file.
    pub path: String,
    /// The rule.
    pub rule: &'static str,
    /// What was wrong.
    pub message: String,
    /// What was done.
    pub title: String,
}

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The findings, sorted.
    pub diagnostics: &'a [Diagnostic],
    /// The packages that were looked at, sorted by path.
    pub packages: &'a [PackageLine],
}

impl Report<'_> {
    /// Number of findings of that severity.
    pub fn count(&self, severity: Severity) -> usize {
        let same = |d: &&Diagnostic| d.severity == severity;
        self.diagnostics.iter().filter(same).count()
    }
}

/// Renders a report. `color` is looked at by [`Format::Human`] and
/// [`Format::Short`] only. The text ends with a line break unless it is empty.
pub fn render(format: Format, report: &Report<'_>, color: bool) -> String {
    match format {
        Format::Human => human::render(report, color),
        Format::Short => short::render(report, color),
        Format::Json => json::render(report),
        Format::Github => github::render(report),
        Format::Gitlab => gitlab::render(report),
        Format::Sarif => sarif::render(report),
        Format::Junit => junit::render(report),
    }
}

/// Text from a file, or the name of one, without the control characters that
/// would drive a terminal.
pub(crate) fn clean(text: &str) -> String {
    let visible = |c: char| {
        if c.is_control() && c != '\n' && c != '\t' {
            '\u{fffd}'
        } else {
            c
        }
    };
    text.chars().map(visible).collect()
}

/// Message, notes and suggestions in one paragraph, for formats that have a
/// single text.
fn paragraph(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.message.clone();
    for note in &diagnostic.notes {
        text.push_str("\nnote: ");
        text.push_str(note);
    }
    for help in &diagnostic.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    text
}

/// A digest for following a finding from one run to the next. It has no line
/// in it, so that a finding stays the same when text above it changes.
///
/// FNV-1a, 64 bit: small, and the same on every platform and in every release
/// of Rust, which the standard hasher does not promise.
fn fingerprint(diagnostic: &Diagnostic, occurrence: usize) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash ^= u64::from(byte);
            hash = hash.wrapping_mul(0x0100_0000_01b3);
        }
    };
    add(diagnostic.rule.id);
    add(diagnostic.primary.span.file.path());
    add(&diagnostic.message);
    if occurrence > 0 {
        add(&occurrence.to_string());
    }
    format!("{hash:016x}")
}

/// Fingerprints of all findings: equal ones are told apart by their order.
fn fingerprints(diagnostics: &[Diagnostic]) -> Vec<String> {
    let mut seen = std::collections::BTreeMap::new();
    diagnostics
        .iter()
        .map(|diagnostic| {
            let plain = fingerprint(diagnostic, 0);
            let count = seen.entry(plain).or_insert(0usize);
            let result = fingerprint(diagnostic, *count);
            *count += 1;
            result
        })
        .collect()
}

pub(crate) fn plural(n: usize, word: &str) -> String {
    if n == 1 {
        format!("1 {word}")
    } else {
        format!("{n} {word}s")
    }
}
