//! A finished package as an OCI artifact, and the image layout on disk that
//! holds it.
//!
//! Sources of the rules: OCI image-spec and distribution-spec 1.1, the
//! OSM/NEPHELE proposal for NFV artifacts, and Helm for charts.

mod artifact;
#[cfg(feature = "publish")]
mod credentials;
mod holdings;
mod layout;
mod manifest;

pub use artifact::{Artifact, artifact};
#[cfg(feature = "publish")]
pub use credentials::{Credential, CredentialError, Keychain, KeychainOptions, Secret, Stored};
pub use holdings::Holding;
pub use layout::{Entry, Layout, LayoutError};
pub use manifest::{Descriptor, Index, Manifest, media_type};
