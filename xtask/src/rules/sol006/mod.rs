//! Rules on what ETSI's models demand beyond the shape of a descriptor.
//!
//! OSM's loader looks at none of it; what its north-bound interface refuses is
//! told by the family `osm`.

mod condition;
mod dangling_reference;
mod duplicate_list_key;

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[
    &duplicate_list_key::LINT,
    &dangling_reference::LINT,
    &condition::LINT,
];
