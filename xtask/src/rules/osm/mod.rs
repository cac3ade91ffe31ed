//! Rules on what OSM takes and refuses.

mod archive_layout;
mod charm_missing;
mod charm_name;
mod charms;
mod chart_missing;
mod chart_name;
mod cloud_init_missing;
mod dangling_reference;
mod duplicate_id;
pub(super) mod envelope;
mod json_descriptor;
mod loose_files;
mod mgmt_cp;
mod no_id;
mod no_version;
mod one_descriptor;
mod placeholder;
mod root_yaml;
mod unknown_connection_point;
mod unknown_vdu;
mod unknown_virtual_link;

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[
    &archive_layout::LINT,
    &envelope::LINT,
    &one_descriptor::LINT,
    &no_id::LINT,
    &no_version::LINT,
    &json_descriptor::LINT,
    &root_yaml::LINT,
    &duplicate_id::LINT,
    &loose_files::LINT,
    &mgmt_cp::LINT,
    &dangling_reference::LINT,
    &unknown_vdu::LINT,
    &unknown_virtual_link::LINT,
    &unknown_connection_point::LINT,
    &cloud_init_missing::LINT,
    &charm_missing::LINT,
    &charm_name::LINT,
    &chart_name::LINT,
    &chart_missing::LINT,
    &placeholder::LINT,
];
