//! Scalars on one line, for the short way.

use std::ops::Range;

use super::super::build::narrow;
use super::super::scalar::Style;
use super::super::tree::Text;
use super::{Read, Reader};

/// A scalar that has been looked at.
pub(super) struct Scalar {
    pub text: Text,
    pub style: Style,
    /// Its bytes, with its quotes.
    pub at: Range<usize>,
    /// The colon that makes it a key.
    pub colon: Option<usize>,
}

impl Reader<'_> {
    /// The scalar that begins here, outside of flow collections.
    pub(super) fn scalar(&self) -> Read<Scalar> {
        let start = self.at;
        match self.bytes.get(start)? {
            b'\'' | b'"' => {
                let mut scalar = self.quoted()?;
                let mut next = scalar.at.end;
                while self.bytes.get(next) == Some(&b' ') {
                    next += 1;
                }
                if self.bytes.get(next) == Some(&b':') && self.is_blank(next + 1) {
                    scalar.colon = Some(next);
                }
                Some(scalar)
            }
            b'-' if self.is_blank(start + 1) => None,
            b'[' | b'{' | b',' | b']' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'%'
            | b'@' | b'`' | b'?' | b':' => None,
            _ => {
                let mut end = start;
                let mut colon = None;
                loop {
                    match self.bytes.get(end) {
                        None | Some(b'\n' | b'\r') => break,
                        Some(b'#') if self.bytes.get(end - 1) == Some(&b' ') => break,
                        Some(b':') if self.is_blank(end + 1) => {
                            colon = Some(end);
                            break;
                        }
                        Some(_) => end += 1,
                    }
                }
                Some(self.plain(end, colon))
            }
        }
    }

    /// The scalar that begins here, inside of a flow collection: quoted, or of
    /// characters that mean nothing to YAML in any place.
    pub(super) fn flow_scalar(&self) -> Read<Scalar> {
        let start = self.at;
        if let b'\'' | b'"' = self.bytes.get(start)? {
            return self.quoted();
        }
        let mut end = start;
        loop {
            match self.bytes.get(end)? {
                b',' | b']' | b'}' | b':' => break,
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'/' | b'<' => end += 1,
                b' ' | b'-' | b'>' if end > start => end += 1,
                _ => return None,
            }
        }
        (end > start).then(|| self.plain(end, None))
    }

    /// A plain scalar from here to `end` without the spaces before that.
    fn plain(&self, mut end: usize, colon: Option<usize>) -> Scalar {
        while end > self.at && self.bytes.get(end - 1) == Some(&b' ') {
            end -= 1;
        }
        let at = self.at..end;
        Scalar {
            text: Text::Source(narrow(&at)),
            style: Style::Plain,
            at,
            colon,
        }
    }

    fn quoted(&self) -> Read<Scalar> {
        let start = self.at;
        let (text, end) = match self.bytes.get(start)? {
            b'"' => self.double_quoted(start + 1)?,
            _ => self.single_quoted(start + 1)?,
        };
        Some(Scalar {
            text,
            style: Style::Quoted,
            at: start..end,
            colon: None,
        })
    }

    fn single_quoted(&self, inside: usize) -> Read<(Text, usize)> {
        let mut at = inside;
        let mut doubled = false;
        loop {
            match self.bytes.get(at)? {
                b'\n' | b'\r' => return None,
                b'\'' if self.bytes.get(at + 1) == Some(&b'\'') => {
                    doubled = true;
                    at += 2;
                }
                b'\'' => break,
                _ => at += 1,
            }
        }
        let text = match doubled {
            true => Text::Owned(self.text.get(inside..at)?.replace("''", "'").into()),
            false => Text::Source(narrow(&(inside..at))),
        };
        Some((text, at + 1))
    }

    fn double_quoted(&self, inside: usize) -> Read<(Text, usize)> {
        let mut at = inside;
        let mut copied = inside;
        let mut owned: Option<String> = None;
        loop {
            match self.bytes.get(at)? {
                b'\n' | b'\r' => return None,
                b'"' => break,
                b'\\' => {
                    let stands_for = match self.bytes.get(at + 1)? {
                        b'"' => '"',
                        b'\\' => '\\',
                        b'/' => '/',
                        b'n' => '\n',
                        b'r' => '\r',
                        b't' => '\t',
                        _ => return None,
                    };
                    let owned = owned.get_or_insert_default();
                    owned.push_str(self.text.get(copied..at)?);
                    owned.push(stands_for);
                    at += 2;
                    copied = at;
                }
                _ => at += 1,
            }
        }
        let text = match owned {
            Some(mut owned) => {
                owned.push_str(self.text.get(copied..at)?);
                Text::Owned(owned.into())
            }
            None => Text::Source(narrow(&(inside..at))),
        };
        Some((text, at + 1))
    }
}
