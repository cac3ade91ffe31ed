//! Rules on NEPHELE's HDA graphs.

mod cycle;
mod duplicate_service;
mod graph;
mod several_yaml;
mod unknown_service;

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[
    &several_yaml::LINT,
    &duplicate_service::LINT,
    &unknown_service::LINT,
    &cycle::LINT,
];
