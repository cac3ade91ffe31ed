//! Patterns of the configuration that say which files go into a package.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use serde::Deserialize;

/// A pattern in the notation of `.gitignore`, for what lies below the folder of a package.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub struct Pattern(String);

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = text.trim_start_matches('!').split('/');
        if parts.any(|part| part == "..") {
            return Err(format!(
                "the pattern `{text}` leads out of the package: patterns are about what lies in \
                 its folder, and `files` takes in what lies elsewhere"
            ));
        }
        let mut builder = GitignoreBuilder::new("");
        let added = builder.add_line(None, &text).map(|_| ());
        let error = added.and_then(|()| builder.build().map(|_| ())).err();
        match error {
            Some(error) => Err(format!("the pattern `{text}` can't be read: {error}")),
            None => Ok(Pattern(text)),
        }
    }
}

/// What `include` and `exclude` say of the files in the folder of a package.
#[derive(Clone, Debug)]
pub(super) struct Patterns {
    /// The only files that go in; `None` for all.
    include: Option<Gitignore>,
    /// Files that do not go in.
    exclude: Gitignore,
}

impl Patterns {
    pub fn new(include: Option<&[Pattern]>, exclude: &[Pattern]) -> Self {
        Patterns {
            include: include.map(matcher),
            exclude: matcher(exclude),
        }
    }

    /// Whether a file, or all of a folder, at a path in the package does not go in.
    pub fn leave_out(&self, path: &str, is_dir: bool) -> bool {
        let covers = |patterns: &Gitignore, is_dir| {
            let found = patterns.matched_path_or_any_parents(Path::new(path), is_dir);
            found.is_ignore()
        };
        // Of a folder that no pattern names, something below it may be named.
        let is_wanted = |include: &Gitignore| is_dir || covers(include, false);
        covers(&self.exclude, is_dir) || !self.include.as_ref().is_none_or(is_wanted)
    }
}

fn matcher(patterns: &[Pattern]) -> Gitignore {
    let mut builder = GitignoreBuilder::new("");
    for Pattern(text) in patterns {
        // Each was read before.
        let _ = builder.add_line(None, text);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(texts: &[&str]) -> Vec<Pattern> {
        let read = |text: &&str| Pattern::try_from((*text).to_owned()).expect(text);
        texts.iter().map(read).collect()
    }

    #[test]
    fn exclusion_takes_away_from_what_is_included() {
        let include = patterns(&["/scripts/", "*.png", "!draft.png"]);
        let both = Patterns::new(Some(&include), &patterns(&["*.orig"]));
        for (path, is_out) in [
            ("scripts/a.sh", false),
            ("scripts/deep/b.sh", false),
            ("scripts/a.sh.orig", true),
            ("icons/a.png", false),
            ("icons/draft.png", true),
            ("other/scripts/a.sh", true),
            ("README.md", true),
        ] {
            assert_eq!(both.leave_out(path, false), is_out, "{path}");
        }
        assert!(!both.leave_out("icons", true));
    }

    #[test]
    fn without_include_all_else_goes_in() {
        let all = Patterns::new(None, &patterns(&["notes/", "*.md", "!README.md"]));
        assert!(all.leave_out("notes", true) && all.leave_out("notes/a.txt", false));
        assert!(all.leave_out("a.md", false) && !all.leave_out("README.md", false));
        assert!(!all.leave_out("a.txt", false));
        let none = Patterns::new(Some(&[]), &[]);
        assert!(none.leave_out("a.txt", false));
    }

    #[test]
    fn what_leads_out_or_is_no_pattern_is_refused() {
        for text in ["../x", "a/../b", "!../x", "[z-a"] {
            assert!(Pattern::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
