//! The one item of a list without its list.

use super::line_start;
use super::list::{MANY_LINES, PROPERTIES, is_comment, is_whole};
use crate::diagnostic::Edit;
use crate::yaml::{Entry, Node, Shape};

/// The edits that leave of a list of one item, which is the value of a key, that item; or
/// why there are none.
pub(super) fn edits(
    text: &str,
    entry: Entry<'_>,
    item: Node<'_>,
) -> Result<Vec<Edit>, &'static str> {
    const COMMENT: &str = "because a comment stands in the list";
    const BEFORE: &str = "because something else stands before its dash";
    let (list, at) = (entry.value().at(), item.at());
    let token = text.get(at.clone()).unwrap_or_default();
    if !is_whole(item, token) {
        return Err(MANY_LINES);
    }
    let before = text.get(list.start..at.start).unwrap_or_default();
    if let Some(before) = before.strip_prefix('[') {
        let after = text.get(at.end..list.end).unwrap_or_default();
        let after = after.trim_end_matches(']').trim();
        if before.contains('#') || after.contains('#') {
            return Err(COMMENT);
        }
        // `[a: b]` is a mapping without its braces.
        let is_bare = item.shape() == Shape::Mapping && !token.starts_with('{');
        if !before.trim().is_empty() || !["", ","].contains(&after) || is_bare {
            return Err(PROPERTIES);
        }
        let edits = [list.start..at.start, at.end..list.end];
        return Ok(edits.map(|range| Edit::new(range, "")).into());
    }
    // A list in the column of its key begins with its first item and not with the dash.
    let before = text[..at.start].trim_end_matches(' ');
    let Some(dash) = before.strip_suffix('-').map(str::len) else {
        return Err(PROPERTIES);
    };
    if !is_blank(&text[line_start(text, dash)..dash]) {
        return Err(BEFORE);
    }
    // A value on one line goes behind its key, where nothing stands between them.
    let gap = text.get(entry.key_at().end..dash).unwrap_or_default();
    let colon = gap.trim_start_matches(' ').strip_prefix(':');
    if let Some(rest) = colon.filter(|_| item.shape() == Shape::Scalar) {
        let start = dash - rest.len();
        return match rest.trim().is_empty() {
            true => Ok(vec![Edit::new(start..at.start, " ")]),
            false if rest.lines().all(is_comment) => Err(COMMENT),
            false => Err(PROPERTIES),
        };
    }
    // The keys below stand where they stood, and the first among them.
    Ok(vec![Edit::new(dash..dash + 1, " ")])
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ')
}
