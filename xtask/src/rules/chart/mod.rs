//! Rules of the `chart` family.

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[];
