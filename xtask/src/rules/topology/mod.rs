//! Rules on how functions and services hang together: points, units and links
//! that nothing is connected to, and packets that go in circles.
//!
//! No orchestrator refuses any of it, so all are warnings, in every profile.
//! The names `evt_…` on the pages are those of the validator that SHIELD used.

mod broken_path;
mod disconnected;
mod forwarding_cycle;
mod isolated_vdu;
mod isolated_vnf;
mod repeated_position;
mod unused_connection_point;
mod unused_virtual_link;

use super::Lint;

pub(super) const LINTS: &[&Lint] = &[
    &unused_connection_point::LINT,
    &isolated_vdu::LINT,
    &isolated_vnf::LINT,
    &unused_virtual_link::LINT,
    &disconnected::LINT,
    &forwarding_cycle::LINT,
    &broken_path::LINT,
    &repeated_position::LINT,
];
