//! A text file as diagnostics see it: path, text, and lines on demand.

use std::ops::Range;
use std::sync::OnceLock;

/// A position in a text, counted as editors do: both from 1, columns in
/// characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalar values, from 1.
    pub column: usize,
}

/// A file that a diagnostic can point into.
///
/// The path is what the user reads: relative to where the program was started
/// where that is possible, with `/` on every system, and `archive!/member`
/// inside a finished package.
#[derive(Debug)]
pub struct SourceFile {
    path: String,
    text: String,
    has_text: bool,
    line_starts: OnceLock<Vec<usize>>,
    hidden: OnceLock<Hidden>,
}

/// What no report may show of a text.
#[derive(Debug)]
struct Hidden {
    ranges: Vec<Range<usize>>,
    /// The text with the ranges blanked, byte for byte of the same length.
    shown: String,
}

impl SourceFile {
    /// A file with its text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        SourceFile {
            path: path.into(),
            text: text.into(),
            has_text: true,
            line_starts: OnceLock::new(),
            hidden: OnceLock::new(),
        }
    }

    /// A file whose text is not at hand: an image, a folder, an unreadable file.
    pub fn without_text(path: impl Into<String>) -> Self {
        SourceFile {
            has_text: false,
            ..SourceFile::new(path, String::new())
        }
    }

    /// The path as it is shown.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The text, empty where there is none.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Keeps these parts of the text out of every report, whichever finding
    /// shows the line. The first call decides.
    pub fn hide(&self, ranges: impl IntoIterator<Item = Range<usize>>) {
        let ranges: Vec<Range<usize>> = ranges.into_iter().collect();
        if ranges.is_empty() {
            return;
        }
        let mut shown = self.text.clone().into_bytes();
        for range in &ranges {
            let bytes = shown.get_mut(range.clone()).unwrap_or_default();
            // Three stars for a secret of any length; offsets stay as they are.
            let letters = bytes.iter_mut().filter(|byte| !byte.is_ascii_whitespace());
            for (i, byte) in letters.enumerate() {
                *byte = if i < 3 { b'*' } else { b' ' };
            }
        }
        // Whole characters were replaced, so that this is text again; if not,
        // nothing at all is shown.
        let shown = String::from_utf8(shown).unwrap_or_default();
        let _ = self.hidden.set(Hidden { ranges, shown });
    }

    /// The parts that are hidden.
    pub fn hidden(&self) -> &[Range<usize>] {
        self.hidden.get().map_or(&[], |hidden| &hidden.ranges)
    }

    /// The text for reports, of the same length as [`SourceFile::text`] unless
    /// it is empty.
    pub fn shown(&self) -> &str {
        self.hidden.get().map_or(&self.text, |hidden| &hidden.shown)
    }

    /// Whether the text is known; a report shows no source lines otherwise.
    pub fn has_text(&self) -> bool {
        self.has_text
    }

    /// Line and column of a byte offset. An offset behind the end, or inside a
    /// character, is taken as the nearest place before it.
    pub fn position(&self, offset: usize) -> Position {
        let starts = self.line_starts();
        let offset = floor_boundary(&self.text, offset);
        let line = starts.partition_point(|&start| start <= offset).max(1);
        let start = starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or("");
        // A byte-order mark has no width: editors put the first key at column 1.
        let column = before.chars().filter(|&c| c != '\u{feff}').count() + 1;
        Position { line, column }
    }

    /// The text of a line (from 1) without its line break.
    pub fn line(&self, line: usize) -> &str {
        let starts = self.line_starts();
        let Some(&start) = starts.get(line.saturating_sub(1)) else {
            return "";
        };
        let end = starts.get(line).copied().unwrap_or(self.text.len());
        self.text[start..end].trim_end_matches(['\n', '\r'])
    }

    /// The byte offset at which a line (from 1) starts.
    pub fn line_start(&self, line: usize) -> Option<usize> {
        self.line_starts().get(line.checked_sub(1)?).copied()
    }

    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            let breaks = self.text.bytes().enumerate();
            std::iter::once(0)
                .chain(breaks.filter(|&(_, b)| b == b'\n').map(|(i, _)| i + 1))
                .collect()
        })
    }
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let file = SourceFile::new("f", "a: ü\nbc: x\r\n");
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(5), Position { line: 1, column: 5 });
        assert_eq!(file.position(4), Position { line: 1, column: 4 });
        assert_eq!(file.position(6), Position { line: 2, column: 1 });
        assert_eq!(file.position(999), Position { line: 3, column: 1 });
        assert_eq!(file.line(2), "bc: x");
    }

    #[test]
    fn what_is_hidden_keeps_its_place() {
        let file = SourceFile::new("f", "a: hünter2 # x\nb: 1\n");
        file.hide(std::iter::once(3..11));
        assert_eq!(file.shown(), "a: ***      # x\nb: 1\n");
        assert_eq!(file.shown().len(), file.text().len());
        assert!(file.text().contains("hünter2"));
    }

    #[test]
    fn a_byte_order_mark_has_no_width() {
        let file = SourceFile::new("f", "\u{feff}vnfd:\n");
        assert_eq!(file.position(3), Position { line: 1, column: 1 });
    }
}
