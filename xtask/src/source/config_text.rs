//! Where the configuration says something: its keys by their places in the file.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::workspace::Workspace;
use crate::diagnostic::{SourceFile, Span};

/// The place of what stands at `keys` in the configuration: the value, or the key where the
/// value is a table. The file as a whole where it can't be told.
///
/// The file is read again for that, as it is asked only where something is wrong.
pub(crate) fn place(workspace: &Workspace, keys: &[&str]) -> Span {
    first_place(workspace, &[keys])
}

/// The place of the first of these that is there.
pub(crate) fn first_place(workspace: &Workspace, all: &[&[&str]]) -> Span {
    let Some(path) = &workspace.config_path else {
        return Span::path("the configuration");
    };
    let shown = workspace.shown(path);
    let text = match &workspace.config.unsaved {
        Some(text) => text.to_string(),
        None => match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(_) => return Span::path(shown),
        },
    };
    match all.iter().find_map(|keys| find(&text, path, keys)) {
        Some(at) => Span::new(&Arc::new(SourceFile::new(shown, text)), at),
        None => Span::path(shown),
    }
}

/// The same as words behind the name of the file; nothing where it can't be told.
pub(crate) fn place_in_words(workspace: &Workspace, keys: &[&str]) -> String {
    let at = place(workspace, keys).start();
    at.map_or_else(String::new, |at| {
        format!(" at line {}, column {}", at.line, at.column)
    })
}

fn find(text: &str, path: &Path, keys: &[&str]) -> Option<Range<usize>> {
    let document = DeTable::parse(text).ok()?;
    let document = document.get_ref();
    if path.file_name().is_none_or(|name| name != "Cargo.toml") {
        return descend(document, keys);
    }
    ["workspace", "package"].iter().find_map(|around| {
        let keys: Vec<&str> = [around, "metadata", "nfv"]
            .into_iter()
            .chain(keys.iter().copied())
            .collect();
        descend(document, &keys)
    })
}

fn descend(table: &DeTable<'_>, keys: &[&str]) -> Option<Range<usize>> {
    let (first, rest) = keys.split_first()?;
    let is_it = |(key, _): &(&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key: &std::borrow::Cow<'_, str> = key.get_ref();
        key == first
    };
    let (key, value) = table.iter().find(is_it)?;
    match (value.get_ref(), rest) {
        (DeValue::Table(_), []) => Some(key.span()),
        (_, []) => Some(value.span()),
        (DeValue::Table(table), rest) => descend(table, rest),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_however_they_are_written() {
        let text = "a.\"b c\" = 1\n[csar]\nx = { y = \"é\", z = [1] }\n[packages.p]\n";
        let at = |keys: &[&str]| {
            let found = find(text, Path::new("nfv.toml"), keys);
            found.map(|range| &text[range])
        };
        assert_eq!(at(&["a", "b c"]), Some("1"));
        assert_eq!(at(&["csar", "x", "y"]), Some("\"é\""));
        assert_eq!(at(&["csar", "x", "z"]), Some("[1]"));
        assert_eq!(at(&["packages", "p"]), Some("p"));
        assert_eq!(at(&["csar", "w"]), None);
        let cargo = "[package.metadata.nfv]\nlayout = \"csar\"\n";
        let found = find(cargo, Path::new("Cargo.toml"), &["layout"]);
        assert_eq!(found.map(|range| &cargo[range]), Some("\"csar\""));
    }
}
