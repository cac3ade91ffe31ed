//! Rules on what OSM takes and refuses, each after a check of its north-bound
//! interface where it has one.

mod archive_layout;
mod charm_missing;
mod charm_name;
mod charms;
mod chart_missing;
mod chart_name;
mod cloud_init_missing;
mod dangling_reference;
mod definitions;
mod dots;
pub(super) mod duplicate_id;
mod emoji;
pub(super) mod envelope;
mod forwarding_graph;
mod icon_missing;
mod image_missing;
mod json_descriptor;
mod kdu_model;
mod line_end;
mod loose_files;
pub(super) mod merged_items;
mod mgmt_cp;
mod mgmt_link_data;
mod missing_reference;
mod no_day12;
mod no_deltas;
mod no_df;
mod no_id;
mod no_position_element;
mod no_storage;
mod no_version;
mod not_a_list;
mod null_item;
mod one_descriptor;
mod placeholder;
mod raw_profile;
mod root_yaml;
mod tab;
mod text_number;
mod unknown_base_element;
mod unknown_cluster_net;
mod unknown_connection_point;
mod unknown_day12;
mod unknown_vdu;
mod unknown_virtual_link;
mod unloadable;
mod unpinned_image;
pub(super) mod unseen_key;
pub(super) mod unsupported;

pub(crate) use loose_files::beside;
pub(super) use text_number::python as written;

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[
    &archive_layout::LINT,
    &envelope::LINT,
    &unsupported::LINT,
    &one_descriptor::LINT,
    &no_id::LINT,
    &no_version::LINT,
    &json_descriptor::LINT,
    &root_yaml::LINT,
    &definitions::LINT,
    &dots::LINT,
    &duplicate_id::LINT,
    &merged_items::LINT,
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
    &null_item::LINT,
    &not_a_list::LINT,
    &tab::LINT,
    &line_end::LINT,
    &unloadable::LINT,
    &emoji::LINT,
    &no_df::LINT,
    &no_day12::LINT,
    &no_storage::LINT,
    &no_deltas::LINT,
    &missing_reference::LINT,
    &raw_profile::LINT,
    &unseen_key::LINT,
    &mgmt_link_data::LINT,
    &unknown_day12::LINT,
    &unknown_cluster_net::LINT,
    &kdu_model::LINT,
    &text_number::LINT,
    &unknown_base_element::LINT,
    &icon_missing::LINT,
    &image_missing::LINT,
    &unpinned_image::LINT,
    &forwarding_graph::LINT,
    &no_position_element::LINT,
];
