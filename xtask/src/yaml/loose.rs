//! YAML that PyYAML reads and YAML 1.2 does not allow: the parser stops there, and
//! what it stops at is taken out of its way. Every byte behind it stays where it is.

use std::ops::Range;

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
        ErrorKind::TabInIndentation => Loose::QuotedTab,
        ErrorKind::PlainScalarStartsWithDashFlowIndicator => Loose::Dash,
        ErrorKind::BomInsideDocument => Loose::ByteOrderMark,
        ErrorKind::SimpleKeyExpected => Loose::AliasKey,
        _ => return None,
    };
    Some(Stop { what, at })
}

/// An alias that was read with the colon behind it.
pub(super) fn alias_key(at: usize) -> Stop {
    let what = Loose::AliasKey;
    Stop { what, at }
}

/// Puts in the place of what the parser stopped at what it reads as PyYAML does: spaces,
/// or letters for a text that is the file's; `None` where PyYAML stops there as well.
pub(super) fn mend(text: &mut String, stop: Stop) -> Option<Problem> {
    let before = text.get(..stop.at)?;
    let rest = text.get(stop.at..)?;
    let (blank, at, filling) = match stop.what {
        // Behind the sign of a block scalar the reader of OSM wants a space
        // (`scanner.py`, `scan_block_scalar_ignored_line`).
        Loose::Comment => {
            let is_closed = before.ends_with(['"', '\'', ']', '}']);
            let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
            let end = stop.at + end;
            let is_comment = rest.starts_with('#') && is_closed;
            (is_comment.then_some(stop.at..end)?, stop.at..end, " ")
        }
        // Lines of a text in quotes are folded: a space does the same. Of several
        // line ends in a row that is not so; but nothing is told by those.
        Loose::Quoted => {
            let start = before.trim_end_matches(['\n', '\r', ' ', '\t']).len();
            let is_mark = rest.starts_with("---") || rest.starts_with("...");
            let end = stop.at + rest.chars().next().map_or(0, char::len_utf8);
            let is_line = start < stop.at && !is_mark;
            (is_line.then_some(start..stop.at)?, stop.at..end, " ")
        }
        // They are folded like spaces (`scanner.py`, `scan_flow_scalar_breaks`).
        Loose::QuotedTab => {
            let length = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let at = stop.at..stop.at + length;
            (rest.starts_with('\t').then(|| at.clone())?, at, " ")
        }
        // A text to PyYAML where something other than a space follows (`scanner.py`,
        // `check_plain`).
        Loose::Dash => {
            let is_alone = rest.starts_with(['-']) && rest[1..].starts_with([',', ']', '}']);
            let at = stop.at..stop.at + 1;
            (is_alone.then(|| at.clone())?, at, LETTER)
        }
        Loose::ByteOrderMark => {
            let at = stop.at..stop.at + BYTE_ORDER_MARK.len_utf8();
            let is_mark = rest.starts_with(BYTE_ORDER_MARK);
            (is_mark.then(|| at.clone())?, at, LETTER)
        }
        // The name ends before the colon (`scanner.py`, `scan_anchor`). A letter makes a
        // key of it, which the builder knows again.
        Loose::AliasKey => {
            let name = rest.strip_prefix('*')?;
            let end = name.find(|c: char| !is_of_name(c))?;
            let behind = name[end..].strip_prefix(':')?;
            let is_key = end > 0 && (behind.is_empty() || behind.starts_with([' ', '\n', '\r']));
            let at = stop.at..stop.at + 1;
            (is_key.then(|| at.clone())?, at.start..at.end + end, LETTER)
        }
        Loose::LineEnd => return None,
    };
    let filled = filling.repeat(blank.len());
    text.replace_range(blank, &filled);
    let kind = ProblemKind::Loose(stop.what);
    Some(Problem { kind, at })
}

/// Whether a letter may stand in the name of an anchor to PyYAML.
pub(super) fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')
}

/// What stands for a letter that the parser does not take.
const LETTER: &str = "x";

pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// The letters that end a line in YAML 1.1, and in 1.2 are like others (YAML 1.2.2 §5.4).
const LINE_ENDS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// The text with ends of lines that YAML 1.2 knows for those that YAML 1.1 knows as well;
/// `None` where there is none of these. Every byte behind one stays where it is.
pub(super) fn with_line_ends(text: &str) -> Option<String> {
    if text.is_ascii() || !text.contains(LINE_ENDS) {
        return None;
    }
    let mut read = String::with_capacity(text.len());
    for letter in text.chars() {
        if LINE_ENDS.contains(&letter) {
            read.push_str(&" ".repeat(letter.len_utf8() - 1));
            read.push('\n');
        } else {
            read.push(letter);
        }
    }
    Some(read)
}

/// The first of these letters outside of `quoted`, which is sorted, in which they are
/// folded like any end of a line; with `is_told_at_ends` also one that has nothing behind it
/// on its line.
pub(super) fn line_end(
    text: &str,
    quoted: &[Range<usize>],
    is_told_at_ends: bool,
) -> Option<Range<usize>> {
    let mut letters = text
        .char_indices()
        .filter(|(_, letter)| LINE_ENDS.contains(letter));
    letters.find_map(|(at, letter)| {
        let next = at + letter.len_utf8();
        let rest = text[next..].lines().next().unwrap_or_default();
        let before = quoted.partition_point(|range| range.start <= at);
        let is_quoted = before > 0 && at < quoted[before - 1].end;
        let is_told = !is_quoted && (is_told_at_ends || !rest.trim().is_empty());
        is_told.then_some(at..next)
    })
}
