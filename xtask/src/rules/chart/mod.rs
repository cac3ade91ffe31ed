//! Rules on Helm charts.

mod annotations;
mod dependency_missing;
mod descriptor_path;
mod helmignore;
mod spec_type;
mod too_large;

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[
    &spec_type::LINT,
    &descriptor_path::LINT,
    &dependency_missing::LINT,
    &helmignore::LINT,
    &too_large::LINT,
];
