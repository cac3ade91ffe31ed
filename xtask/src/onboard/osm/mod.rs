//! OSM's north-bound interface (NBI), which takes packages of functions, services
//! and slices in the way of ETSI GS NFV-SOL 005.
//!
//! What it takes, in which order it looks and what it answers is that of version
//! 19 of the NBI (`osm_nbi`); where older ones differ, both will do.

mod address;
mod client;
mod digests;
mod error;
mod login;
mod place;
mod record;
mod refusal;
mod removal;
mod repos;
mod session;
mod shelf;
mod two_steps;
mod upload;

pub use address::{OsmAddress, OsmAddressError};
pub use client::{Osm, OsmOptions};
pub use digests::Digests;
pub use error::OsmError;
pub use login::Login;
pub use place::place;
pub use record::OsmRecord;
pub use refusal::OsmRefusal;
pub use repos::{HelmRepo, HelmRepoError, OsmRepo};
pub use shelf::OsmShelf;
pub use upload::{OsmArrival, OsmParcel};
