//! Rules on the text of a descriptor.

mod alias;
mod ambiguous_scalar;
pub(super) mod duplicate_key;
mod encoding;
mod limits;
mod loose;
mod merge_key;
mod multiple_documents;
mod non_string_key;
mod slips;
mod strange_space;
mod syntax;
mod unknown_allow;
mod unknown_tag;

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[
    &syntax::LINT,
    &encoding::LINT,
    &limits::LINT,
    &loose::LINT,
    &multiple_documents::LINT,
    &duplicate_key::LINT,
    &non_string_key::LINT,
    &alias::LINT,
    &merge_key::LINT,
    &ambiguous_scalar::LINT,
    &unknown_allow::LINT,
    &strange_space::LINT,
    &unknown_tag::LINT,
];
