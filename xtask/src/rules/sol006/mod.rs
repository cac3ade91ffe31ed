//! Rules on what ETSI's models demand beyond the shape of a descriptor.
//!
//! OSM's loader looks at none of it, so in its profile they warn; what its
//! north-bound interface refuses is told by the family `osm`.

pub(super) mod condition;
pub(super) mod dangling_reference;
pub(super) mod duplicate_list_key;
mod unknown_cpd;
pub(super) mod unknown_descriptor;
pub(super) mod unknown_flavour;
mod unknown_sap;

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[
    &duplicate_list_key::LINT,
    &dangling_reference::LINT,
    &condition::LINT,
    &unknown_descriptor::LINT,
    &unknown_cpd::LINT,
    &unknown_flavour::LINT,
    &unknown_sap::LINT,
];
