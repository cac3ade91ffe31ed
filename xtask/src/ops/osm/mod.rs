//! What is done at OSM: packages are handed over, shown and removed.

mod error;
mod finding;
mod offboard;
mod onboard;
mod order;
mod plan;
mod repos;
mod status;

pub use error::OsmPlanError;
pub use offboard::{OffboardOptions, OffboardReport, OffboardState, Offboarded, offboard};
pub use onboard::{
    OsmOnboardOptions, OsmOnboardReport, OsmOnboarded, OsmState, onboard as onboard_osm,
};
pub use repos::{OnboardedRepo, RepoState};
pub use status::{OsmStatus, OsmStatusOptions, OsmStatusReport, Standing, status};
