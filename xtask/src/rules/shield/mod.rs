//! Rules on SHIELD packages: what the Store refuses, and what it should check
//! and does not.

mod attestation;
mod attestation_content;
mod attestation_mismatch;
mod constituents;
mod descriptor_missing;
mod hash_format;
mod hash_mismatch;
mod inner_folder;
mod inner_missing;
mod inner_name;
mod manifest;
mod manifest_name;
mod no_vdu;
mod not_tar_gz;
mod placeholder;
mod release;
mod root_key;
mod signature;
mod store_descriptor;
mod unsafe_path;
mod wrong_inner;

pub(super) mod store_drift;

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[
    &not_tar_gz::LINT,
    &manifest_name::LINT,
    &root_key::LINT,
    &unsafe_path::LINT,
    &inner_name::LINT,
    &inner_missing::LINT,
    &inner_folder::LINT,
    &descriptor_missing::LINT,
    &wrong_inner::LINT,
    &store_descriptor::LINT,
    &release::LINT,
    &no_vdu::LINT,
    &hash_format::LINT,
    &hash_mismatch::LINT,
    &signature::LINT,
    &attestation::LINT,
    &attestation_mismatch::LINT,
    &attestation_content::LINT,
    &placeholder::LINT,
    &constituents::LINT,
    &store_drift::LINT,
];
