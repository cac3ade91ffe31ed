//! The short way from a text to the tree: the part of YAML that descriptors
//! are written in, in one pass over the bytes.
//!
//! It builds the tree that the events of `granit-parser` would have built, byte
//! for byte of every span, or it declines and the text is read again by that
//! parser. So it may decline whatever it likes, and it never reports an error:
//! where a text might have one, it declines. `fast/tests.rs` holds the two
//! beside each other.
//!
//! Read here are block mappings and block sequences, plain and quoted scalars
//! on one line, block scalars, empty values, flow collections of scalars on one
//! line, comments, and a `---` before the first line. Not read are tabs, other
//! scalars of many lines, anchors, aliases, tags, merge keys, directives, other
//! document markers and explicit keys.

mod block;
mod scalar;
#[cfg(test)]
mod tests;

use self::scalar::Scalar;
use super::build::{Builder, Content};
use super::scalar::Style;
use super::tree::Text;

impl Builder {
    /// Reads the whole of `text`, or says `false` and leaves a builder that
    /// must be thrown away.
    pub(super) fn read_fast(&mut self, text: &str) -> bool {
        if !has_only_simple_characters(text) {
            return false;
        }
        let mut reader = Reader {
            text,
            bytes: text.as_bytes(),
            at: 0,
            open: Vec::new(),
            comments: 0,
            marked: false,
            builder: self,
        };
        reader.read().is_some()
    }
}

/// Whether a text holds printable characters and line ends of one or both
/// usual kinds alone: no tab, no byte order mark, no line end of Unicode's.
fn has_only_simple_characters(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Without branches and with one question a pass, so that the compiler looks
    // at many bytes at once.
    let odd = bytes.iter().fold(0, |odd, &byte| {
        let control = (byte < b' ') & (byte != b'\n') & (byte != b'\r');
        odd | u8::from(control | (byte == 0x7f))
    });
    if odd != 0 {
        return false;
    }
    if !text.is_ascii()
        && !text.chars().all(|c| match c {
            '\u{2028}' | '\u{2029}' | '\u{feff}' => false,
            '\0'..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' => true,
            c => c >= '\u{10000}',
        })
    {
        return false;
    }
    memchr::memchr_iter(b'\r', bytes).all(|at| bytes.get(at + 1) == Some(&b'\n'))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mapping,
    Sequence,
    /// A sequence whose dashes stand below the key that it belongs to.
    Indentless,
}

/// A collection that is still open.
struct Block {
    kind: Kind,
    column: usize,
    /// A key or a dash has been read and no value. If none comes, there is a
    /// null at this place.
    waiting: Option<usize>,
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    open: Vec<Block>,
    comments: usize,
    /// A `---` has been read.
    marked: bool,
    builder: &'a mut Builder,
}

/// `None` declines.
type Read<T = ()> = Option<T>;

impl Reader<'_> {
    fn read(&mut self) -> Read {
        while let Some(column) = self.indentation()? {
            self.line(column)?;
        }
        if self.open.is_empty() {
            return None;
        }
        while !self.open.is_empty() {
            self.close();
        }
        self.within_limits()
    }

    /// Goes to the next line with more than a comment, and gives its column.
    fn indentation(&mut self) -> Read<Option<usize>> {
        loop {
            let start = self.at;
            self.spaces();
            match self.bytes.get(self.at) {
                None => return Some(None),
                Some(b'\n' | b'\r' | b'#') => self.rest()?,
                Some(_) => return Some(Some(self.at - start)),
            }
        }
    }

    /// One line with content, from its first character.
    fn line(&mut self, column: usize) -> Read {
        let marker = self.bytes.get(self.at..self.at + 3);
        if column == 0 && matches!(marker, Some(b"---" | b"...")) {
            return self.start_of_document();
        }
        let dash = self.is_dash(self.at);
        while let Some(top) = self.open.last() {
            let stays = column > top.column
                || (column == top.column && (dash || top.kind != Kind::Indentless));
            if stays {
                break;
            }
            self.close();
        }
        let new = if dash { Kind::Sequence } else { Kind::Mapping };
        let Some(top) = self.open.last_mut() else {
            // Nothing may follow the root.
            return match self.builder.arena.nodes.is_empty() {
                true => self.collection(new, column),
                false => None,
            };
        };
        let waiting = top.waiting.take();
        let inner = column > top.column;
        match (inner, top.kind, dash) {
            (true, ..) => {
                waiting?;
                self.collection(new, column)
            }
            (false, Kind::Mapping, true) => {
                waiting?;
                self.collection(Kind::Indentless, column)
            }
            (false, Kind::Mapping, false) => {
                self.null(waiting);
                self.key()
            }
            (false, _, true) => {
                self.null(waiting);
                self.items(column, None)
            }
            (false, _, false) => None,
        }
    }

    /// A line of `---` before anything else, which says what is said without it.
    fn start_of_document(&mut self) -> Read {
        let is_first = self.builder.arena.nodes.is_empty() && !self.marked;
        if !is_first || self.bytes.get(self.at) != Some(&b'-') || !self.is_blank(self.at + 3) {
            return None;
        }
        self.marked = true;
        self.at += 3;
        self.rest()
    }

    fn collection(&mut self, kind: Kind, column: usize) -> Read {
        if kind == Kind::Mapping {
            self.open(kind, column, self.at)?;
            self.key()
        } else {
            self.items(column, Some(kind))
        }
    }

    /// A dash and what follows it on its line, `opens` the sequence.
    fn items(&mut self, mut column: usize, mut opens: Option<Kind>) -> Read {
        loop {
            let dash = self.at;
            self.at += 1;
            self.spaces();
            let content = self.at;
            // The parser takes an item to be where it looks for its content,
            // and looks behind the comment.
            let mark = match self.bytes.get(content) {
                Some(b'#') => self.line_end(content),
                _ => content,
            };
            match opens {
                Some(Kind::Indentless) => self.open(Kind::Indentless, column, mark)?,
                Some(kind) => self.open(kind, column, dash)?,
                None => {}
            }
            if self.is_end(content) || mark != content {
                self.wait(mark);
                return self.rest();
            }
            column += content - dash;
            if !self.is_dash(content) {
                return self.item(column);
            }
            opens = Some(Kind::Sequence);
        }
    }

    /// What stands behind a dash: a value, or the first key of a mapping.
    fn item(&mut self, column: usize) -> Read {
        if self.is_flow() {
            return self.flow();
        }
        if self.is_block_scalar() {
            return self.block_scalar(self.open.last()?.column);
        }
        let scalar = self.scalar()?;
        match scalar.colon {
            Some(colon) => {
                self.open(Kind::Mapping, column, self.at)?;
                self.entry(scalar, colon)
            }
            None => self.value(scalar),
        }
    }

    fn key(&mut self) -> Read {
        let scalar = self.scalar()?;
        let colon = scalar.colon?;
        self.entry(scalar, colon)
    }

    /// A key that has been looked at, and what stands on its line.
    fn entry(&mut self, key: Scalar, colon: usize) -> Read {
        self.take_key(key, colon)?;
        if self.is_end(self.at) || self.bytes.get(self.at) == Some(&b'#') {
            self.wait(colon);
            return self.rest();
        }
        if self.is_flow() {
            return self.flow();
        }
        if self.is_block_scalar() {
            return self.block_scalar(self.open.last()?.column);
        }
        let scalar = self.scalar()?;
        match scalar.colon {
            Some(_) => None,
            None => self.value(scalar),
        }
    }

    /// Takes a key, its colon and the spaces behind it.
    fn take_key(&mut self, key: Scalar, colon: usize) -> Read {
        let is_merge = key.style == Style::Plain && self.text.get(key.at.clone()) == Some("<<");
        // YAML allows a key 1024 characters.
        if is_merge || colon - key.at.start > 1000 {
            return None;
        }
        let Scalar {
            text, style, at, ..
        } = key;
        self.builder.key(text, style, 0, at, self.text);
        self.at = colon + 1;
        self.spaces();
        Some(())
    }

    /// Takes a scalar that is the last on its line.
    fn value(&mut self, scalar: Scalar) -> Read {
        self.take_value(scalar)?;
        self.rest()
    }

    fn take_value(&mut self, scalar: Scalar) -> Read {
        let Scalar {
            text, style, at, ..
        } = scalar;
        self.builder.leaf(text, style, 0, &at);
        self.at = at.end;
        self.within_limits()
    }

    fn is_flow(&self) -> bool {
        matches!(self.bytes.get(self.at), Some(b'[' | b'{'))
    }

    /// `[a, 'b']` or `{a: b}` with the rest of its line: scalars on one line,
    /// and no collection in them.
    fn flow(&mut self) -> Read {
        let is_mapping = self.bytes.get(self.at) == Some(&b'{');
        let (content, closes) = match is_mapping {
            true => (Content::Mapping(None), b'}'),
            false => (Content::Sequence, b']'),
        };
        self.builder.open(content, 0, &(self.at..self.at + 1));
        self.within_limits()?;
        self.at += 1;
        self.spaces();
        let mut more = self.bytes.get(self.at) != Some(&closes);
        while more {
            if is_mapping {
                let key = self.flow_scalar()?;
                let colon = key.at.end;
                let is_key =
                    key.style == Style::Plain && self.text.get(colon..colon + 2) == Some(": ");
                if !is_key {
                    return None;
                }
                self.take_key(key, colon)?;
            }
            let value = self.flow_scalar()?;
            self.take_value(value)?;
            self.spaces();
            more = self.bytes.get(self.at) == Some(&b',');
            if more {
                self.at += 1;
                self.spaces();
            }
        }
        if self.bytes.get(self.at) != Some(&closes) {
            return None;
        }
        self.builder.close(&(self.at..self.at + 1));
        self.at += 1;
        self.rest()
    }

    /// The rest of a line with nothing but spaces and a comment, and its end.
    fn rest(&mut self) -> Read {
        let before = self.at;
        self.spaces();
        if self.bytes.get(self.at) == Some(&b'#') {
            let starts_line = before == 0 || self.bytes.get(before - 1) == Some(&b'\n');
            let parted = self.bytes.get(self.at.wrapping_sub(1)) == Some(&b' ');
            if !starts_line && !parted {
                return None;
            }
            let end = self.line_end(self.at);
            let comment = self.text.get(self.at + 1..end)?;
            self.builder.comment(comment, self.at..end, self.text);
            // The parser counts those in a row, and has a limit for them.
            self.comments += 1;
            if self.comments > self.builder.limits.comments {
                return None;
            }
            self.at = end;
        }
        match self.bytes.get(self.at) {
            None => {}
            Some(b'\n') => self.at += 1,
            Some(b'\r') => self.at += 2,
            Some(_) => return None,
        }
        Some(())
    }

    fn open(&mut self, kind: Kind, column: usize, at: usize) -> Read {
        let content = match kind {
            Kind::Mapping => Content::Mapping(None),
            _ => Content::Sequence,
        };
        self.builder.open(content, 0, &(at..at));
        self.open.push(Block {
            kind,
            column,
            waiting: None,
        });
        self.within_limits()
    }

    fn within_limits(&self) -> Read {
        let limits = &self.builder.limits;
        let few = self.builder.arena.nodes.len() <= limits.nodes;
        (few && self.builder.depth_now() <= limits.depth).then_some(())
    }

    fn close(&mut self) {
        if let Some(block) = self.open.pop() {
            self.null(block.waiting);
            self.builder.close(&(0..0));
        }
    }

    fn wait(&mut self, at: usize) {
        if let Some(top) = self.open.last_mut() {
            top.waiting = Some(at);
        }
    }

    /// The null that stands for a value that did not come.
    fn null(&mut self, at: Option<usize>) {
        if let Some(at) = at {
            let text = Text::Owned("~".into());
            self.builder.leaf(text, Style::Plain, 0, &(at..at));
        }
    }

    fn spaces(&mut self) {
        while self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        memchr::memchr2(b'\n', b'\r', rest).map_or(self.bytes.len(), |found| from + found)
    }

    fn is_dash(&self, at: usize) -> bool {
        self.bytes.get(at) == Some(&b'-') && self.is_blank(at + 1)
    }

    fn is_blank(&self, at: usize) -> bool {
        self.is_end(at) || self.bytes.get(at) == Some(&b' ')
    }

    fn is_end(&self, at: usize) -> bool {
        matches!(self.bytes.get(at), None | Some(b'\n' | b'\r'))
    }
}
