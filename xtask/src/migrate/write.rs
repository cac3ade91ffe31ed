//! The tree as YAML that reads the same in YAML 1.1 and 1.2.

use super::comments::Notes;
use super::tree::{Entry, List, Map, Value};
use crate::yaml::{Type, resolve, resolve_1_1};

/// The text of a document: its root, comments at the head and at the foot.
///
/// Lists stand two columns behind their key, texts in single quotes where a
/// reader of either version of YAML would see something else, and what has lines
/// as a block. The larger parts of a descriptor have an empty line before them.
pub(super) fn document(root: &Map, foot: &[String]) -> String {
    let mut writer = Writer {
        text: String::new(),
    };
    writer.map(root, 0, 0);
    writer.comments(foot, 0);
    writer.text
}

struct Writer {
    text: String,
}

impl Writer {
    fn indent(&mut self, columns: usize) {
        self.text.extend(std::iter::repeat_n(' ', columns));
    }

    fn comments(&mut self, lines: &[String], columns: usize) {
        for line in lines {
            self.indent(columns);
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    fn behind(&mut self, notes: &Notes) {
        if let Some(comment) = &notes.behind {
            self.text.push(' ');
            self.text.push_str(comment);
        }
        self.text.push('\n');
    }

    fn map(&mut self, map: &Map, columns: usize, depth: usize) {
        self.entries(&map.entries, columns, depth, false);
    }

    /// Every entry on lines of its own. `depth` is 1 in the body of a descriptor,
    /// whose larger parts stand apart; `is_rest` where another entry came before.
    fn entries(&mut self, entries: &[Entry], columns: usize, depth: usize, is_rest: bool) {
        for (i, entry) in entries.iter().enumerate() {
            let is_large = matches!(&entry.value, Value::Map(_) | Value::List(_));
            if depth == 1 && (i > 0 || is_rest) && is_large {
                self.text.push('\n');
            }
            self.comments(&entry.notes.above, columns);
            self.indent(columns);
            self.key(&entry.key, &entry.value, &entry.notes, columns, depth);
        }
    }

    fn key(&mut self, key: &str, value: &Value, notes: &Notes, columns: usize, depth: usize) {
        self.text.push_str(&scalar(key, columns));
        self.text.push(':');
        match value {
            Value::Map(map) if !map.is_empty() => {
                self.behind(notes);
                self.map(map, columns + 2, depth + 1);
            }
            Value::List(list) if !list.is_empty() => {
                self.behind(notes);
                // The body of a service or a slice is the item of a list.
                let depth = match key {
                    "nsd" | "nst" => 1,
                    _ => 2,
                };
                self.list(list, columns + 2, depth);
            }
            Value::Map(_) => {
                self.text.push_str(" {}");
                self.behind(notes);
            }
            Value::List(_) => {
                self.text.push_str(" []");
                self.behind(notes);
            }
            value => {
                self.text.push(' ');
                self.scalar(value, notes, columns);
            }
        }
        self.comments(&notes.below, columns);
    }

    fn scalar(&mut self, value: &Value, notes: &Notes, columns: usize) {
        let text = match value {
            Value::Plain(text) => text.clone(),
            Value::Quoted(text) => quoted(text),
            Value::Text(text) => scalar(text, columns + 2),
            Value::Map(_) | Value::List(_) => String::new(),
        };
        // Behind a block there is no room but in its first line.
        match (text.split_once('\n'), &notes.behind) {
            (Some((first, rest)), Some(comment)) => {
                self.text.push_str(&format!("{first} {comment}\n{rest}\n"));
            }
            (Some(_), None) => {
                self.text.push_str(&text);
                self.text.push('\n');
            }
            (None, _) => {
                self.text.push_str(&text);
                self.behind(notes);
            }
        }
    }

    fn list(&mut self, list: &List, columns: usize, depth: usize) {
        for (item, notes) in &list.items {
            self.comments(&notes.above, columns);
            match item {
                Value::Map(map) if !map.is_empty() => {
                    // What stands above the first key stands above the dash.
                    let first = &map.entries[0];
                    self.comments(&first.notes.above, columns);
                    self.indent(columns);
                    self.text.push_str("- ");
                    let mut own = first.notes.clone();
                    own.above.clear();
                    own.behind = own.behind.or_else(|| notes.behind.clone());
                    self.key(&first.key, &first.value, &own, columns + 2, depth);
                    self.entries(&map.entries[1..], columns + 2, depth, true);
                }
                Value::Map(_) => self.line("- {}", notes, columns),
                Value::List(inner) => {
                    self.line("-", notes, columns);
                    self.list(inner, columns + 2, 2);
                }
                value => {
                    self.indent(columns);
                    self.text.push_str("- ");
                    self.scalar(value, notes, columns);
                }
            }
            self.comments(&notes.below, columns);
        }
    }

    fn line(&mut self, text: &str, notes: &Notes, columns: usize) {
        self.indent(columns);
        self.text.push_str(text);
        self.behind(notes);
    }
}

/// A text as it is written where its own lines would begin at `columns`.
fn scalar(text: &str, columns: usize) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if !text.contains('\n') && !text.chars().any(is_special) {
        return quoted(text);
    }
    block(text, columns).unwrap_or_else(|| escaped(text))
}

/// In single quotes; in double ones what these can't hold.
fn quoted(text: &str) -> String {
    if text.contains('\n') || text.chars().any(is_special) {
        return escaped(text);
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// Characters that YAML takes in double quotes and as escapes only.
fn is_special(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Whether a text needs no quotes: it is no number, boolean, null or date in any
/// version of YAML, and no character of it means anything.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let starts = first.is_alphanumeric() || matches!(first, '/' | '.' | '_' | '(' | '+' | '$');
    let ends = !text.ends_with([' ', ':']);
    let quiet = !text.contains(": ") && !text.contains(" #") && !text.contains('\n');
    let single = matches!(text, "y" | "Y" | "n" | "N");
    starts
        && ends
        && quiet
        && !single
        && !text.starts_with("...")
        && !text.chars().any(is_special)
        && resolve(text) == Type::Str
        && resolve_1_1(text).is_none()
}

/// A text with lines as a literal block, unless its first line begins with space:
/// how far the block is indented would have to be said then.
fn block(text: &str, columns: usize) -> Option<String> {
    let is_fine = |c: char| c == '\n' || c == '\t' || !is_special(c);
    if !text.chars().all(is_fine) || text.starts_with([' ', '\t', '\n']) {
        return None;
    }
    let body = text.trim_end_matches('\n');
    let (chomp, end) = match text.len() - body.len() {
        0 => ("|-", 0),
        1 => ("|", 0),
        more => ("|+", more - 1),
    };
    let mut out = chomp.to_owned();
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', columns));
            out.push_str(line);
        }
    }
    out.extend(std::iter::repeat_n('\n', end));
    Some(out)
}

fn escaped(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_special(c) => out.push_str(&match u32::from(c) {
                code @ 0..=0xff => format!("\\x{code:02x}"),
                code @ 0x100..=0xffff => format!("\\u{code:04x}"),
                code => format!("\\U{code:08x}"),
            }),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Limits, parse};

    #[test]
    fn every_text_is_read_as_it_was_given() {
        let texts = [
            "",
            " ",
            "a",
            "1",
            "1.0",
            "0755",
            "yes",
            "y",
            "null",
            "~",
            "true",
            "2024-01-01",
            "12:30:45",
            "a: b",
            "a #b",
            "#a",
            "-",
            "- a",
            "a:",
            "'",
            "\"",
            "it's",
            "\\",
            "{{ x }}",
            "[a]",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a`",
            "|",
            ">",
            "<<",
            "=",
            "a\nb",
            "a\nb\n",
            "a\n\nb\n\n",
            "\na",
            "  a\nb",
            "a\r\nb",
            "\t",
            "a\tb",
            "a\t\n\tb",
            "\u{7}",
            "\u{85}",
            "\u{2028}",
            "\u{feff}x",
            "ünï",
            "---",
            "...",
            "a \nb",
            "a\n ",
            "1e3",
            "0o17",
            "0x1f",
            "$VAR",
            "#cloud-config\nx: 1\n",
            "a\n#b\n",
            ".",
            ".inf",
            "+1",
            "a,b",
            "a]",
        ];
        for text in texts {
            for quoted in [false, true] {
                let value = match quoted {
                    true => Value::Quoted(text.to_owned()),
                    false => Value::Text(text.to_owned()),
                };
                let mut inner = Map::default();
                inner.put("k", value.clone(), Notes::default());
                let mut list = List::default();
                list.items.push((value.clone(), Notes::default()));
                list.push(inner.clone());
                let mut root = Map::default();
                root.put("a", value, Notes::default());
                root.map("m", inner);
                root.list("l", list);
                let out = document(&root, &[]);
                let doc = parse("x.yaml", out.as_bytes(), Limits::default());
                let root = doc.root().unwrap_or_else(|| panic!("{text:?}: {out}"));
                let found = [
                    root.get("a"),
                    root.get("m").and_then(|m| m.get("k")),
                    root.get("l").and_then(|l| l.item(0)),
                    root.get("l")
                        .and_then(|l| l.item(1))
                        .and_then(|m| m.get("k")),
                ];
                for node in found {
                    let node = node.unwrap_or_else(|| panic!("{text:?}: {out}"));
                    assert_eq!(node.text(), Some(text), "{out}");
                    assert_eq!(node.scalar_type(), Some(Type::Str), "{out}");
                }
            }
        }
    }
}
