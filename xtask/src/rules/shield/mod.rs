//! Rules of the `shield` family.

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[];
