//! Literal and folded block scalars, for the short way.

use super::super::scalar::Style;
use super::super::tree::Text;
use super::{Read, Reader};

/// What becomes of the line ends behind the last line of a block scalar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Clip,
    Strip,
    Keep,
}

impl Reader<'_> {
    pub(super) fn is_block_scalar(&self) -> bool {
        matches!(self.bytes.get(self.at), Some(b'|' | b'>'))
    }

    /// A block scalar in a collection at the column `parent`, with all of its
    /// lines. One without content, with an indentation indicator or with a
    /// comment behind its header is left to the parser.
    pub(super) fn block_scalar(&mut self, parent: usize) -> Read {
        let literal = self.bytes.get(self.at) == Some(&b'|');
        let mut at = self.at + 1;
        let chomping = match self.bytes.get(at) {
            Some(b'-') => Chomping::Strip,
            Some(b'+') => Chomping::Keep,
            _ => Chomping::Clip,
        };
        at += usize::from(chomping != Chomping::Clip);
        while self.bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        at = self.after_break(at)?;

        let mut breaks = 0;
        let mut longest_blank = 0;
        let (start, indent) = loop {
            let line = at;
            while self.bytes.get(at) == Some(&b' ') {
                at += 1;
            }
            let column = at - line;
            match self.bytes.get(at)? {
                b'\n' | b'\r' => {
                    longest_blank = longest_blank.max(column);
                    at = self.after_break(at)?;
                    breaks += 1;
                }
                _ => break (at, column),
            }
        };
        if indent <= parent || longest_blank > indent {
            return None;
        }

        let mut text = String::new();
        let mut folds = false;
        let mut is_first = true;
        let mut ended;
        loop {
            let starts_blank = self.bytes.get(at) == Some(&b' ');
            // A single line end between two lines that begin with no space is
            // folded to a space; of several, the first is dropped.
            let is_folded = folds && !literal && !starts_blank;
            match (is_first, is_folded) {
                (true, _) => {}
                (false, false) => text.push('\n'),
                (false, true) if breaks == 0 => text.push(' '),
                (false, true) => {}
            }
            text.extend(std::iter::repeat_n('\n', breaks));
            is_first = false;
            folds = !starts_blank;
            breaks = 0;

            let end = self.line_end(at);
            text.push_str(self.text.get(at..end)?);
            at = end;
            ended = at == self.bytes.len();
            if ended {
                break;
            }
            at = self.after_break(at)?;
            // Empty lines and the indentation of what follows.
            let is_inside = loop {
                let line = at;
                while at - line < indent && self.bytes.get(at) == Some(&b' ') {
                    at += 1;
                }
                match self.bytes.get(at) {
                    Some(b'\n' | b'\r') => {
                        at = self.after_break(at)?;
                        breaks += 1;
                    }
                    None => break false,
                    Some(_) => break at - line == indent,
                }
            };
            if !is_inside {
                break;
            }
        }
        if chomping != Chomping::Strip {
            text.push('\n');
        }
        if chomping == Chomping::Keep {
            text.extend(std::iter::repeat_n('\n', breaks));
        }
        self.builder
            .leaf(Text::Owned(text.into()), Style::Quoted, 0, &(start..at));
        // Back to the start of the line, where the next one is looked for.
        self.at = match self.bytes.get(..at)? {
            _ if ended => at,
            before => memchr::memrchr(b'\n', before).map_or(0, |found| found + 1),
        };
        self.within_limits()
    }

    /// Behind the line end that stands here; there must be one.
    fn after_break(&self, at: usize) -> Read<usize> {
        match self.bytes.get(at)? {
            b'\n' => Some(at + 1),
            b'\r' => Some(at + 2),
            _ => None,
        }
    }
}
