//! What a rule is: its name, its level and its page of documentation.

/// What a rule's findings count as unless the user says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Not reported.
    Allow,
    /// Reported as a warning.
    Warn,
    /// Reported as an error.
    Deny,
}

impl Level {
    /// The word for this level in the configuration and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Warn => "warn",
            Level::Deny => "deny",
        }
    }
}

/// A small tree of files that shows a rule at work.
///
/// The tests run every example: `bad` must break the rule and `good` must not.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// Path and text of each file that breaks the rule.
    pub bad: &'static [(&'static str, &'static str)],
    /// Path and text of each file, mended.
    pub good: &'static [(&'static str, &'static str)],
}

/// A rule. Each stands in a file of its own below `rules/`, which also holds
/// the function that looks for it.
#[derive(Debug)]
pub struct Rule {
    /// `family/name`, in lower case with dashes. Never reused for another rule.
    pub id: &'static str,
    /// The level where nothing else is configured.
    pub level: Level,
    /// Whether the level is fixed: no package can be made of a file that
    /// breaks such a rule, so it can't be lowered.
    pub fixed: bool,
    /// One line without a full stop.
    pub summary: &'static str,
    /// The page that `cargo nfv explain` prints, in Markdown.
    pub docs: &'static str,
    /// Files that break it and files that don't.
    pub example: Option<Example>,
}

impl Rule {
    /// The part of the id before the slash.
    pub fn family(&self) -> &'static str {
        self.id.split('/').next().unwrap_or(self.id)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}
