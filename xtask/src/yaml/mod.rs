//! YAML text to a tree in which every node knows its bytes.
//!
//! The event parser is `granit-parser`; nothing outside this module names it.
//! A tree of our own stands on it because no reader shaped after serde keeps a
//! position for every node, and because several of them keep the last of two
//! equal keys without a word. Most descriptors never meet that parser: `fast`
//! reads the little YAML that they are written in.
//!
//! No I/O, no diagnostics: what is wrong with a text comes back as
//! [`Problem`]s, which the rules of the `yaml` family put into words.

mod build;
mod fast;
mod fill;
mod loose;
mod mapping;
mod problem;
mod pyyaml;
mod scalar;
#[cfg(test)]
mod tests;
mod tree;
mod twins;

pub use build::{Limits, parse};
pub use fill::{Placeholders, Use, is_name as is_placeholder_name, placeholders_in};
pub use problem::{Loose, NoValue, Problem, ProblemKind};
pub use pyyaml::{PyScalar, no_value, pyyaml, pyyaml_plain};
pub use scalar::{Legacy, Style, Type, resolve, resolve_1_1};
pub use tree::{Comment, Document, Entry, Met, Node, Shape};
pub(crate) use twins::is_bare;
