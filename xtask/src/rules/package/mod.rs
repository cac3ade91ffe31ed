//! Rules of the `package` family.

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[];
