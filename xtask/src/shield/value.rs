//! Where the value of a key stands in the text of a manifest.

use std::ops::Range;

use crate::yaml::Entry;

/// Where the value of a key is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// These bytes are the value, or the alias that stands for it.
    Value(Range<usize>),
    /// There is none; it goes here.
    Empty(usize),
    /// A block scalar begins here, with its header.
    Block(usize),
    /// What stands there is read at other places as well.
    Shared,
}

/// Where the value of an entry in block or flow style stands. What stands before it (YAML 1.2,
/// "Node Properties": an anchor, a tag) is no part of it.
pub(super) fn spot(text: &str, entry: &Entry<'_>) -> Spot {
    let (key, value) = (entry.key_at(), entry.value());
    let colon = text[key.end..].find(':');
    let mut at = key.end + colon.map_or(0, |colon| colon + 1);
    // Behind the last property.
    let mut behind = at;
    let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}');
    let token = loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = &text[at..];
        let end = at + rest.find(is_end).unwrap_or(rest.len());
        if !rest.starts_with(['&', '!']) {
            break at..end;
        }
        (at, behind) = (end, end);
    };
    let whole = value.at();
    if text[token.clone()].starts_with('*') {
        return Spot::Value(token);
    }
    let own = key.start..whole.end.max(key.end);
    if value.document().is_shared(&own) {
        return Spot::Shared;
    }
    if whole.start <= key.end || whole.is_empty() {
        return Spot::Empty(behind);
    }
    match text[token.clone()].starts_with(['|', '>']) {
        true => Spot::Block(token.start),
        false => Spot::Value(whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Limits, parse};

    #[test]
    fn values_with_whatever_stands_before_them() {
        let of = |text: &str| {
            let doc = parse("x.yaml", text.as_bytes(), Limits::default());
            let entry = doc.root().and_then(|root| root.entry("k")).expect("a key");
            match spot(text, &entry) {
                Spot::Value(at) => text[at].to_owned(),
                Spot::Empty(at) => format!("{}^", &text[..at]),
                Spot::Block(at) => format!("{}|", &text[..at]),
                Spot::Shared => "shared".to_owned(),
            }
        };
        for (text, wanted) in [
            ("k: v # c\n", "v"),
            ("k : 'v'\n", "'v'"),
            ("{\"k\":\"v\", a: b}\n", "\"v\""),
            ("k: &a v\n", "v"),
            ("k: !!str &a 'v'\n", "'v'"),
            ("k:\n  v\n", "v"),
            ("a: &a v\nk: *a\n", "*a"),
            ("{a: &a v, k: *a, b: c}\n", "*a"),
            ("k: &a v\nb: *a\n", "shared"),
            ("k: &a\nb: *a\n", "shared"),
            ("k:\nb: c\n", "k:^"),
            ("k: !!str\nb: c\n", "k: !!str^"),
            ("k: &a # c\nb: c\n", "k: &a^"),
            ("{k: , b: c}\n", "{k:^"),
            ("k: >-\n  v\n  w\nb: c\n", "k: |"),
            ("k: !!str |\n  v\nb: c\n", "k: !!str |"),
        ] {
            assert_eq!(of(text), wanted, "{text}");
        }
    }
}
