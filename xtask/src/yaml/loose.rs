//! YAML that PyYAML reads and YAML 1.2 does not allow: the parser stops there, and
//! what it stops at is taken out of its way. Every byte behind it stays where it is.

use granit_parser::ErrorKind;

use super::problem::{Loose, Problem, ProblemKind};

/// Where the parser stopped, and at what.
#[derive(Clone, Copy)]
pub(super) struct Stop {
    what: Loose,
    at: usize,
}

/// What the parser stopped at, if PyYAML may not.
pub(super) fn stop(kind: &ErrorKind, at: usize) -> Option<Stop> {
    let what = match kind {
        ErrorKind::CommentNotSeparated => Loose::Comment,
        ErrorKind::InvalidQuotedScalarIndent => Loose::Quoted,
        _ => return None,
    };
    Some(Stop { what, at })
}

/// Puts spaces in the place of what the parser stopped at; `None` where PyYAML
/// stops there as well.
pub(super) fn mend(text: &mut String, stop: Stop) -> Option<Problem> {
    let before = text.get(..stop.at)?;
    let rest = text.get(stop.at..)?;
    let (blank, at) = match stop.what {
        // Behind the sign of a block scalar the reader of OSM wants a space
        // (`scanner.py`, `scan_block_scalar_ignored_line`).
        Loose::Comment => {
            let is_closed = before.ends_with(['"', '\'', ']', '}']);
            let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
            let end = stop.at + end;
            let is_comment = rest.starts_with('#') && is_closed;
            (is_comment.then_some(stop.at..end)?, stop.at..end)
        }
        // Lines of a text in quotes are folded: a space does the same. Of several
        // line ends in a row that is not so; but nothing is told by those.
        Loose::Quoted => {
            let start = before.trim_end_matches(['\n', '\r', ' ', '\t']).len();
            let is_mark = rest.starts_with("---") || rest.starts_with("...");
            let end = stop.at + rest.chars().next().map_or(0, char::len_utf8);
            let is_line = start < stop.at && !is_mark;
            (is_line.then_some(start..stop.at)?, stop.at..end)
        }
    };
    let spaces = " ".repeat(blank.len());
    text.replace_range(blank, &spaces);
    let kind = ProblemKind::Loose(stop.what);
    Some(Problem { kind, at })
}
