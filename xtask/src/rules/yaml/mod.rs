//! Rules on the text of a descriptor.

mod duplicate_key;
mod syntax;

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[&syntax::LINT, &duplicate_key::LINT];
