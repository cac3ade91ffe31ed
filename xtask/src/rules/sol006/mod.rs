//! Rules on what ETSI's models demand beyond the shape of a descriptor.
//!
//! Those on one descriptor speak in the profiles of ETSI: OSM's loader looks at
//! none of it, and what its north-bound interface refuses is told by the family
//! `osm`. Those that follow a reference into another descriptor of the tree
//! speak in all profiles.

mod condition;
mod dangling_reference;
mod duplicate_list_key;
mod unknown_cpd;
pub(super) mod unknown_descriptor;
mod unknown_flavour;

use super::Lint;
use crate::diagnostic::Rule;

pub(super) const LINTS: &[&Lint] = &[
    &duplicate_list_key::LINT,
    &dangling_reference::LINT,
    &condition::LINT,
    &unknown_descriptor::LINT,
    &unknown_cpd::LINT,
    &unknown_flavour::LINT,
];

/// Rules whose findings OSM does not mind: errors by ETSI's model, warnings in
/// the profile `osm`.
pub(super) static MILD_IN_OSM: &[&Rule] = &[&unknown_flavour::RULE];
