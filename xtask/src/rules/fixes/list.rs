//! A list of one item made of a value that stands there without its list.

use super::line_start;
use crate::diagnostic::Edit;
use crate::yaml::{Entry, Node, Shape, Style};

pub(super) const MANY_LINES: &str = "because its value is written over several lines";
const NO_ROOM: &str = "because its lines would have to be moved to the right for a dash";
pub(super) const PROPERTIES: &str = "because an anchor or a tag stands before the value";

/// What stands between a key and its value.
struct Gap {
    /// Behind the colon.
    start: usize,
    /// The column of the key, or of a colon that stands on a line below a `?`. `None`
    /// where something other than spaces and the dashes of lists stands before it.
    column: Option<usize>,
    /// Whether the key is written with a `?` and its colon below.
    is_explicit: bool,
    /// Where the anchors and tags of the value begin, if it has any.
    properties: Option<usize>,
    /// Whether all of it is on one line.
    is_same_line: bool,
    /// What stands between the last line break and the value.
    indent: usize,
}

impl Gap {
    fn of(text: &str, entry: Entry<'_>) -> Result<Gap, &'static str> {
        let (key, value) = (entry.key_at(), entry.value().at());
        let gap = text.get(key.end..value.start).unwrap_or_default();
        let before = gap.len() - gap.trim_start_matches(' ').len();
        let mut column = column(text, key.start);
        let mut is_explicit = false;
        let mut colon = key.end + before;
        if !text[colon..].starts_with(':') {
            const REASON: &str = "because its key is written with a `?`";
            // The colon of such a key is the first letter of its line.
            let lines = gap.split_inclusive('\n').scan(key.end, |at, line| {
                let start = *at;
                *at += line.len();
                Some((start, line))
            });
            let mut lines = lines.skip_while(|(_, line)| is_comment(line));
            let (start, line) = lines.next().ok_or(REASON)?;
            let spaces = line.len() - line.trim_start_matches(' ').len();
            colon = start + spaces;
            if start == key.end || !text[colon..].starts_with(':') {
                return Err(REASON);
            }
            column = Some(spaces);
            is_explicit = true;
        }
        let start = colon + 1;
        let rest = text.get(start..value.start).unwrap_or_default();
        let (first, below) = rest.split_once('\n').unwrap_or((rest, ""));
        let properties = properties(first)?;
        let behind = properties.map_or(first, |(_, end)| &first[end..]);
        let (above, indent) = below.rsplit_once('\n').unwrap_or(("", below));
        let is_same_line = !rest.contains('\n');
        let is_clean = is_comment(behind) && above.lines().all(is_comment);
        if !is_clean || !indent.trim().is_empty() || (is_same_line && !behind.trim().is_empty()) {
            return Err(PROPERTIES);
        }
        Ok(Gap {
            start,
            column,
            is_explicit,
            properties: properties.map(|(at, _)| start + at),
            is_same_line,
            indent: indent.len(),
        })
    }
}

/// Whether an anchor stands between a key and its value.
pub(super) fn has_anchor(text: &str, entry: Entry<'_>) -> bool {
    let properties = Gap::of(text, entry).map(|gap| gap.properties);
    let start = properties.ok().flatten();
    let value = entry.value().at().start;
    start.is_some_and(|start| {
        text.get(start..value)
            .is_some_and(|text| text.contains('&'))
    })
}

/// The edits that make a list of one item of the value of a key, or why there are
/// none. An anchor and a tag stay with the value.
pub(super) fn edits(
    text: &str,
    entry: Entry<'_>,
    is_flow: bool,
) -> Result<Vec<Edit>, &'static str> {
    let value = entry.value();
    let at = value.at();
    let token = text.get(at.clone()).unwrap_or_default();
    let gap = Gap::of(text, entry)?;
    if !is_whole(value, token) {
        return Err(MANY_LINES);
    }
    let start = gap.properties.unwrap_or(at.start);
    if is_flow || token.starts_with('{') {
        return Ok(vec![
            Edit::new(start..start, "["),
            Edit::new(at.end..at.end, "]"),
        ]);
    }
    let Some(column) = gap.column else {
        return Err("because something else stands before its key");
    };
    let is_mapping = value.shape() == Shape::Mapping;
    if is_mapping && gap.is_same_line {
        // Behind the colon of a `?`, which is the one place for it.
        return match gap.properties {
            Some(_) => Err(PROPERTIES),
            None => moved(text, &value, start..start, 2),
        };
    }
    if is_mapping && gap.properties.is_none() {
        // The dash takes the place of two of the spaces before the first key, so that
        // no other line is touched where there are as many.
        let before = &text[line_start(text, at.start)..at.start];
        let is_own_line = before.len() == gap.indent && before.bytes().all(|b| b == b' ');
        return match gap.indent.checked_sub(column) {
            Some(2..) if is_own_line => Ok(vec![Edit::new(at.start - 2..at.start, "- ")]),
            Some(1) if is_own_line => moved(text, &value, at.start - 1..at.start, 1),
            _ => Err(NO_ROOM),
        };
    }
    if !gap.is_same_line && gap.properties.is_none() {
        return Ok(vec![Edit::new(start..start, "- ")]);
    }
    let line_break = match text.find('\n') {
        Some(i) if text[..i].ends_with('\r') => "\r\n",
        _ => "\n",
    };
    let mut indent = column + list_indent(text);
    if !gap.is_same_line {
        // What stands below stays below the dash.
        indent = indent.min(gap.indent.saturating_sub(1)).max(column);
        if gap.indent <= indent {
            return Err(NO_ROOM);
        }
    }
    if gap.is_explicit && gap.is_same_line {
        return Ok(vec![Edit::new(start..start, "- ")]);
    }
    let indent = " ".repeat(indent);
    let space = gap.start..start;
    Ok(vec![Edit::new(space, format!("{line_break}{indent}- "))])
}

/// A dash in the place of `room`, and every line below moved to the right by so many
/// spaces, that it may stand there.
fn moved(
    text: &str,
    value: &Node<'_>,
    room: std::ops::Range<usize>,
    by: usize,
) -> Result<Vec<Edit>, &'static str> {
    let at = value.at();
    let indent = at.start - line_start(text, at.start);
    let mut edits = vec![Edit::new(room, "- ")];
    let mut start = at.start;
    for line in text.get(at).unwrap_or_default().split_inclusive('\n') {
        let is_first = edits.len() == 1 && start == value.at().start;
        let content = line.trim_start_matches(' ');
        let spaces = line.len() - content.len();
        match content.trim_end_matches(['\r', '\n']) {
            _ if is_first => {}
            // In a text of several lines the spaces of an empty one may count.
            "" if spaces < indent => {}
            _ if spaces >= indent => {
                edits.push(Edit::new(start..start, " ".repeat(by)));
            }
            line if line.starts_with('#') => {}
            _ => return Err(NO_ROOM),
        }
        start += line.len();
    }
    Ok(edits)
}

/// From where to where anchors and tags stand at the start of the rest of a line. Of
/// tags those that speak of one value alone.
fn properties(line: &str) -> Result<Option<(usize, usize)>, &'static str> {
    const TAGS: [&str; 7] = [
        "!", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!map",
    ];
    let skip = |at: usize| at + line[at..].len() - line[at..].trim_start_matches(' ').len();
    let start = skip(0);
    let mut at = start;
    let mut end = None;
    while line[at..].starts_with(['&', '!']) {
        let word = line[at..].split([' ', '\r']).next().unwrap_or_default();
        if word.starts_with('!') && !TAGS.contains(&word) {
            return Err(PROPERTIES);
        }
        end = Some(at + word.len());
        at = skip(at + word.len());
    }
    Ok(end.map(|end| (start, end)))
}

pub(super) fn is_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// Whether the range of a value is all of it, and can be moved as it is.
pub(super) fn is_whole(value: Node<'_>, token: &str) -> bool {
    match value.shape() {
        Shape::Sequence => false,
        Shape::Mapping => !token.starts_with('{') || token.ends_with('}'),
        Shape::Scalar => {
            let quoted = ["'", "\""]
                .into_iter()
                .any(|m| token.len() > 1 && token.starts_with(m) && token.ends_with(m));
            // A tag makes the style that of quotes.
            let is_plain = value.text() == Some(token)
                && (value.style() == Some(Style::Plain) || !token.starts_with(['\'', '"']));
            !token.is_empty() && !token.contains(['\n', '\r']) && (quoted || is_plain)
        }
    }
}

/// The column of a key of a block mapping, from 0. `None` where something
/// other than the dashes of lists stands before it.
fn column(text: &str, key: usize) -> Option<usize> {
    let before = text[line_start(text, key)..key].trim_start_matches('\u{feff}');
    let is_plain = before.bytes().all(|b| b == b' ' || b == b'-');
    is_plain.then_some(before.len())
}

/// How far this file indents the lists below its keys: as it does the first.
fn list_indent(text: &str) -> usize {
    // Far enough to meet a list; a text without any must not cost more.
    const LINES: usize = 200;
    let mut key: Option<usize> = None;
    for line in text.lines().take(LINES) {
        let content = line.trim_start_matches(['\u{feff}', ' ']);
        let indent = line.trim_start_matches('\u{feff}').len() - content.len();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let item = content.trim_start_matches("- ");
        let dashes = content.len() - item.len();
        if dashes > 0
            && let Some(key) = key
        {
            return indent.saturating_sub(key).min(8);
        }
        key = item.trim_end().ends_with(':').then_some(indent + dashes);
    }
    0
}
