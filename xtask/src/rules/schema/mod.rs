//! Rules of the `schema` family.

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[];

pub(super) fn check(
    _: &crate::descriptor::Descriptor,
    _: crate::source::ShieldProfile,
    _: &mut Vec<crate::diagnostic::Diagnostic>,
) {
}
