//! What several rules can mend, as edits of a descriptor's text.
//!
//! All of these refuse where they can't be sure that the edit does what it says
//! and nothing else: an answer of `None` costs the author a minute, a wrong
//! edit costs more. What an alias makes be read at several places is left alone
//! too; the fix says so instead of being made.

mod list;
mod single;

use std::ops::Range;

use crate::diagnostic::{Edit, Fix};
use crate::yaml::{Document, Entry, Node, Shape, Type, resolve, resolve_1_1};

/// The text of a document whose nodes may be edited.
fn text(doc: &Document) -> Option<&str> {
    doc.root().is_some().then(|| doc.file().text())
}

/// Holds a fix that would change what is read at several places.
fn hold(doc: &Document, mut fix: Fix) -> Fix {
    if fix.edits.iter().any(|edit| doc.is_shared(&edit.range)) {
        fix.held = Some(SHARED);
    }
    fix
}

const SHARED: &str = "because an alias repeats this part of the file";

/// Puts a scalar or key that stands without quotes on one line in quotes.
pub(super) fn quote(doc: &Document, at: Range<usize>) -> Option<Fix> {
    let token = text(doc)?.get(at.clone())?;
    if token.is_empty() || token.contains(['\n', '\r', '\'', '"', '\\']) {
        return None;
    }
    // JSON has no other quotes.
    let first = doc.root()?.at().start;
    let mark = if doc.file().text()[first..].starts_with('{') {
        '"'
    } else {
        '\''
    };
    let title = format!("put `{token}` in quotes");
    let edit = Edit::new(at, format!("{mark}{token}{mark}"));
    Some(hold(doc, Fix::one(title, edit)))
}

/// Writes `new` instead of the end `old` of a key or value on one line; a
/// module prefix before it and the quotes around it stay.
pub(super) fn respell(doc: &Document, at: Range<usize>, old: &str, new: &str) -> Option<Fix> {
    let token = text(doc)?.get(at.clone())?;
    let inner = ["\"", "'"]
        .into_iter()
        .find_map(|mark| token.strip_prefix(mark)?.strip_suffix(mark));
    let is_plain = inner.is_none();
    let inner = inner.unwrap_or(token);
    let escaped = inner.contains(['\n', '\r', '\'', '"', '\\']);
    // Without quotes the new text must be a text to every reader.
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let starts = new.starts_with(|c: char| c.is_ascii_alphanumeric());
    let is_text = resolve(new) == Type::Str && resolve_1_1(new).is_none();
    let is_safe = starts && new.chars().all(fits) && (!is_plain || is_text);
    if escaped || !is_safe || old == new || !inner.ends_with(old) {
        return None;
    }
    let end = at.start + token.len() - usize::from(!is_plain);
    let edit = Edit::new(end - old.len()..end, new);
    let title = format!("write `{new}` instead of `{old}`");
    Some(hold(doc, Fix::one(title, edit)))
}

/// Takes the prefix of a module and its colon from a key that is `key` without
/// them; the quotes around it stay.
pub(super) fn bare(doc: &Document, at: Range<usize>, prefix: &str, key: &str) -> Option<Fix> {
    let token = text(doc)?.get(at.clone())?;
    let whole = format!("{prefix}:{key}");
    let quote = ["", "\"", "'"].into_iter().find(|quote| {
        let inner = token.strip_prefix(quote);
        inner.and_then(|rest| rest.strip_suffix(quote)) == Some(whole.as_str())
    })?;
    // Without quotes the rest must be a text to every reader.
    let is_text = resolve(key) == Type::Str && resolve_1_1(key).is_none();
    let start = at.start + quote.len();
    let edit = Edit::new(start..start + prefix.len() + 1, "");
    let title = format!("write `{key}` instead of `{whole}`");
    (is_text || !quote.is_empty()).then(|| hold(doc, Fix::one(title, edit)))
}

/// Like [`wrap`], for a mapping that has keys of an item and no others: with
/// other keys it may be a mapping of names to items.
pub(super) fn wrap_if(
    doc: &Document,
    path: &str,
    at: &Range<usize>,
    keys: &[String],
) -> Option<Fix> {
    let (entry, _) = find(doc.root()?, path, at)?;
    let value = entry.value();
    if value.entries().len() == 0 {
        return None;
    }
    let fix = wrap(doc, path, at)?;
    let held = match is_item(value, keys) {
        true => fix.held,
        false => Some("because not all of its keys are those of one item"),
    };
    Some(Fix { held, ..fix })
}

fn is_item(value: Node<'_>, keys: &[String]) -> bool {
    let is_known = |entry: Entry<'_>| keys.iter().any(|key| key == entry.name());
    let mut entries = value.entries();
    entries.len() > 0 && entries.all(is_known)
}

/// Makes a list of one item of the value at `path`, whose place, or that of
/// its key, is `at`. Where that takes more than a dash or brackets, it says why it
/// is not done.
pub(super) fn wrap(doc: &Document, path: &str, at: &Range<usize>) -> Option<Fix> {
    let text = text(doc)?;
    let (entry, is_flow) = find(doc.root()?, path, at)?;
    let value_at = entry.value().at();
    let title = format!("make a list of `{}`", entry.name());
    let begins = value_at.start..value_at.start;
    // What has an anchor stays as it is, with the anchor: what is around it changes.
    let is_shared = doc.is_shared(&begins) && !list::has_anchor(text, entry);
    let edits = match is_shared || doc.is_shared(&entry.key_at()) {
        true => Err(SHARED),
        false => list::edits(text, entry, is_flow),
    };
    Some(made(title, edits, entry))
}

/// Takes the value of a key at `path`, whose place is `at`, out of its list, of which it is
/// the one item: a mapping where one is meant, and a scalar elsewhere. Says why where it is
/// not done.
pub(super) fn unwrap(
    doc: &Document,
    path: &str,
    at: &Range<usize>,
    is_mapping: bool,
) -> Option<Fix> {
    let text = text(doc)?;
    let (entry, _) = find(doc.root()?, path, at)?;
    let mut items = entry.value().items();
    let (item, None) = (items.next()?, items.next()) else {
        return None;
    };
    let fits = match item.shape() {
        Shape::Mapping => is_mapping,
        Shape::Scalar => !is_mapping && !item.is_null(),
        Shape::Sequence => false,
    };
    fits.then_some(())?;
    let title = format!("take the value of `{}` out of its list", entry.name());
    let edits = match doc.is_shared(&entry.value().at()) || doc.is_shared(&entry.key_at()) {
        true => Err(SHARED),
        false => single::edits(text, entry, item),
    };
    Some(made(title, edits, entry))
}

/// How a list is written, the value of a key at `path` whose place is `at`: whether in
/// brackets, and how many items it has.
pub(super) fn list_form(doc: &Document, path: &str, at: &Range<usize>) -> Option<(bool, usize)> {
    let (entry, _) = find(doc.root()?, path, at)?;
    let list = entry.value();
    let is_flow = text(doc)?.get(list.at())?.starts_with('[');
    Some((is_flow, list.items().len()))
}

/// A fix of the value of an entry, or the reason why it is none.
fn made(title: String, edits: Result<Vec<Edit>, &'static str>, entry: Entry<'_>) -> Fix {
    match edits {
        Ok(edits) => {
            let held = None;
            hold(entry.value().document(), Fix { title, edits, held })
        }
        Err(reason) => Fix {
            title,
            // What would be written here and not where it is told.
            edits: vec![Edit::new(entry.key_at(), "")],
            held: Some(reason),
        },
    }
}

/// Deletes the lines of an entry of a block mapping. What it says must stand
/// elsewhere in the text.
pub(super) fn delete_lines(doc: &Document, entry: &Range<usize>) -> Option<Fix> {
    let text = text(doc)?;
    let start = line_start(text, entry.start);
    let before = text.get(start..entry.start)?;
    // A block scalar ends with its last line break.
    let token = text.get(entry.clone())?;
    let token_end = entry.start + token.trim_end().len();
    let rest = text.get(token_end..)?;
    let line_end = rest.find('\n').map_or(text.len(), |i| token_end + i + 1);
    let after = text.get(token_end..line_end)?;
    // Comments are the author's; so is everything that may be one.
    if !before.bytes().all(|b| b == b' ') || !after.trim().is_empty() || token.contains('#') {
        return None;
    }
    let title = "delete the second of two equal lines";
    let fix = Fix::one(title, Edit::new(start..line_end, ""));
    Some(hold(doc, fix))
}

/// The entry at a path of local keys and numbers, and whether a flow collection
/// is around it. `at` is the place of its key or its value.
fn find<'a>(root: Node<'a>, path: &str, at: &Range<usize>) -> Option<(Entry<'a>, bool)> {
    let text = root.document().file().text();
    let mut node = root;
    let mut last = None;
    let mut is_flow = false;
    for segment in path.split('/') {
        let here = text.get(node.at().start..)?;
        is_flow |= here.starts_with('{') || here.starts_with('[');
        let same = |entry: &Entry<'a>| entry.key() == segment || entry.name() == segment;
        last = node.entries().find(same);
        node = match last {
            Some(entry) => entry.value(),
            None => node.items().nth(segment.parse().ok()?)?,
        };
    }
    let entry = last?;
    (entry.key_at() == *at || entry.value().at() == *at).then_some((entry, is_flow))
}

/// Whether a key is the dash of an item without the space that belongs behind it.
pub(super) fn is_tight_dash(key: &str) -> bool {
    let mut rest = key.chars();
    rest.next() == Some('-') && rest.next().is_some_and(char::is_alphabetic)
}

/// Whether the entries of the value of a key, at `path` and `at`, begin with such a dash.
pub(super) fn has_tight_dash(doc: &Document, path: &str, at: &Range<usize>) -> bool {
    let entry = doc.root().and_then(|root| find(root, path, at));
    let first = entry.and_then(|(entry, _)| entry.value().entries().next());
    first.is_some_and(|entry| is_tight_dash(entry.key()))
}

/// What to write for it.
pub(super) const TIGHT_DASH: &str = "write a space behind the dash of an item: `- id`";

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |i| i + 1)
}
