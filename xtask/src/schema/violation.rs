//! A departure of a document from its schema, as data.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A place where a document departs from a schema.
#[derive(Clone, Debug)]
pub struct Violation {
    /// In what way.
    pub kind: ViolationKind,
    /// Bytes of the scalar, or of the key whose value is a collection.
    pub at: Range<usize>,
    /// Path of the node in the document: `vnfd/vdu/0/id`.
    pub path: String,
    /// Whether OSM's own loader lets it pass. Only the models that OSM reads
    /// through its Python classes have such departures.
    pub tolerated: bool,
    /// The number of the published defect that makes this demand, where the
    /// letter of the modules was asked for; see `docs/sol006-defects.md`.
    pub defect: Option<u8>,
}

/// The ways in which a document departs from a schema.
#[derive(Clone, Debug, PartialEq)]
pub enum ViolationKind {
    /// A key that the schema does not know here.
    UnknownKey {
        /// The key as written.
        key: String,
        /// The keys it knows here.
        known: Arc<[String]>,
        /// Those of them that the mapping does not have yet.
        free: Arc<[String]>,
        /// The keys that the mapping has, as written; of very many only the
        /// first.
        present: Arc<[String]>,
        /// The free key that was meant, once somebody has looked for it: the
        /// search is costly and asked for several times.
        meant: OnceLock<Option<String>>,
        /// How many unknown keys the mapping has. Only the first of very many
        /// have a violation of their own.
        total: usize,
    },
    /// A key that must be there.
    MissingKey {
        /// The key.
        key: String,
        /// Whether it is the key of a list, which OSM demands too.
        is_list_key: bool,
    },
    /// The value has another shape or type.
    WrongType {
        /// What it should be, in words.
        expected: String,
        /// What it is, in words.
        found: String,
        /// Whether the schema wants a list of what is there once.
        is_single_item: bool,
        /// The keys of an item, where a list of mappings is wanted.
        item_keys: Vec<String>,
        /// What OSM makes of a number, where that is another one.
        becomes: Option<String>,
    },
    /// The value is not one of those allowed.
    NotAllowed {
        /// The value.
        value: String,
        /// Those allowed.
        options: Vec<String>,
    },
    /// A number below or above its bounds.
    OutOfRange {
        /// The value.
        value: String,
        /// `at least 0` or the like.
        bound: String,
    },
    /// A text that does not look as it must.
    BadFormat {
        /// The value.
        value: String,
        /// What it must look like: the schema's own words or its pattern.
        format: String,
    },
    /// A list with too few or too many items, or an empty text.
    Count {
        /// `at least 1 item` or the like.
        bound: String,
    },
    /// A list that holds the same value twice.
    Repeated {
        /// The value as it stands there again.
        value: String,
        /// Bytes of the item that came first.
        first: Range<usize>,
    },
    /// Two keys of which only one may be there.
    Conflict {
        /// The key at `at`.
        key: String,
        /// The other.
        other: String,
    },
    /// None of several keys is there, and one must be.
    NoneOf {
        /// The keys, case by case.
        options: Vec<String>,
    },
    /// An item of a list with the keys of another.
    DuplicateKey {
        /// The keys of the list.
        keys: Vec<String>,
        /// Their values, separated by spaces.
        value: String,
        /// Bytes of the first key of the item that came first.
        first: Range<usize>,
    },
    /// Two items of a list that OSM's loader makes one of, after which its north-bound
    /// interface fails.
    Merged {
        /// The keys of the list; none of a list of values.
        keys: Vec<String>,
        /// Their values, separated by spaces, or the value.
        value: String,
        /// Bytes of the first key of the item that came first, or of the value.
        first: Range<usize>,
    },
    /// The key of an item that OSM's loader does not find or take.
    ListKey {
        /// The key.
        key: String,
        /// How it is written with a module prefix; `None` where it is the value
        /// that is empty.
        written: Option<String>,
    },
    /// A key with the prefix of a module that it does not belong to.
    Prefix {
        /// The key, without the prefix.
        key: String,
        /// The prefix.
        prefix: String,
        /// The name of the module that it belongs to.
        module: String,
        /// Whether the mapping has the key only once.
        is_only: bool,
    },
    /// A key that stands twice in one mapping, with and without the prefix of
    /// a module.
    SameKey {
        /// The key as written.
        key: String,
        /// The other as written.
        other: String,
        /// Bytes of the other.
        first: Range<usize>,
    },
    /// A value that must stand elsewhere too and does not.
    DanglingReference {
        /// The value.
        value: String,
        /// The node that should have it; empty where that is the same node or
        /// one above it.
        target: String,
        /// The leaf of that node.
        leaf: String,
        /// The leafs of that node by which a value beside it chooses among several.
        chosen: Vec<String>,
        /// The values that there are.
        known: Arc<[String]>,
        /// Whether one of the nodes that should have such a value has none.
        is_one_unnamed: bool,
        /// The path of a node in which that node would stand, where there is one.
        around: Option<String>,
        /// The kind of the descriptor in which the node is, where it is not the
        /// one that the value stands in: `vnfd`.
        elsewhere: Option<String>,
    },
    /// Values that do not go together.
    Condition {
        /// The name of the condition.
        name: String,
        /// What is wrong.
        text: String,
        /// Bytes of the other value.
        other: Option<Range<usize>>,
        /// Bytes of a third, by which the first has the value that is compared, and
        /// what that is, in words.
        third: Option<(Range<usize>, &'static str)>,
    },
    /// There are more that are let pass than this, and the others are not told of.
    More {
        /// How many there are at least.
        most: usize,
    },
    /// There are more than this, and the rest was not looked at.
    Unread {
        /// How many there are at least.
        most: usize,
    },
    /// Anything else, in the validator's words.
    Other(String),
}

impl ViolationKind {
    /// A value of another shape or type, in words.
    pub(super) fn wrong_type(expected: impl Into<String>, found: impl Into<String>) -> Self {
        ViolationKind::WrongType {
            expected: expected.into(),
            found: found.into(),
            is_single_item: false,
            item_keys: Vec::new(),
            becomes: None,
        }
    }
}

/// Counts violations while they are found, so that no document has more of them
/// than anybody reads. What is let pass leaves no room for less: of it only the
/// first are kept, and the search goes on for what is not.
pub(super) struct Ledger {
    most: usize,
    /// Whether anything is let pass.
    lets_pass: bool,
    /// How many were counted.
    seen: usize,
    tolerated: usize,
    others: usize,
    is_cut: bool,
}

impl Ledger {
    /// A count up to `most` of what is let pass and as many others.
    pub fn new(most: usize, lets_pass: bool) -> Self {
        Ledger {
            most,
            lets_pass,
            seen: 0,
            tolerated: 0,
            others: 0,
            is_cut: false,
        }
    }

    /// Counts what was added at the end since the last time. Gives whether it is
    /// worth while to look for more.
    pub fn count(&mut self, violations: &mut Vec<Violation>) -> bool {
        while let Some(violation) = violations.get(self.seen) {
            if !(self.lets_pass && violation.tolerated) {
                self.others += 1;
            } else if self.tolerated < self.most {
                self.tolerated += 1;
            } else {
                self.is_cut = true;
                violations.swap_remove(self.seen);
                continue;
            }
            self.seen += 1;
        }
        !self.is_full()
    }

    /// Begins to count the others anew, behind those that there are.
    pub fn reopen(&mut self, violations: &[Violation]) {
        self.seen = violations.len();
        self.others = 0;
    }

    /// Whether some of what is let pass was not kept.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether there are more others than are told.
    pub fn is_full(&self) -> bool {
        self.others > self.most
    }
}
