//! Bills of materials: what is in a finished package, and what it needs.
//!
//! A [`Bill`] is a function of the package's bytes and nothing else; the name of
//! the file, the machine and the tree around it leave no trace. The renderers
//! turn it into SPDX and CycloneDX.

mod bill;
mod charms;
mod charts;
mod collect;
mod cyclonedx;
mod images;
mod licences;
mod needs;
mod places;
mod purl;
mod sha1;
mod spdx;

pub use bill::{Bill, Hash, Item, Part, PartKind, Role};
pub use collect::{collect, inner_name};
pub use cyclonedx::cyclonedx;
pub use sha1::{Sums, sums};
pub use spdx::spdx;

/// What is said to have made a document.
const TOOL: &str = "cargo-nfv";
const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Sixteen bytes of a SHA-256 as a UUID of version 8 (RFC 9562 §5.8).
fn uuid(digest: &[u8; 32]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = crate::digest::hex(&bytes);
    let (a, b, c, d, e) = (
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    );
    format!("{a}-{b}-{c}-{d}-{e}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_uuid_says_its_version_and_variant() {
        assert_eq!(
            super::uuid(&[0xff; 32]),
            "ffffffff-ffff-8fff-bfff-ffffffffffff"
        );
    }
}
