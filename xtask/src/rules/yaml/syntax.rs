//! `yaml/syntax`.

use std::ops::Range;

use super::slips::{BEHIND_QUOTES, Stop};
use crate::descriptor::{Kind, Model, of_misspelt_key};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint};
use crate::yaml::{Document, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/syntax",
    level: Level::Deny,
    fixed: true,
    summary: "the text is not valid YAML",
    docs: "\
## What it does

Reports the place where a descriptor stops being YAML.

## Why is this bad?

Nothing behind that place can be read, by this program or by an orchestrator,
so no other rule can look at the file until it is mended.

The SHIELD Store answers 422 to such a descriptor, `Can not read vNSF descriptor`
(VNFD_FORMAT_INVALID) or `Can not read NS descriptor` (NSD_FORMAT_INVALID), and 500
to such a manifest. The validator that SHIELD used calls it
`evt_function_invalid_descriptor` or `evt_service_invalid_descriptor`.

## What to do

The most frequent causes are a tab in the indentation (YAML takes spaces only),
a value that holds `: ` or starts with one of `@ % & * { [` and is not quoted,
and an item or a key that is indented one column too far or not far enough. Where
the lines look like one of these, or like a quote or bracket without its end, a dash or
colon without the space behind it, a template that was not filled in or the marks of an
unfinished merge, the finding says so.
",
    example: Some(Example {
        bad: &[("tiny_vnf/tiny_vnfd.yaml", "vnfd:\n\tid: tiny_vnf\n")],
        good: &[("tiny_vnf/tiny_vnfd.yaml", "vnfd:\n  id: tiny_vnf\n")],
    }),
};

fn check(doc: &Document, out: &mut Vec<Diagnostic>) {
    for problem in doc.problems() {
        let ProblemKind::Syntax { reason, tab, open } = &problem.kind else {
            continue;
        };
        let says = |what: &str| format!("this is not valid YAML: {what}");
        if let Some(tabs) = tabs(doc, problem.at.start).filter(|_| *tab) {
            let diagnostic = Diagnostic::new(&RULE, doc.span(tabs), says(reason));
            let help = "indent with spaces; YAML does not take tabs";
            out.push(diagnostic.label("a tab").help(help));
            continue;
        }
        let at = problem.at.clone();
        let diagnostic = Diagnostic::new(&RULE, doc.span(at.clone()), says(reason))
            .label("reading stopped here");
        let text = doc.file().text();
        let slip = || Stop::new(text, at.start, reason, *open)?.slip();
        out.push(if let Some((line, root)) = first_line(text, at.start) {
            diagnostic.help(format!(
                "write `{root}:` in place of `{line}`, alone in its line"
            ))
        } else if let Some((open, quote)) = quote(text, at.start, reason) {
            let says = "this text begins with a quote and does not end in its line";
            let diagnostic = diagnostic.help(format!("close it with `{quote}`"));
            match open {
                Some(open) => diagnostic.also(doc.span(open), says),
                None => diagnostic,
            }
        } else if let Some(column) = column_meant(text, at.start) {
            diagnostic.help(format!(
                "the keys of one mapping begin in the same column: begin this line in column {column}, as those above"
            ))
        } else if let Some(slip) = slip() {
            let message = says(slip.message.as_deref().unwrap_or(reason));
            let at = slip.at.unwrap_or(at);
            let label = slip.label.as_deref().unwrap_or("reading stopped here");
            let diagnostic = Diagnostic::new(&RULE, doc.span(at), message).label(label);
            let diagnostic = diagnostic.help(slip.help);
            match slip.also {
                Some((at, says)) => diagnostic.also(doc.span(at), says),
                None => diagnostic,
            }
        } else {
            diagnostic
        });
    }
}

/// The text with a quote that is not closed, where that is why reading stopped, and the
/// quote that closes it. There is no text to show where it begins in this place.
fn quote(text: &str, at: usize, reason: &str) -> Option<(Option<Range<usize>>, char)> {
    const OPEN: [&str; 3] = [
        "unclosed quote",
        "invalid indentation in multiline quoted",
        "document indicator",
    ];
    let mut upto = at;
    if reason.starts_with(BEHIND_QUOTES) {
        let before = text.get(..at)?.trim_end();
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let quoted = before.get(start..before.len().checked_sub(1)?)?;
        // The text begins in this line and ends in it.
        if opens(quoted).is_some() {
            return None;
        }
        upto = start;
    } else if !OPEN.iter().any(|words| reason.contains(words)) {
        return None;
    }
    if let Some(open) = open_quote(text, upto) {
        let quote = text[open.start..].chars().next()?;
        return Some((Some(open), quote));
    }
    let quote = text.get(at..)?.chars().next()?;
    matches!(quote, '"' | '\'').then_some((None, quote))
}

/// The last text before `at` that begins with a quote and is not closed in its line, to the end of
/// that line. One over several lines is right as long as these are indented, so that it is found
/// where reading stopped, lines below.
fn open_quote(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text.get(..at)?;
    let mut end = before.len();
    // Who forgets a quote notices it soon, or the file ends.
    for line in before.split('\n').rev().take(1000) {
        let start = end - line.len();
        if let Some(column) = opens(line) {
            return Some(start + column..start + line.trim_end().len());
        }
        end = start.saturating_sub(1);
    }
    None
}

/// Where in a line a quote stands that opens a text and is not closed.
fn opens(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut open: Option<(usize, u8)> = None;
    let mut may_begin = true;
    let mut i = 0;
    while let Some(byte) = bytes.get(i) {
        match (open, byte) {
            (Some((_, b'"')), b'\\') => i += 1,
            (Some((_, quote)), byte) if *byte == quote => open = None,
            (None, b'#') if i == 0 || bytes.get(i - 1) == Some(&b' ') => return None,
            (None, b'"' | b'\'') if may_begin => open = Some((i, *byte)),
            _ => {}
        }
        may_begin = matches!(byte, b' ' | b'[' | b'{' | b',' | b'-' | b':' | b'?');
        i += 1;
    }
    open.map(|(column, _)| column)
}

/// The first line, and the root key that it means, where it is not that key, and
/// reading stopped in it or in the line below.
fn first_line(text: &str, at: usize) -> Option<(&str, &'static str)> {
    let is_content = |line: &&str| !line.is_empty() && *line != "---" && !line.starts_with('#');
    let before = text.get(..at)?.lines().map(str::trim);
    if before.filter(is_content).count() > 2 {
        return None;
    }
    let line = text.lines().map(str::trim).find(is_content)?;
    let line = line.trim_start_matches('\u{feff}');
    let (kind, model) = of_misspelt_key(line)?;
    let root = match (kind, model) {
        (Kind::Vnf, Model::Sol006) => "vnfd",
        (Kind::Ns, Model::Sol006) => "nsd",
        (Kind::Pnf, Model::Sol006) => "pnfd",
        (Kind::Nst, Model::Sol006) => "nst",
        _ => return None,
    };
    (line.trim_end_matches(':') != root || !line.ends_with(':')).then_some((line, root))
}

/// The column of the key above, counted from one, where the line at which
/// reading stopped begins with a key, is indented otherwise, and the line above
/// has its value already.
fn column_meant(text: &str, at: usize) -> Option<usize> {
    let start = text.get(..at)?.rfind('\n')? + 1;
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let key = |line: &str| {
        let content = line.trim_start_matches([' ', '-']);
        let (key, value) = content.split_once(':')?;
        let is_key = !key.is_empty() && !key.contains([' ', '#', '{', '[', '"', '\'']);
        let value = value.trim();
        let is_value = !value.is_empty() && !value.starts_with(['|', '>', '#', '&', '{', '[']);
        is_key.then_some(is_value)
    };
    let own = text.get(start..)?.lines().next()?;
    key(own)?;
    let mut above = text.get(..start)?.lines().rev();
    let above = above.find(|line| {
        let content = line.trim_start();
        !content.is_empty() && !content.starts_with('#')
    })?;
    let column = above.len() - above.trim_start_matches([' ', '-']).len();
    // Between a dash and the key behind it belongs nothing either.
    let is_item = above.trim_start().starts_with('-');
    let is_off = indent(own) > column || (is_item && indent(own) > indent(above));
    (is_off && indent(own) != column && key(above)?).then_some(column + 1)
}

/// The first tabs in the indentation of the line where reading stopped.
fn tabs(doc: &Document, at: usize) -> Option<Range<usize>> {
    let text = doc.file().text();
    let start = text.get(..at)?.rfind('\n').map_or(0, |i| i + 1);
    let line = text.get(start..)?;
    let first = line
        .find(|c| c != ' ')
        .filter(|i| line[*i..].starts_with('\t'))?;
    let length = line[first..].bytes().take_while(|b| *b == b'\t').count();
    Some(start + first..start + first + length)
}

#[cfg(test)]
mod tests {
    use super::column_meant;

    #[test]
    fn a_line_that_is_indented_too_far_belongs_below_the_key_above() {
        let meant = |text: &str, stop: &str| column_meant(text, text.find(stop).expect("place"));
        assert_eq!(meant("a:\n  b: 1\n   c: 2\n", "c:"), Some(3));
        assert_eq!(meant("a:\n- b: 1\n  # so\n\n   c: 2\n", "c:"), Some(3));
        assert_eq!(meant("a:\n- b: 1\n c: 2\n", "c:"), Some(3));
        assert_eq!(meant("a:\n- b: 1\n  c: 2\n", "c:"), None);
        assert_eq!(meant("a:\n  b:\n   c: 2\n", "c:"), None);
        assert_eq!(meant("a:\n  b: 1\n   c\n", "c\n"), None);
        assert_eq!(meant("a:\n  b: |\n   c: 2\n", "c:"), None);
        assert_eq!(meant("a: 1\n", "a"), None);
    }
}
