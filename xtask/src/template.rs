//! The files that `cargo nfv new` writes: `templates/` at the top of the
//! repository, packed into the program, and filled in here.
//!
//! `templates/README.md` describes the notation. It is our own and tiny,
//! because the files hold Helm's braces and have to stay YAML.

use std::collections::BTreeMap;

use crate::yaml::{Type, resolve, resolve_1_1};

/// `(kind/path, text)`, sorted.
static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// What stands for the words of a template.
#[derive(Clone, Debug, Default)]
pub struct Values {
    texts: BTreeMap<&'static str, String>,
    lists: BTreeMap<&'static str, Vec<Values>>,
}

impl Values {
    /// Adds a text. An empty one counts as none for `#@if`.
    pub fn text(mut self, word: &'static str, text: impl Into<String>) -> Self {
        self.texts.insert(word, text.into());
        self
    }

    /// Adds a list.
    pub fn list(mut self, word: &'static str, items: Vec<Values>) -> Self {
        self.lists.insert(word, items);
        self
    }

    /// Whether `#@if` sees that word.
    pub fn has(&self, word: &str) -> bool {
        self.texts.get(word).is_some_and(|text| !text.is_empty())
            || self.lists.get(word).is_some_and(|list| !list.is_empty())
    }
}

/// The files of a kind, filled in: path below the package's folder and text.
pub fn files(kind: &str, values: &Values) -> Vec<(String, String)> {
    let own = FILES.iter().filter_map(|(name, text)| {
        let path = name.strip_prefix(kind)?.strip_prefix('/')?;
        Some((words(path, &[values]), fill(text, values)))
    });
    own.collect()
}

/// The text with every word and block of it filled in.
fn fill(text: &str, values: &Values) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::with_capacity(text.len());
    block(&lines, &[values], &mut out);
    out
}

/// A line that opens or closes a block.
enum Mark<'a> {
    If(&'a str),
    Unless(&'a str),
    Each(&'a str),
    End,
}

fn mark(line: &str) -> Option<Mark<'_>> {
    let text = line.trim().strip_prefix("#@")?;
    match text.split_once(' ') {
        None if text == "end" => Some(Mark::End),
        Some(("if", word)) => Some(Mark::If(word)),
        Some(("unless", word)) => Some(Mark::Unless(word)),
        Some(("each", word)) => Some(Mark::Each(word)),
        _ => None,
    }
}

/// Writes these lines. The scopes are those of the blocks around them, the
/// innermost last.
fn block(lines: &[&str], scopes: &[&Values], out: &mut String) {
    let mut i = 0;
    while i < lines.len() {
        let Some(mark) = mark(lines[i]) else {
            line(lines[i], scopes, out);
            i += 1;
            continue;
        };
        let end = i + 1 + matching(&lines[i + 1..]);
        let inside = &lines[i + 1..end];
        match mark {
            Mark::If(word) if is_there(word, scopes) => block(inside, scopes, out),
            Mark::Unless(word) if !is_there(word, scopes) => block(inside, scopes, out),
            Mark::Each(word) => {
                let list = scopes.iter().rev().find_map(|scope| scope.lists.get(word));
                for item in list.into_iter().flatten() {
                    let mut scopes = scopes.to_vec();
                    scopes.push(item);
                    block(inside, &scopes, out);
                }
            }
            Mark::If(_) | Mark::Unless(_) | Mark::End => {}
        }
        i = end + 1;
    }
}

/// How many of these lines come before the end of the block they begin in.
fn matching(lines: &[&str]) -> usize {
    let mut depth = 0;
    let end = lines.iter().position(|line| match mark(line) {
        Some(Mark::End) if depth == 0 => true,
        Some(Mark::End) => {
            depth -= 1;
            false
        }
        Some(_) => {
            depth += 1;
            false
        }
        None => false,
    });
    end.unwrap_or(lines.len())
}

fn is_there(word: &str, scopes: &[&Values]) -> bool {
    scopes.iter().any(|scope| scope.has(word))
}

fn line(line: &str, scopes: &[&Values], out: &mut String) {
    let before = line.trim_end_matches(|c: char| c == '@' || is_of_word(c));
    let word = line[before.len()..]
        .strip_prefix('@')
        .and_then(|rest| rest.strip_suffix('@'));
    let is_value = before.ends_with(": ") || before.ends_with("- ");
    match word.and_then(|word| lookup(word, scopes)) {
        Some(value) if is_value && !before.trim_start().starts_with('#') => {
            out.push_str(&words(before, scopes));
            out.push_str(&scalar(value));
        }
        _ => out.push_str(&words(line, scopes)),
    }
    out.push('\n');
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_lowercase()
}

fn lookup<'a>(word: &str, scopes: &[&'a Values]) -> Option<&'a str> {
    let mut inner = scopes.iter().rev();
    inner.find_map(|scope| scope.texts.get(word).map(String::as_str))
}

/// The text with the words in it replaced, exactly.
fn words(text: &str, scopes: &[&Values]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let value = behind
            .find('@')
            .and_then(|end| Some((end, lookup(&behind[..end], scopes)?)));
        match value {
            Some((end, value)) => {
                out.push_str(value);
                rest = &behind[end + 1..];
            }
            None => {
                out.push('@');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

/// A text as a YAML value that every reader takes for this text.
fn scalar(text: &str) -> String {
    let is_harmless = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '_' | '-' | '/');
    let is_plain = text.starts_with(char::is_alphanumeric)
        && !text.ends_with(' ')
        && text.chars().all(is_harmless)
        && matches!(resolve(text), Type::Str)
        && resolve_1_1(text).is_none();
    if is_plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_replaced_and_quoted_where_yaml_needs_it() {
        let values = Values::default()
            .text("name", "007")
            .text("vendor", "It's: fine");
        let text = "id: @name@\nfile: @name@.txt\n- @vendor@\n# @vendor@\nmail: a@b, @other@\n";
        assert_eq!(
            fill(text, &values),
            "id: '007'\nfile: 007.txt\n- 'It''s: fine'\n# It's: fine\nmail: a@b, @other@\n"
        );
    }

    #[test]
    fn blocks_stay_go_and_are_repeated() {
        let item = |id: &str, level: &str| Values::default().text("id", id).text("level", level);
        let values = Values::default()
            .text("name", "n")
            .list("items", vec![item("a", "x"), item("b", "")])
            .list("none", Vec::new());
        let text = "\
#@if items
some
  #@each items
- @id@ of @name@
#@if level
  level: @level@
#@end
#@end
#@end
#@unless items
gone
#@end
#@if none
gone
#@each items
gone
#@end
#@end
#@unless none
end
#@end
";
        assert_eq!(
            fill(text, &values),
            "some\n- a of n\n  level: x\n- b of n\nend\n"
        );
    }

    #[test]
    fn every_template_is_balanced() {
        for (name, text) in FILES {
            let mut depth = 0;
            for line in text.lines() {
                match mark(line) {
                    Some(Mark::End) => depth -= 1,
                    Some(_) => depth += 1,
                    None => assert!(!line.trim().starts_with("#@"), "{name}: {line}"),
                }
                assert!(depth >= 0, "{name}");
            }
            assert_eq!(depth, 0, "{name}");
        }
    }
}
