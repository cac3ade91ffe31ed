//! Those that packages are handed to: OSM's north-bound interface, in [`Osm`], and the
//! SHIELD Store (H2020 700199), which takes SHIELD packages and hands what is in them
//! to an orchestrator.
//!
//! What the Store takes, in which order it looks and what it answers is that of its last
//! version, of February 2019; it has no published interface that agrees with it.

mod address;
mod body;
mod error;
mod form;
mod osm;
mod record;
mod refusal;
mod store;
mod transport;

pub use address::{AddressError, StoreAddress};
pub use error::StoreError;
pub use osm::{
    Digests, HelmRepo, HelmRepoError, Login, Osm, OsmAddress, OsmAddressError, OsmArrival,
    OsmError, OsmOptions, OsmParcel, OsmRecord, OsmRefusal, OsmRepo, OsmShelf, place,
};
pub use record::{Record, RecordError, Shelf};
pub use refusal::Refusal;
pub use store::{Arrival, Parcel, Store, Stored};
pub use transport::Notice;
