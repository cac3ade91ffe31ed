//! Renderers: findings to text, one format per file. Pure: no clock, no
//! environment, no terminal; colour is a parameter.

mod changes;
mod diff;
mod dot;
mod drawing;
mod failure;
mod github;
mod github_output;
mod gitlab;
mod graph;
mod human;
mod json;
mod junit;
mod layout;
mod loops;
mod markdown;
mod mermaid;
mod rdjson;
mod sarif;
mod short;
mod svg;
mod together;
mod xml;

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Severity};
use crate::graph::Topology;

pub use changes::{Changes, changes, json_changes, osm_update};
pub use diff::diff;
pub use failure::failure;
pub use graph::{GraphFormat, Picture, graph};
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
    /// Reviewdog's diagnostic format.
    Rdjson,
    /// A summary in Markdown: packages, findings, topologies.
    Markdown,
    /// Outputs of a step of a GitHub workflow.
    GithubOutput,
}

impl Format {
    /// Whether the text is meant for a program and so for standard output.
    pub fn is_for_programs(self) -> bool {
        !matches!(self, Format::Human | Format::Short)
    }
}

/// A package as reports name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageLine {
    /// `id version`, or the path where there is no id.
    pub name: String,
    /// The folder, descriptor or archive.
    pub path: String,
    /// `VNF`, `NS`, …; empty where it could not be told.
    pub kind: String,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// Its version, where it has one.
    pub version: Option<String>,
    /// What was built of it.
    pub file: Option<FileLine>,
    /// What was published of it.
    pub artifact: Option<ArtifactLine>,
}

/// A finished package as reports name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLine {
    /// Its path.
    pub path: String,
    /// `sha256:` and 64 digits.
    pub digest: String,
    /// Its size in bytes.
    pub size: u64,
}

/// An artifact as reports name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactLine {
    /// Where it is to be had: `ghcr.io/edge/router_vnf:1.0`.
    pub reference: String,
    /// The digest of its manifest.
    pub digest: String,
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
    /// How services hang together, for [`Format::Markdown`].
    pub topologies: &'a [Topology],
    /// The folder that paths are relative to, below the top of the repository: empty,
    /// or with `/` at its end. Programs that show the repository have paths from
    /// there; people have them from where they are.
    pub base: &'a str,
    /// The top of the repository, where a CI system says it; paths that lie elsewhere in
    /// it are shown from there as well. Empty where nobody says it.
    pub top: &'a str,
}

impl Report<'_> {
    /// A path as programs have it that show the repository.
    fn place(&self, path: &str) -> String {
        let path = path.trim_start_matches("./");
        let is_elsewhere = path.starts_with('/') || path.get(1..2) == Some(":");
        match (path, self.base) {
            (".", "") => ".".to_owned(),
            (".", base) => base.trim_end_matches('/').to_owned(),
            (path, _) if is_elsewhere => {
                let below = path.strip_prefix(self.top).filter(|_| !self.top.is_empty());
                let below = below.and_then(|below| below.strip_prefix('/'));
                below.unwrap_or(path).to_owned()
            }
            (path, base) => format!("{base}{path}"),
        }
    }

    /// Number of findings of that severity, with those that others stand for.
    pub fn count(&self, severity: Severity) -> usize {
        count(self.diagnostics, severity)
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
        Format::Rdjson => rdjson::render(report),
        Format::Markdown => markdown::render(report),
        Format::GithubOutput => github_output::render(report),
    }
}

/// Number of findings of a severity, with those that others stand for.
fn count<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>, severity: Severity) -> usize {
    let same = |d: &&Diagnostic| d.severity == severity;
    diagnostics
        .into_iter()
        .filter(same)
        .map(|d| d.findings)
        .sum()
}

/// For each package the findings in it, of packages inside each other the innermost;
/// and those that lie in none.
fn owners<'a>(report: &Report<'a>) -> (Vec<Vec<&'a Diagnostic>>, Vec<&'a Diagnostic>) {
    let packages = report.packages.iter().enumerate();
    let by_path: HashMap<&str, usize> = packages.map(|(i, p)| (p.path.as_str(), i)).collect();
    let mut owned = vec![Vec::new(); report.packages.len()];
    let mut rest = Vec::new();
    for diagnostic in report.diagnostics {
        let path = diagnostic.primary.span.file.path();
        let ends = path.rmatch_indices('/');
        let around = ends.map(|(i, _)| path[..i].trim_end_matches('!'));
        let mut around = std::iter::once(path).chain(around).chain(["."]);
        match around.find_map(|path| by_path.get(path)) {
            Some(i) => owned[*i].push(diagnostic),
            None => rest.push(diagnostic),
        }
    }
    (owned, rest)
}

/// Text that may name a file or a value, without the control characters that would drive a
/// terminal, and without a line that begins as a command of a workflow does (`::error::`):
/// GitHub's runner looks for these in what any program says, behind spaces too.
pub(crate) fn clean(text: &str) -> String {
    let visible = visible(text);
    let mut lines = visible.split('\n');
    let mut clean = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        clean.push(if line.trim_start().starts_with("::") {
            '\u{fffd}'
        } else {
            '\n'
        });
        clean.push_str(line);
    }
    clean
}

/// Text of a file without the control characters that would drive a terminal.
pub(crate) fn visible(text: &str) -> String {
    // Those for writing from right to left show a line in another order than it has.
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let visible = |c: char| {
        if turns(c) || (c.is_control() && c != '\n' && c != '\t') {
            '\u{fffd}'
        } else {
            c
        }
    };
    text.chars().map(visible).collect()
}

/// The same for what has a line with other things, or is a column.
pub(crate) fn clean_line(text: &str) -> String {
    clean(text).replace(['\n', '\t'], "\u{fffd}")
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
