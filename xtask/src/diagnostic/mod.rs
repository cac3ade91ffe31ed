//! What the program has to say about a user's files, as data.
//!
//! Nothing in here formats for a screen or touches a file: a [`Diagnostic`] is
//! made by the rooms that look at descriptors and packages, and turned into
//! text by the pure functions in [`crate::report`].

mod fix;
mod rule;
mod source_file;

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

pub use fix::{Edit, Fix, apply};
pub use rule::{Example, Level, Rule};
pub use source_file::{Position, SourceFile};

/// An error and its reasons in one line.
pub fn with_reasons(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// How bad a finding is. The order is that of increasing weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; the package can be built.
    Warning,
    /// The package is not built and the run ends with exit code 1.
    Error,
}

impl Severity {
    /// The word used for this severity in every report.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A place in a file, or a whole file where no place can be named.
#[derive(Clone, Debug)]
pub struct Span {
    /// The file, with its text.
    pub file: Arc<SourceFile>,
    /// Byte offsets into the text; `None` speaks of the file as a whole.
    pub range: Option<Range<usize>>,
}

impl Span {
    /// A range of bytes in `file`.
    pub fn new(file: &Arc<SourceFile>, range: Range<usize>) -> Self {
        Span {
            file: Arc::clone(file),
            range: Some(range),
        }
    }

    /// The file as a whole.
    pub fn whole(file: &Arc<SourceFile>) -> Self {
        Span {
            file: Arc::clone(file),
            range: None,
        }
    }

    /// A file or folder of which only the path matters (an image, a folder).
    pub fn path(path: impl Into<String>) -> Self {
        Span::whole(&Arc::new(SourceFile::without_text(path)))
    }

    /// Line and column of the first byte; `None` for a whole file.
    pub fn start(&self) -> Option<Position> {
        let range = self.range.as_ref()?;
        Some(self.file.position(range.start))
    }

    /// Line and column just behind the last byte; `None` for a whole file.
    pub fn end(&self) -> Option<Position> {
        let range = self.range.as_ref()?;
        Some(self.file.position(range.end))
    }

    fn key(&self) -> (&str, usize, usize) {
        let range = self.range.clone().unwrap_or(0..0);
        (self.file.path(), range.start, range.end)
    }
}

/// A span and what is to be said of it.
#[derive(Clone, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// A fragment without a full stop; may be empty on the primary label.
    pub text: String,
}

/// What a finding says in short, so that a report for people can say it once of
/// many descriptors that have the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Whose demand it is: `SOL006 2.6.1`.
    pub model: String,
    /// The nodes that are not there.
    pub missing: BTreeSet<String>,
    /// The nodes that are there and are not as they should be.
    pub different: BTreeSet<String>,
    /// How many places there are.
    pub places: usize,
    /// That there are more places than this, and the others were not counted.
    pub more_than: Option<usize>,
}

/// One finding.
///
/// If only one line can be shown, it is `message`: it must be understood
/// without the labels. `help` says what to do, each entry one suggestion.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule that was broken.
    pub rule: &'static Rule,
    /// Set by the level of the rule in force; see `rules::Levels`.
    pub severity: Severity,
    /// What is wrong, without a full stop.
    pub message: String,
    /// The place to mend.
    pub primary: Label,
    /// Other places that belong to the problem (the first of two equal keys).
    pub secondary: Vec<Label>,
    /// Facts that help to understand the finding.
    pub notes: Vec<String>,
    /// What to write instead.
    pub help: Vec<String>,
    /// What `--fix` does: one for each place that the finding speaks of, none
    /// where only the author can know what is meant.
    pub fixes: Vec<Fix>,
    /// What `--fix` would do and does not.
    pub held: Vec<Fix>,
    /// Places that it speaks of as well and that are not shown, because they are
    /// many and all alike.
    pub counted: Vec<Span>,
    /// How many findings it stands for: more than one where a file has so many of
    /// a rule that the last of them are told as one.
    pub findings: usize,
    /// For a finding that may be told together with its like.
    pub tally: Option<Tally>,
    /// The node that would have to be there, for a finding that may be there only
    /// because the node is misspelt.
    pub lacks: Option<String>,
    /// The node that a misspelt one is taken for.
    pub meant: Option<String>,
}

/// Messages name values, and a value may be the whole of a large file.
fn clip(mut text: String) -> String {
    const LONGEST: usize = 4000;
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or(0));
        text.push('…');
    }
    text
}

impl Diagnostic {
    /// The note on the model that a descriptor was held against, if that has found this.
    pub fn against(&self) -> Option<&str> {
        let mut notes = self.notes.iter().map(String::as_str);
        notes.find(|note| note.starts_with("checked against "))
    }

    /// A finding of `rule` at `span`, with the rule's default severity.
    pub fn new(rule: &'static Rule, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            rule,
            severity: match rule.level {
                Level::Deny => Severity::Error,
                Level::Warn | Level::Allow => Severity::Warning,
            },
            message: clip(message.into()),
            primary: Label {
                span,
                text: String::new(),
            },
            secondary: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            fixes: Vec::new(),
            held: Vec::new(),
            counted: Vec::new(),
            findings: 1,
            tally: None,
            lacks: None,
            meant: None,
        }
    }

    /// Says something at the caret.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = clip(text.into());
        self
    }

    /// Points at a second place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label {
            span,
            text: clip(text.into()),
        });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(clip(text.into()));
        self
    }

    /// Adds a suggestion.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(clip(text.into()));
        self
    }

    /// Notes which node would have to be there.
    #[must_use]
    pub fn lacks(mut self, node: impl Into<String>) -> Self {
        self.lacks = Some(node.into());
        self
    }

    /// Says what a name was most likely meant to be.
    #[must_use]
    pub fn meant(mut self, name: &str) -> Self {
        self.meant = Some(name.to_owned());
        self.help(format!("did you mean `{name}`?"))
    }

    /// Adds what `--fix` does, if there is something that it can do, or says why it
    /// does not.
    #[must_use]
    pub fn fix(mut self, fix: Option<Fix>) -> Self {
        match fix {
            Some(fix) if fix.held.is_some() => self.hold(vec![fix]),
            fix => self.fixes.extend(fix),
        }
        self
    }

    /// Adds what `--fix` would do and does not, and says why of the first.
    pub fn hold(&mut self, fixes: Vec<Fix>) {
        if let (true, Some(fix)) = (self.held.is_empty(), fixes.first()) {
            let reason = fix.held.unwrap_or_default();
            let text = format!("`--fix` does not {}, {reason}", fix.title);
            self.help.push(clip(text));
        }
        self.held.extend(fixes);
    }

    /// The finding that is told in place of this one and those like it that come
    /// after it in its file, `findings` of them.
    #[must_use]
    pub fn standing_for(self, findings: usize) -> Self {
        let id = self.rule.id;
        let message = format!("{findings} more findings of `{id}` in this file, the first here");
        Diagnostic {
            severity: self.severity,
            fixes: self.fixes,
            held: self.held,
            findings,
            ..Diagnostic::new(self.rule, self.primary.span, message)
        }
    }

    /// The order of every report: by path, then offset, then rule and text,
    /// so that the order in which threads found things is never visible.
    pub fn compare(&self, other: &Self) -> Ordering {
        self.primary
            .span
            .key()
            .cmp(&other.primary.span.key())
            .then_with(|| other.severity.cmp(&self.severity))
            .then_with(|| self.rule.id.cmp(other.rule.id))
            .then_with(|| self.message.cmp(&other.message))
    }
}
