//! Rules of the `osm` family.

pub(super) mod envelope {
    pub fn is_wrong(_: &crate::descriptor::Descriptor) -> bool {
        false
    }
}

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[];
