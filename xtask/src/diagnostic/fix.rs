//! Changes to a file that mend a finding, as data.

use std::ops::Range;

/// One replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Bytes of the file that go; empty where something is only put in.
    pub range: Range<usize>,
    /// What stands there then.
    pub text: String,
}

impl Edit {
    /// Puts `text` in the place of `range`.
    pub fn new(range: Range<usize>, text: impl Into<String>) -> Self {
        Edit {
            range,
            text: text.into(),
        }
    }

    /// Whether the two can't be made at once. Edits that touch count: which of
    /// two insertions at one place comes first is nobody's to say.
    pub fn meets(&self, other: &Edit) -> bool {
        self.range.start <= other.range.end && other.range.start <= self.range.end
    }
}

/// A way to mend a finding that needs no second thought: it changes what the
/// finding is about and nothing else. All edits are in the file of the
/// finding's primary label, and are made together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order: ``put `1.0` in quotes``.
    pub title: String,
    /// The changes; none of them meets another.
    pub edits: Vec<Edit>,
    /// Why it is not made all the same, as the rest of a sentence: `because …`.
    pub held: Option<&'static str>,
}

impl Fix {
    /// A fix of one edit.
    pub fn one(title: impl Into<String>, edit: Edit) -> Self {
        Fix {
            title: title.into(),
            edits: vec![edit],
            held: None,
        }
    }

    /// Whether it replaces the whole of `text`.
    pub fn is_rewrite(&self, text: &str) -> bool {
        matches!(self.edits.as_slice(), [edit] if edit.range == (0..text.len()))
    }
}

/// The text with these edits, in any order, none of which meets another.
/// `None` if one of them lies outside of the text or inside a character.
pub fn apply<'a>(text: &str, edits: impl IntoIterator<Item = &'a Edit>) -> Option<String> {
    let mut edits: Vec<&Edit> = edits.into_iter().collect();
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(text.get(at..edit.range.start)?);
        out.push_str(&edit.text);
        at = edit.range.end;
        if at < edit.range.start {
            return None;
        }
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_in_any_order() {
        let edits = [
            Edit::new(4..5, "'b'"),
            Edit::new(0..0, "- "),
            Edit::new(1..3, ":"),
        ];
        assert_eq!(apply("a = b\n", &edits), Some("- a: 'b'\n".to_owned()));
        assert_eq!(apply("a", &[Edit::new(0..9, "")]), None);
        assert_eq!(apply("ü", &[Edit::new(1..1, "x")]), None);
    }

    #[test]
    fn neighbours_meet() {
        let edit = |range| Edit::new(range, "");
        assert!(edit(0..2).meets(&edit(2..3)));
        assert!(edit(2..2).meets(&edit(2..2)));
        assert!(!edit(0..2).meets(&edit(3..3)));
    }
}
