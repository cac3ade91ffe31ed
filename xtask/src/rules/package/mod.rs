//! Rules on packages: their folders, files and archives.

mod added_file;
mod archive;
mod case_collision;
mod checksums;
mod duplicate_id;
mod file_name;
mod limits;
mod link;
mod nested;
mod no_descriptor;
pub(super) mod placeholder;
mod same_name;
mod secret;
mod several_descriptors;
mod special_file;
mod undeclared_placeholder;
mod unknown_root;
mod unreadable;
mod unsafe_member;
mod wrong_root;

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[
    &several_descriptors::LINT,
    &no_descriptor::LINT,
    &unknown_root::LINT,
    &wrong_root::LINT,
    &link::LINT,
    &added_file::LINT,
    &unreadable::LINT,
    &file_name::LINT,
    &special_file::LINT,
    &limits::LINT,
    &nested::LINT,
    &archive::LINT,
    &unsafe_member::LINT,
    &case_collision::LINT,
    &checksums::LINT,
    &duplicate_id::LINT,
    &same_name::LINT,
    &secret::LINT,
    &placeholder::LINT,
    &undeclared_placeholder::LINT,
];
