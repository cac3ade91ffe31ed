//! Rules on Helm charts as NEPHELE uses them.

mod annotations;
mod descriptor_path;
mod spec_type;

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[&spec_type::LINT, &descriptor_path::LINT];
