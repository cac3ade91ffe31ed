//! The texts that make a folder a CSAR: the manifest and `TOSCA.meta` of the
//! packages of ETSI GS NFV-SOL 004 (VNF, PNF) and SOL 007 (NS).
//!
//! Both are read with the place of everything in them, and written. What is
//! wrong with them the rules of the family `csar` say.

mod digest;
mod lines;
mod manifest;
mod meta;
mod metadata;
mod places;
mod settings;
mod signature;

pub use digest::{Algorithm, Hasher};
pub use lines::Field;
pub use manifest::{ArtifactSet, Cms, Digests, Entry, Manifest};
pub use meta::{Meta, Part, write as write_meta};
pub use metadata::{Family, Wanted, highest, metadata, names, of_descriptor, tidy_value, wanted};
pub use places::place;
pub use settings::{Settings, SignatureOption};
pub use signature::{file_holds_certificate, holds_certificate};

/// Where `TOSCA.meta` stands, in every CSAR that has one (TOSCA 1.0 §16).
pub const META: &str = "TOSCA-Metadata/TOSCA.meta";

/// The folder of the descriptor in a CSAR that has a `TOSCA.meta`.
pub const DEFINITIONS: &str = "Definitions";

/// The change log of a package that is not arranged otherwise.
pub const CHANGE_LOG: &str = "ChangeLog.txt";

/// The folder of the licences of a package that is not arranged otherwise.
pub const LICENSES: &str = "Licenses";

/// The folder of the tests of a package that is not arranged otherwise.
pub const TESTS: &str = "Tests";

/// The name without folder and ending: what a manifest shares with its
/// descriptor.
pub fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Whether a manifest's `Source` is outside of the package.
pub fn is_external(source: &str) -> bool {
    source.contains("://")
}

/// Whether a text is the name of a file in the package: relative, and not
/// leading out of it.
pub fn is_path(text: &str) -> bool {
    let is_part = |part: &str| !matches!(part, "" | "." | "..");
    !text.contains(['\\', ':']) && !text.contains(char::is_control) && text.split('/').all(is_part)
}

/// Whether a path is `place`, or lies in it.
pub fn is_at(path: &str, place: &str) -> bool {
    let rest = path.strip_prefix(place);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
