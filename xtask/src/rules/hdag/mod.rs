//! Rules of the `hdag` family.

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[];
