//! Source lines with carets, as rustc prints them.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Report, clean, clean_line, plural, together};
use crate::diagnostic::{Diagnostic, Label, Severity, SourceFile};

/// Columns of text; the width of a terminal must not change what is printed.
const WIDTH: usize = 120;

/// Bytes of the longest line that is shown.
const LONGEST_LINE: usize = 2000;

pub(super) fn render(report: &Report<'_>, color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH);
    let mut text = String::new();
    let (alone, together) = together::split(report.diagnostics);
    for diagnostic in alone {
        text.push_str(&one(diagnostic, &renderer));
        text.push_str("\n\n");
    }
    for many in &together {
        let mut group = heading(many.first, &many.message);
        for note in &many.notes {
            group = group.element(Level::NOTE.message(clean(note)));
        }
        for help in &many.first.help {
            group = group.element(Level::HELP.message(clean(help)));
        }
        text.push_str(&renderer.render(&[group]));
        text.push_str("\n\n");
    }
    text
}

/// `level[rule]: message`, to which the rest is added.
fn heading<'a>(diagnostic: &Diagnostic, message: &str) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    Group::with_title(
        level
            .primary_title(clean_line(message))
            .id(diagnostic.rule.id),
    )
}

fn one(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let mut group = heading(diagnostic, &diagnostic.message);
    for (file, labels) in by_file(diagnostic) {
        // A line of a megabyte shows nobody anything and takes its time.
        let is_readable = labels
            .iter()
            .all(|label| line_length(label) <= LONGEST_LINE);
        group = match is_readable && labels.iter().any(|label| has_place(label)) {
            true => group.element(snippet(file, &labels, &diagnostic.primary)),
            false => group.element(origin(file, &labels)),
        };
        // Where there is no line to put a label on, it becomes a note.
        for label in labels.iter().filter(|label| !has_place(label)) {
            if !label.text.is_empty() {
                group = group.element(Level::NOTE.message(clean(&label.text)));
            }
        }
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(clean(note)));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(clean(help)));
    }
    if let Some(fix) = diagnostic.fixes.first() {
        let help = match diagnostic.fixes.len() {
            1 => format!("`--fix` will {}", fix.title),
            n => format!(
                "`--fix` will {}, and mend {} more like it",
                fix.title,
                n - 1
            ),
        };
        group = group.element(Level::HELP.message(clean(&help)));
    }
    renderer.render(&[group])
}

/// The path, with line and column where they are known.
fn origin<'a>(file: &SourceFile, labels: &[&Label]) -> Origin<'a> {
    let origin = Origin::path(clean_line(file.path()));
    let first = labels.iter().find(|label| has_place(label));
    match first.and_then(|label| label.span.start()) {
        Some(at) => origin.line(at.line).char_column(at.column),
        None => origin,
    }
}

fn line_length(label: &Label) -> usize {
    let start = label.span.start().map_or(0, |at| at.line);
    label.span.file.line(start).len()
}

fn has_place(label: &Label) -> bool {
    label.span.range.is_some() && label.span.file.has_text()
}

/// The labels by file, that of the primary label first.
fn by_file(diagnostic: &Diagnostic) -> Vec<(&SourceFile, Vec<&Label>)> {
    let primary = diagnostic.primary.span.file.path();
    let mut files: BTreeMap<(bool, &str), (&SourceFile, Vec<&Label>)> = BTreeMap::new();
    for label in std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary) {
        let file = &label.span.file;
        let key = (file.path() != primary, file.path());
        files
            .entry(key)
            .or_insert_with(|| (file, Vec::new()))
            .1
            .push(label);
    }
    files.into_values().collect()
}

fn snippet<'a>(
    file: &SourceFile,
    labels: &[&Label],
    primary: &Label,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let placed: Vec<(&&Label, Range<usize>)> = labels
        .iter()
        .filter_map(|label| Some((label, visible(file, label.span.range.clone()?))))
        .collect();
    // Only the lines between the labels: a renderer that is handed a whole
    // file for each of a thousand findings takes minutes over it.
    let first = placed
        .iter()
        .map(|(_, range)| range.start)
        .min()
        .unwrap_or(0);
    let last = placed.iter().map(|(_, range)| range.end).max().unwrap_or(0);
    let first_line = file.position(first).line;
    let start = file.line_start(first_line).unwrap_or(0);
    // Of the same length as the text, but for what nobody may see.
    let text = file.shown();
    if text.len() != file.text().len() {
        return Snippet::source("").path(clean_line(file.path()));
    }
    let end = text[last..].find('\n').map_or(text.len(), |i| last + i);
    let window = text[start..end].trim_end_matches('\r');
    let limit = window.len();
    let mut snippet = Snippet::source(clean_window(window))
        .line_start(first_line)
        .path(clean_line(file.path()));
    for (label, range) in placed {
        let kind = if std::ptr::eq::<Label>(*label, primary) {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let range = (range.start - start).min(limit)..(range.end - start).min(limit);
        let mut annotation = kind.span(range);
        if !label.text.is_empty() {
            annotation = annotation.label(clean(&label.text));
        }
        snippet = snippet.annotation(annotation);
    }
    snippet
}

/// Control characters become spaces of the same width in bytes, so that
/// offsets stay right.
fn clean_window(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && !matches!(c, '\n' | '\t' | '\r') {
            clean.extend(std::iter::repeat_n(' ', c.len_utf8()));
        } else {
            clean.push(c);
        }
    }
    clean
}

/// A range that can be underlined: on one line, and not empty where there is
/// a character to stand under.
fn visible(file: &SourceFile, range: Range<usize>) -> Range<usize> {
    let text = file.text();
    let start = range.start.min(text.len());
    let mut end = range.end.clamp(start, text.len());
    if let Some(line_break) = text[start..end].find('\n') {
        end = start + line_break;
    }
    if start == end
        && let Some(c) = text[start..]
            .chars()
            .next()
            .filter(|c| *c != '\n' && *c != '\r')
    {
        end = start + c.len_utf8();
    }
    // A byte-order mark has no width and is not part of any word.
    let start = if text[start..end].starts_with('\u{feff}') {
        start + '\u{feff}'.len_utf8()
    } else {
        start
    };
    start..end
}

/// `6 packages: 2 errors, 1 warning`.
pub fn summary(report: &Report<'_>) -> String {
    let errors = report.count(Severity::Error);
    let warnings = report.count(Severity::Warning);
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(plural(errors, "error"));
    }
    if warnings > 0 {
        parts.push(plural(warnings, "warning"));
    }
    if parts.is_empty() {
        parts.push("no findings".to_owned());
    }
    let packages = plural(report.packages.len(), "package");
    format!("{packages}: {}", parts.join(", "))
}
