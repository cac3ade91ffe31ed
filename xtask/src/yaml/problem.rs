//! What can be wrong with a YAML text.

use std::ops::Range;

/// A fault in a YAML text, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// Where, in bytes.
    pub at: Range<usize>,
}

/// The kinds of faults. Each belongs to one rule of the `yaml` family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The parser stopped; the text says why. Nothing after it was read.
    Syntax {
        /// The parser's own words.
        reason: String,
        /// Whether a tab stands where YAML allows spaces only.
        tab: bool,
        /// Where the innermost bracket stands that was open there.
        open: Option<usize>,
    },
    /// The bytes are not UTF-8.
    Encoding {
        /// The encoding that the first bytes suggest, if they suggest one.
        looks_like: Option<&'static str>,
    },
    /// A key stands twice in one mapping.
    DuplicateKey {
        /// The key.
        key: String,
        /// Where it stood before.
        first: Range<usize>,
        /// The value that it had there, which readers that keep the last lose.
        lost: Range<usize>,
        /// The second key with its value.
        entry: Range<usize>,
        /// Whether both values are written alike.
        is_same: bool,
    },
    /// A key is not a string: a number, a boolean, null, a sequence or a mapping.
    NonStringKey {
        /// What it is instead.
        found: &'static str,
        /// Whether a tag makes it so.
        is_tagged: bool,
    },
    /// The file holds more than one document.
    SecondDocument,
    /// An alias names an anchor that does not exist before it.
    UnknownAlias {
        /// The name behind the `*`.
        name: String,
    },
    /// An alias stands inside the node it names.
    RecursiveAlias,
    /// A tag that YAML itself does not define.
    UnknownTag {
        /// The tag as written.
        tag: String,
    },
    /// A tag of YAML's own on a value that it can't be the type of.
    TagMismatch {
        /// The tag, without `!!`.
        tag: &'static str,
        /// What the value is.
        found: String,
    },
    /// An anchor has a name with letters that YAML 1.1 does not allow in one.
    AnchorName {
        /// The name behind the `&`.
        name: String,
    },
    /// An anchor has the name of one before it.
    AnchorTwice {
        /// The name behind the `&`.
        name: String,
        /// The one before it.
        first: Range<usize>,
    },
    /// A plain scalar that PyYAML takes for a value that Python has not.
    NoValue(NoValue),
    /// A plain scalar in a flow collection has a `?`, or begins with a `:`, each of which
    /// is a sign of its own to PyYAML there.
    FlowSign(char),
    /// A key between braces and its colon are not on one line.
    FlowKey,
    /// A tag without a value stands right before the comma or bracket that ends it.
    FlowTag,
    /// `...` stands before the document that it would end.
    EarlyEnd,
    /// YAML that PyYAML reads and YAML 1.2 does not allow.
    Loose(Loose),
    /// `<<` is not followed by a mapping or a list of mappings.
    BadMerge,
    /// A limit was passed: size, depth, number of nodes or alias expansion.
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much of it is accepted.
        limit: usize,
    },
}

impl ProblemKind {
    /// Whether the tree is incomplete or too dangerous to walk, so that no
    /// later check can say anything true about it.
    pub fn is_fatal(&self) -> bool {
        matches!(
            self,
            ProblemKind::Syntax { .. } | ProblemKind::Encoding { .. } | ProblemKind::Limit { .. }
        )
    }

    /// Whether it is a fault to PyYAML and none to YAML 1.2.
    pub fn is_of_pyyaml(&self) -> bool {
        matches!(
            self,
            ProblemKind::AnchorName { .. }
                | ProblemKind::AnchorTwice { .. }
                | ProblemKind::NoValue(_)
                | ProblemKind::FlowSign(_)
                | ProblemKind::FlowKey
                | ProblemKind::FlowTag
                | ProblemKind::EarlyEnd
        )
    }
}

/// What PyYAML reads though YAML 1.2 does not allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loose {
    /// A comment begins right behind a quote or a bracket.
    Comment,
    /// A line of a text in quotes is not indented.
    Quoted,
    /// A line of a text in quotes is indented with tabs.
    QuotedTab,
    /// A `-` alone is a text in brackets.
    Dash,
    /// An alias is a key, and no space stands before its colon.
    AliasKey,
    /// U+FEFF is a letter inside of the document.
    ByteOrderMark,
    /// U+0085, U+2028 or U+2029 ends a line.
    LineEnd,
}

/// Why Python has no value for a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoValue {
    /// It is a date with a day, an hour or the like that there is not.
    Date(&'static str),
    /// It is a whole number with more digits than Python reads.
    Digits(usize),
    /// It is a whole number without a digit behind its `0x` or `0b`.
    NoDigits,
}
