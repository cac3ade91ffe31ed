//! Placeholders: `${name}` in the values of a document, filled in without a byte of
//! the source being lost, so that every finding still points into the file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::build::{Limits, parse, wide};
use super::tree::{Document, Raw, RawNode, Words};

/// The placeholders that a tree declares, by name, each with its value where there is
/// one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placeholders(pub BTreeMap<String, Option<String>>);

/// A `${name}` in a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The name.
    pub name: String,
    /// Where it stands: the bytes of `${name}`. What escapes stand in for is none.
    pub at: Range<usize>,
}

/// What became of the placeholders of a document.
#[derive(Debug)]
pub(super) struct Fill {
    placeholders: Arc<Placeholders>,
    /// Every `${name}`, declared or not.
    uses: Vec<Use>,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    /// Nothing of what is declared stands in it.
    Untouched,
    /// The text with everything filled in that has a value.
    Filled(Arc<str>),
    /// A reader of the filled text would not find the same values: where that begins.
    Torn(Range<usize>),
}

impl Document {
    /// Fills in what has a value, in the values of mappings and lists: not in keys and
    /// not in comments.
    ///
    /// The file of the document stays as it is and so does every place in it. Where a
    /// value would be read otherwise than it was given (`a: b` without quotes, a line
    /// break), nothing is filled in; see [`Document::torn`].
    #[must_use]
    pub fn fill(mut self, placeholders: &Arc<Placeholders>) -> Self {
        if placeholders.0.is_empty() || self.is_broken() || !self.file.text().contains("${") {
            return self;
        }
        let uses = self.uses();
        if uses.is_empty() {
            return self;
        }
        let outcome = self.filled_in(placeholders, &uses);
        self.fill = Some(Box::new(Fill {
            placeholders: Arc::clone(placeholders),
            uses,
            outcome,
        }));
        self
    }

    /// Fills in what was filled in `other`, an earlier state of the same file.
    #[must_use]
    pub fn fill_like(self, other: &Document) -> Self {
        match &other.fill {
            Some(fill) => self.fill(&fill.placeholders),
            None => self,
        }
    }

    /// Every `${name}` in a value, in the order of the text, each with whether a
    /// placeholder of that name is declared and the value that it has. Nothing where
    /// the tree declares none.
    pub fn placeholders(&self) -> impl Iterator<Item = (&Use, Option<Option<&str>>)> {
        self.fill.iter().flat_map(|fill| {
            fill.uses.iter().map(|used| {
                let declared = fill.placeholders.0.get(&used.name);
                (used, declared.map(Option::as_deref))
            })
        })
    }

    /// The names that the tree declares.
    pub fn declared_placeholders(&self) -> impl Iterator<Item = &str> {
        let fill = self.fill.iter();
        fill.flat_map(|fill| fill.placeholders.0.keys().map(String::as_str))
    }

    /// The text with its placeholders filled in; `None` where there is nothing to fill
    /// in.
    pub fn filled(&self) -> Option<&Arc<str>> {
        match &self.fill.as_ref()?.outcome {
            Outcome::Filled(text) => Some(text),
            _ => None,
        }
    }

    /// The first value that can't be filled in, because a reader would take what comes
    /// out for something else.
    pub fn torn(&self) -> Option<Range<usize>> {
        match &self.fill.as_ref()?.outcome {
            Outcome::Torn(at) => Some(at.clone()),
            _ => None,
        }
    }

    fn uses(&self) -> Vec<Use> {
        let source = self.file.text();
        let mut uses = Vec::new();
        for (node, _) in self.scalars() {
            let at = wide(&node.at);
            let written = source.get(at.clone()).unwrap_or_default();
            uses.extend(marks(written).map(|(mark, name)| Use {
                name: name.to_owned(),
                at: at.start + mark.start..at.start + mark.end,
            }));
        }
        uses.sort_by_key(|used| used.at.start);
        uses
    }

    /// The scalars that are no keys.
    fn scalars(&self) -> impl Iterator<Item = (&RawNode, &str)> {
        // A key with an anchor has a node, which nothing leads to.
        let nodes = self.arena.nodes.iter();
        nodes.filter_map(|node| match node.raw {
            Raw::Scalar { text, .. } => Some((node, self.text(text))),
            _ => None,
        })
    }

    fn filled_in(&mut self, placeholders: &Placeholders, uses: &[Use]) -> Outcome {
        let value = |used: &Use| placeholders.0.get(&used.name)?.as_deref();
        let given: Vec<(&Use, &str)> = uses
            .iter()
            .filter_map(|used| Some((used, value(used)?)))
            .collect();
        if given.is_empty() {
            return Outcome::Untouched;
        }
        let Some((text, values)) = self.with(&given) else {
            // The first that does it: those before it can be filled in together.
            let (mut right, mut wrong) = (0, given.len());
            while wrong - right > 1 {
                let middle = right + (wrong - right) / 2;
                match self.with(&given[..middle]) {
                    Some(_) => right = middle,
                    None => wrong = middle,
                }
            }
            return Outcome::Torn(given[right].0.at.clone());
        };
        for (i, value) in values {
            let number = u32::try_from(self.arena.texts.len()).unwrap_or(u32::MAX);
            self.arena.texts.push(value.into());
            if let Raw::Scalar { text, .. } = &mut self.arena.nodes[i].raw {
                *text = Words::Owned(number);
            }
        }
        Outcome::Filled(text.into())
    }

    /// The text with these filled in, and the values that are others then, by their
    /// nodes. `None` where a reader would find anything else.
    ///
    /// What comes out is read as everybody will read it, and held against what is meant:
    /// to refuse letters instead would refuse values that are right in quotes.
    fn with(&self, given: &[(&Use, &str)]) -> Option<(String, Vec<(usize, String)>)> {
        let source = self.file.text();
        let mut text = String::with_capacity(source.len());
        let mut end = 0;
        for (used, value) in given {
            let mark = source.get(used.at.clone())?;
            if !marks(mark).any(|(at, _)| at == (0..mark.len())) {
                return None;
            }
            text.push_str(source.get(end..used.at.start)?);
            text.push_str(value);
            end = used.at.end;
        }
        text.push_str(source.get(end..)?);
        let read = parse(self.file.path(), text.as_bytes(), Limits::default());
        if read.is_broken() || read.arena.nodes.len() != self.arena.nodes.len() {
            return None;
        }
        let mut values = Vec::new();
        for (i, (node, other)) in self.arena.nodes.iter().zip(&read.arena.nodes).enumerate() {
            let is_same = match (node.raw, other.raw) {
                (
                    Raw::Scalar { text, style },
                    Raw::Scalar {
                        text: new,
                        style: other,
                    },
                ) => {
                    let (text, new) = (self.text(text), read.text(new));
                    let at = wide(&node.at);
                    let written = source.get(at.clone()).unwrap_or_default();
                    let meant = within(given, at, written, text);
                    let is_meant = style == other && meant.as_deref().unwrap_or(text) == new;
                    values.extend(meant.map(|meant| (i, meant)));
                    is_meant
                }
                (Raw::Sequence(a), Raw::Sequence(b)) => a == b,
                (Raw::Mapping(a), Raw::Mapping(b)) => a == b,
                (Raw::Alias(a), Raw::Alias(b)) => a == b,
                _ => false,
            };
            if !is_same {
                return None;
            }
        }
        Some((text, values))
    }
}

/// The value of the node at these bytes with what is given filled in; `None` where
/// nothing of it is.
fn within(given: &[(&Use, &str)], at: Range<usize>, written: &str, text: &str) -> Option<String> {
    let from = given.partition_point(|(used, _)| used.at.start < at.start);
    let own = given[from..].iter();
    let mut own = own.take_while(|(used, _)| used.at.end <= at.end).peekable();
    own.peek()?;
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for (mark, name) in literal(written, text) {
        // Others of the node have no value, and stay.
        if let Some((_, value)) = own.next_if(|(used, _)| used.name == name) {
            out.push_str(&text[end..mark.start]);
            out.push_str(value);
            end = mark.end;
        }
    }
    out.push_str(&text[end..]);
    Some(out)
}

/// The `${name}` of a value that stand in the file as they are, and not with escapes.
fn literal<'a>(written: &str, text: &'a str) -> Vec<(Range<usize>, &'a str)> {
    let all: Vec<(Range<usize>, &str)> = marks(text).collect();
    let own: Vec<(Range<usize>, &str)> = marks(written).collect();
    if own.len() == all.len() {
        return all;
    }
    // A letter that stands nowhere else shows where each of them comes out.
    let mut letters = ('\u{e000}'..='\u{f8ff}').filter(|letter| !text.contains(*letter));
    let Some(letter) = letters.find(|letter| !written.contains(*letter)) else {
        return Vec::new();
    };
    let mut marked = written.to_owned();
    for (mark, _) in own.iter().rev() {
        marked.replace_range(mark.start..=mark.start, letter.encode_utf8(&mut [0; 4]));
    }
    let read = parse("value", marked.as_bytes(), Limits::default());
    let read = read.root().and_then(|root| root.text()).unwrap_or_default();
    let longer = letter.len_utf8() - 1;
    let starts = read.match_indices(letter).enumerate();
    let starts: Vec<usize> = starts.map(|(i, (at, _))| at - i * longer).collect();
    let is_own = |(mark, _): &(Range<usize>, &str)| starts.contains(&mark.start);
    all.into_iter().filter(is_own).collect()
}

/// The names in the `${name}` of a text, with their bytes.
pub fn placeholders_in(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    marks(text)
}

/// The `${name}` of a text, with their bytes.
fn marks(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + text.get(from..)?.find("${")?;
            let inner = start + 2;
            let len = text[inner..].find(|c: char| !is_letter(c));
            let end = inner + len.unwrap_or(text.len() - inner);
            from = inner;
            let name = &text[inner..end];
            if is_name(name) && text[end..].starts_with('}') {
                from = end + 1;
                return Some((start..end + 1, name));
            }
        }
    })
}

/// Whether a placeholder may have this name: a letter, then letters, digits, `-` and
/// `_`, as in shells and in most templates.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_letter)
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str, values: &[(&str, &str)]) -> Document {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned())));
        let placeholders = Arc::new(Placeholders(values.collect()));
        parse("a.yaml", text.as_bytes(), Limits::default()).fill(&placeholders)
    }

    #[test]
    fn values_are_filled_and_keys_and_comments_are_not() {
        let text = "# ${r}\n${r}: ${r}\nb: [x, 'a ${r} ${r} $r ${}']\nc: |\n  ${r}/\n  ${s}\n";
        let doc = filled(text, &[("r", "h:5000/e")]);
        let written = doc.filled().expect("filled");
        assert_eq!(
            &**written,
            "# ${r}\n${r}: h:5000/e\nb: [x, 'a h:5000/e h:5000/e $r ${}']\nc: |\n  h:5000/e/\n  ${s}\n"
        );
        let root = doc.root().expect("a root");
        let entries: Vec<_> = root.entries().collect();
        assert_eq!(entries[0].key(), "${r}");
        assert_eq!(entries[0].value().text(), Some("h:5000/e"));
        let at = entries[0].value().at();
        assert_eq!(&doc.file().text()[at], "${r}");
        assert_eq!(
            root.get("c").and_then(|c| c.text()),
            Some("h:5000/e/\n${s}\n")
        );
        let names: Vec<_> = doc
            .placeholders()
            .map(|(used, _)| used.name.as_str())
            .collect();
        assert_eq!(names, ["r", "r", "r", "r", "s"]);
    }

    #[test]
    fn what_would_be_read_otherwise_is_not_filled() {
        for (text, value, at) in [
            ("a: ${r}\n", "b: c", 3..7),
            ("a: x ${r}\n", "# c", 5..9),
            ("a: ${r}\n", "x\ny", 3..7),
            ("a: ${r}\n", "'x'", 3..7),
            ("a: ${r}\n", "", 3..7),
            ("a: '${r}'\n", "it's", 4..8),
            ("a: \"${r}\"\n", "\\n", 4..8),
            ("a: [\"${r}\", b]\nc: ${r}\n", "x: ", 18..22),
        ] {
            let doc = filled(text, &[("r", value)]);
            assert_eq!(doc.filled(), None, "{text}");
            assert_eq!(doc.torn(), Some(at), "{text}");
            let root = doc.root().expect("a root");
            assert!(root.get("a").is_some(), "{text}");
        }
        let doc = filled("a: \"\\x24{r}\"\nb: ${r}\n", &[("r", "x")]);
        let text = doc.filled().map(|text| &**text);
        assert_eq!(text, Some("a: \"\\x24{r}\"\nb: x\n"));
        // Beside one that is meant as well.
        for (text, value, written) in [
            ("a: \"\\x24{r} ${r}\"\n", "${r} x", "a: \"\\x24{r} x\"\n"),
            (
                "a: \"${r} \\x24{r}ä${r}\"\n",
                "x ${r}äx",
                "a: \"x \\x24{r}äx\"\n",
            ),
            (
                "a: \"\\u0024{r}\\n  ${s}\n  ${r}\"\n",
                "${r}\n  ${s} x",
                "a: \"\\u0024{r}\\n  ${s}\n  x\"\n",
            ),
        ] {
            let doc = filled(text, &[("r", "x")]);
            assert_eq!(doc.filled().map(|text| &**text), Some(written), "{text}");
            let root = doc.root().expect("a root");
            assert_eq!(root.get("a").and_then(|a| a.text()), Some(value), "{text}");
        }
        // In quotes the same is right.
        let doc = filled("a: '${r}'\n", &[("r", "b: c # d")]);
        let root = doc.root().expect("a root");
        assert_eq!(root.get("a").and_then(|a| a.text()), Some("b: c # d"));
    }

    #[test]
    fn aliases_and_anchors_stay() {
        let doc = filled("a: &x ${r}\nb: *x\n", &[("r", "v")]);
        let root = doc.root().expect("a root");
        assert_eq!(root.get("b").and_then(|b| b.text()), Some("v"));
        assert_eq!(doc.filled().map(|text| &**text), Some("a: &x v\nb: *x\n"));
    }
}
