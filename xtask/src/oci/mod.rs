//! A finished package as an OCI artifact, and the image layout on disk that
//! holds it.
//!
//! Sources of the rules: OCI image-spec and distribution-spec 1.1, the
//! OSM/NEPHELE proposal for NFV artifacts, and Helm for charts.

#[cfg(feature = "publish")]
mod archive;
#[cfg(feature = "publish")]
mod around;
mod artifact;
mod chart;
#[cfg(feature = "publish")]
mod credentials;
mod go_yaml;
mod holdings;
mod layout;
mod manifest;
mod names;
#[cfg(feature = "publish")]
mod place;
#[cfg(feature = "publish")]
mod reference;
#[cfg(feature = "publish")]
mod referrer;
#[cfg(feature = "publish")]
mod remote;
#[cfg(all(feature = "publish", feature = "sign"))]
mod signature_image;
#[cfg(feature = "publish")]
mod store;

#[cfg(feature = "publish")]
pub use around::Around;
#[cfg(feature = "publish")]
pub use artifact::has_own_name;
pub use artifact::{Artifact, Dialect, Finished, Surroundings, artifact, own_name, reference_of};
#[cfg(feature = "publish")]
pub use credentials::{
    Credential, CredentialError, Keychain, KeychainOptions, Origin, Secret, Stored,
};
pub use holdings::Holding;
#[cfg(feature = "publish")]
pub(crate) use layout::REF_NAME;
pub use layout::{Entry, Layout, LayoutError};
pub use manifest::{Annotations, CREATED, Descriptor, Index, Manifest, TITLE, media_type};
#[cfg(feature = "publish")]
pub use manifest::{Parts, VERSION};
pub use names::{published_name, published_tag};
#[cfg(feature = "publish")]
pub use place::Place;
#[cfg(feature = "publish")]
pub(crate) use reference::is_loopback;
#[cfg(feature = "publish")]
pub use reference::{Reference, ReferenceError, Repository, Scheme, is_digest, parse_tag};
#[cfg(feature = "publish")]
pub use referrer::Referrer;
#[cfg(feature = "publish")]
pub(crate) use remote::{Connection, Secrets, is_transient};
#[cfg(feature = "publish")]
pub use remote::{Fetched, Partials, Payload, Remote, RemoteError, RemoteOptions, Uploaded};
#[cfg(all(feature = "publish", feature = "sign"))]
pub use signature_image::{Beside, SignatureImage};
#[cfg(feature = "publish")]
pub use store::{Store, StoreError};
