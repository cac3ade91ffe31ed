//! Translates regular expressions from the XML Schema dialect, which YANG
//! uses, to the ECMA-262 dialect (with the `u` flag), which JSON Schema uses.
//!
//! The result also means the same to engines that know no lookaround, and it
//! is anchored at both ends, as every YANG pattern is by nature.

use std::iter::Peekable;
use std::str::Chars;

use anyhow::{Result, bail};

/// Translates a whole expression.
pub fn translate(expression: &str) -> Result<String> {
    let mut translator = Translator {
        rest: expression.chars().peekable(),
        out: String::from("^(?:"),
    };
    translator.run()?;
    translator.out.push_str(")$");
    Ok(translator.out)
}

/// The state of a translation that is under way.
struct Translator<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
}

impl Translator<'_> {
    /// Translates up to the end of the expression.
    fn run(&mut self) -> Result<()> {
        while let Some(character) = self.rest.next() {
            match character {
                '\\' => self.escape()?,
                '[' => self.class()?,
                // A group never captures in XML Schema.
                '(' => self.out.push_str("(?:"),
                ')' | '|' | '?' | '*' | '+' | '{' | '}' => self.out.push(character),
                // In ECMA-262 a dot also excludes two further line ends.
                '.' => self.out.push_str("[^\\n\\r]"),
                // These include `^` and `$`, which are ordinary characters.
                other => push_literal(&mut self.out, other),
            }
        }
        Ok(())
    }

    /// Translates an escape that stands outside of a character class.
    fn escape(&mut self) -> Result<()> {
        match self.rest.next() {
            Some('s') => self.out.push_str("[ \\t\\n\\r]"),
            Some('S') => self.out.push_str("[^ \\t\\n\\r]"),
            Some('w') => self.out.push_str("[^\\p{P}\\p{Z}\\p{C}]"),
            Some('W') => self.out.push_str("[\\p{P}\\p{Z}\\p{C}]"),
            Some(other) => self.common_escape(other, push_literal)?,
            None => bail!("the expression ends in a backslash"),
        }
        Ok(())
    }

    /// Translates a character class up to its closing bracket.
    fn class(&mut self) -> Result<()> {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            match self.rest.next() {
                None => bail!("a character class has no end"),
                Some(']') => break,
                Some('[') => bail!("subtraction of character classes is not supported"),
                Some('\\') => match self.rest.next() {
                    Some('s') => self.out.push_str(" \\t\\n\\r"),
                    Some(other) => self.common_escape(other, push_class_literal)?,
                    None => bail!("the expression ends in a backslash"),
                },
                Some('-') => {
                    // A hyphen at either end stands for itself.
                    if first || self.rest.peek() == Some(&']') {
                        self.out.push_str("\\-");
                    } else {
                        self.out.push('-');
                    }
                }
                Some(other) => push_class_literal(&mut self.out, other),
            }
            first = false;
        }
        self.out.push(']');
        Ok(())
    }

    /// Translates an escape that is written alike within and outside of a
    /// character class; `push` writes a character that stands for itself.
    fn common_escape(&mut self, escaped: char, push: fn(&mut String, char)) -> Result<()> {
        match escaped {
            'n' | 'r' | 't' => {
                self.out.push('\\');
                self.out.push(escaped);
            }
            'd' => self.out.push_str("\\p{Nd}"),
            'D' => self.out.push_str("\\P{Nd}"),
            'p' | 'P' => self.property(escaped)?,
            'i' | 'I' | 'c' | 'C' | 'w' | 'W' | 'S' => {
                bail!("the escape \\{escaped} is not supported here")
            }
            other => push(&mut self.out, other),
        }
        Ok(())
    }

    /// Copies a general category; the blocks of Unicode have no counterpart.
    fn property(&mut self, escaped: char) -> Result<()> {
        if self.rest.next() != Some('{') {
            bail!("a category must follow \\{escaped}");
        }
        let name: String = self
            .rest
            .by_ref()
            .take_while(|&character| character != '}')
            .collect();
        if name.is_empty() || name.starts_with("Is") {
            bail!("the category {name:?} is not supported");
        }
        self.out.push('\\');
        self.out.push(escaped);
        self.out.push('{');
        self.out.push_str(&name);
        self.out.push('}');
        Ok(())
    }
}

/// Writes a character that stands for itself outside of a character class.
fn push_literal(out: &mut String, character: char) {
    if "^$\\.*+?()[]{}|".contains(character) {
        out.push('\\');
    }
    out.push(character);
}

/// Writes a character that stands for itself within a character class.
fn push_class_literal(out: &mut String, character: char) {
    if "^\\[]-".contains(character) {
        out.push('\\');
    }
    out.push(character);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(expression: &str) -> String {
        translate(expression).unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    #[test]
    fn anchors_and_keeps_plain_syntax() {
        assert_eq!(translated("[0-9]{1,3}|a*"), "^(?:[0-9]{1,3}|a*)$");
    }

    #[test]
    fn groups_do_not_capture() {
        assert_eq!(translated("(a(b)?)+"), "^(?:(?:a(?:b)?)+)$");
    }

    #[test]
    fn anchors_of_other_dialects_are_ordinary_characters() {
        assert_eq!(translated("^a$"), "^(?:\\^a\\$)$");
    }

    #[test]
    fn hyphens_are_escaped_only_where_they_stand_for_themselves() {
        assert_eq!(translated("[-a-z]"), "^(?:[\\-a-z])$");
        assert_eq!(translated("[a-z_-]"), "^(?:[a-z_\\-])$");
        assert_eq!(translated("[a\\-z]"), "^(?:[a\\-z])$");
        assert_eq!(translated("a\\-z"), "^(?:a-z)$");
    }

    #[test]
    fn categories_and_digits_use_unicode() {
        assert_eq!(
            translated("[\\p{N}\\p{L}]\\d"),
            "^(?:[\\p{N}\\p{L}]\\p{Nd})$"
        );
    }

    #[test]
    fn what_cannot_be_carried_over_is_refused() {
        for expression in ["[a-z-[b]]", "\\p{IsGreek}", "\\c", "[a", "a\\"] {
            assert!(translate(expression).is_err(), "{expression}");
        }
    }
}
