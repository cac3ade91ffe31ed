//! Lines of the form `name: value` with their places.

use std::ops::Range;

/// A name and its value, both without the space around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name.
    pub name: &'a str,
    /// Its bytes.
    pub name_at: Range<usize>,
    /// The value, empty where there is none.
    pub value: &'a str,
    /// Its bytes.
    pub value_at: Range<usize>,
}

impl Field<'_> {
    /// The bytes of both.
    pub fn at(&self) -> Range<usize> {
        self.name_at.start..self.value_at.end.max(self.name_at.end)
    }
}

/// A line that is not empty.
pub(super) struct Line<'a> {
    /// What it says, without the space around it.
    pub text: &'a str,
    /// Its bytes, likewise.
    pub at: Range<usize>,
    /// Where the next line starts.
    pub next: usize,
}

/// The lines that say something.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |raw| {
        let line = start..start + raw.len();
        start = line.end;
        let at = trim(text, line.clone());
        // A byte-order mark is no part of the first name.
        let at = match text[at.clone()].strip_prefix('\u{feff}') {
            Some(rest) => trim(text, at.end - rest.len()..at.end),
            None => at,
        };
        (!at.is_empty()).then(|| Line {
            text: &text[at.clone()],
            at,
            next: line.end,
        })
    })
}

impl<'a> Line<'a> {
    /// The line as a field; `None` without a colon, or without a name.
    pub fn field(&self, text: &'a str) -> Option<Field<'a>> {
        let colon = self.at.start + self.text.find(':')?;
        let name_at = trim(text, self.at.start..colon);
        let value_at = trim(text, colon + 1..self.at.end);
        (!name_at.is_empty()).then(|| Field {
            name: &text[name_at.clone()],
            name_at,
            value: &text[value_at.clone()],
            value_at,
        })
    }
}

fn trim(text: &str, at: Range<usize>) -> Range<usize> {
    let part = &text[at.clone()];
    let start = at.start + part.len() - part.trim_start().len();
    start..start + part.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_know_their_places() {
        let text = "\u{feff}a : b:c \r\n\n  metadata:\nno field\n: x";
        let found: Vec<_> = lines(text).map(|line| line.field(text)).collect();
        assert_eq!(found.len(), 4);
        let first = found[0].as_ref().expect("field");
        assert_eq!((first.name, first.value), ("a", "b:c"));
        assert_eq!(&text[first.value_at.clone()], "b:c");
        assert_eq!(&text[first.at()], "a : b:c");
        let second = found[1].as_ref().expect("field");
        assert_eq!((second.name, second.value), ("metadata", ""));
        assert_eq!(&text[second.at()], "metadata:");
        assert_eq!((&found[2], &found[3]), (&None, &None));
    }
}
