//! The digests of a package that OSM is told, and those by which it is known again.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use md5::Md5;
use sha2::{Digest, Sha256, Sha384};

use crate::digest::{hex, to_base64};
use crate::package::safe_name;

/// The digests of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// For `Content-File-MD5`, in hexadecimal.
    pub md5: String,
    /// For `Digest` (RFC 3230): `sha-384=` and base64, the only algorithm that the
    /// NBI knows.
    pub sha384: String,
    /// In hexadecimal; the NBI does not ask for it.
    pub sha256: String,
}

impl Digests {
    /// Reads a file for its digests.
    ///
    /// # Errors
    ///
    /// It can't be read.
    pub fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let (mut md5, mut sha384, mut sha256) = (Md5::new(), Sha384::new(), Sha256::new());
        let mut buffer = vec![0; 256 << 10];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    let bytes = &buffer[..count];
                    md5.update(bytes);
                    sha384.update(bytes);
                    sha256.update(bytes);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Digests {
            md5: hex(&md5.finalize()),
            sha384: format!("sha-384={}", to_base64(&sha384.finalize())),
            sha256: hex(&sha256.finalize()),
        })
    }
}

/// What stands before the digest in a file name.
const MARK: &str = "-sha256-";

/// The name under which a package is handed to OSM. OSM keeps no digest of what it
/// was sent, and keeps this name, so it says the digest.
pub(super) fn file_name(id: &str, sha256: &str, extension: &str) -> String {
    /// File systems take 255 bytes, of which the digest and the ending are the most.
    const LONGEST: usize = 120;
    let mut id = safe_name(id);
    id.truncate(LONGEST);
    format!("{id}{MARK}{sha256}.{extension}")
}

/// The digest that such a name says.
pub(super) fn digest_in(file_name: &str) -> Option<String> {
    const DIGITS: usize = 64;
    let (_, rest) = file_name.rsplit_once(MARK)?;
    let digest = rest.get(..DIGITS)?;
    let is_hex = digest
        .bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let ends = rest[DIGITS..].starts_with('.');
    (is_hex && ends).then(|| digest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_its_digest() {
        let digest = "0123456789abcdef".repeat(4);
        let name = file_name("../a b", &digest, "tar.gz");
        assert!(!name.contains('/') && !name.starts_with('.'), "{name}");
        assert_eq!(digest_in(&name), Some(digest.clone()));
        let long = file_name(&"x".repeat(500), &digest, "tar.gz");
        assert!(long.len() < 250);
        assert_eq!(digest_in(&long), Some(digest.clone()));
        for other in [
            "package.tar.gz".to_owned(),
            "a-sha256-12.tar.gz".to_owned(),
            format!("a-sha256-{}.tar.gz", digest.to_uppercase()),
            format!("a-sha256-{digest}0.tar.gz"),
        ] {
            assert_eq!(digest_in(&other), None, "{other}");
        }
    }

    #[test]
    fn digests_of_nothing() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let digests = Digests::of(file.path()).expect("digests");
        assert_eq!(digests.md5, "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(
            digests.sha384,
            "sha-384=OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb"
        );
    }
}
