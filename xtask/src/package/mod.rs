//! From a checked package to the bytes of a finished one.
//!
//! A [`Plan`] says which members an archive has and in which order; it is made
//! per layout and is a pure function of the package. [`assemble`] turns it into
//! bytes that depend on nothing but the plan and the files' content.

mod assemble;
mod checksums;
mod compare;
mod csar;
mod deflate;
mod gzip;
mod layouts;
mod plan;
mod signer;
mod tarball;
mod unpack;
mod zip;

pub use crate::source::{safe_name, safe_version};
pub use assemble::{AssembleError, Assembled, assemble, content_digest};
pub use compare::{CompareError, Difference, common_time, compare};
pub use csar::{around_csar, descriptor_path as csar_descriptor_path};
pub use gzip::GzipWriter;
pub(crate) use layouts::wrapped;
pub use layouts::{PlanError, plan, shield_manifest};
pub use plan::{ASSEMBLY, Format, Member, Mode, Plan, SHIELD_MANIFEST, SHIELD_SIGNATURE, Source};
pub use signer::{SignManifest, Signer};
pub use tarball::TarWriter;
pub use unpack::{MAX_UNPACKED, UnpackError, Unpacked, unpack};
pub use zip::ZipWriter;

/// The time that every member of every archive carries where
/// `SOURCE_DATE_EPOCH` says nothing: 1980-01-01T00:00:00Z, in seconds.
///
/// Not 0, because GNU tar warns of a time that far back, and the earliest that
/// a zip can say, so that all formats agree.
pub const DEFAULT_EPOCH: u64 = 315_532_800;
