//! The digests that a manifest may give.

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::digest::hex;

/// An algorithm that is known. SOL004 names SHA-256 and SHA-512; Tacker takes
/// the other two as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// The algorithm of that name, with or without the dash, in any case, as
    /// readers take it.
    pub fn find(name: &str) -> Option<Self> {
        let name = name.to_ascii_uppercase().replace('-', "");
        Some(match name.as_str() {
            "SHA224" => Algorithm::Sha224,
            "SHA256" => Algorithm::Sha256,
            "SHA384" => Algorithm::Sha384,
            "SHA512" => Algorithm::Sha512,
            _ => return None,
        })
    }

    /// The name as the specification writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Algorithm::Sha224 => "SHA-224",
            Algorithm::Sha256 => "SHA-256",
            Algorithm::Sha384 => "SHA-384",
            Algorithm::Sha512 => "SHA-512",
        }
    }
}

/// A digest on its way.
#[derive(Clone)]
pub enum Hasher {
    /// SHA-224.
    Sha224(Sha224),
    /// SHA-256.
    Sha256(Sha256),
    /// SHA-384.
    Sha384(Sha384),
    /// SHA-512.
    Sha512(Sha512),
}

impl Hasher {
    /// A digest of nothing yet.
    pub fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha224 => Hasher::Sha224(Sha224::new()),
            Algorithm::Sha256 => Hasher::Sha256(Sha256::new()),
            Algorithm::Sha384 => Hasher::Sha384(Sha384::new()),
            Algorithm::Sha512 => Hasher::Sha512(Sha512::new()),
        }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Sha224(hash) => hash.update(bytes),
            Hasher::Sha256(hash) => hash.update(bytes),
            Hasher::Sha384(hash) => hash.update(bytes),
            Hasher::Sha512(hash) => hash.update(bytes),
        }
    }

    /// The digest in lower-case hexadecimal.
    pub fn finish(self) -> String {
        match self {
            Hasher::Sha224(hash) => hex(&hash.finalize()),
            Hasher::Sha256(hash) => hex(&hash.finalize()),
            Hasher::Sha384(hash) => hex(&hash.finalize()),
            Hasher::Sha512(hash) => hex(&hash.finalize()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values from `printf abc | sha224sum` and its siblings.
    #[test]
    fn digests_of_abc() {
        let start = |algorithm| {
            let mut hasher = Hasher::new(algorithm);
            hasher.update(b"a");
            hasher.update(b"bc");
            hasher.finish()[..16].to_owned()
        };
        assert_eq!(start(Algorithm::Sha224), "23097d223405d822");
        assert_eq!(start(Algorithm::Sha256), "ba7816bf8f01cfea");
        assert_eq!(start(Algorithm::Sha384), "cb00753f45a35e8b");
        assert_eq!(start(Algorithm::Sha512), "ddaf35a193617aba");
    }

    #[test]
    fn names_of_algorithms() {
        assert_eq!(Algorithm::find("sha256"), Some(Algorithm::Sha256));
        assert_eq!(Algorithm::find("SHA-512"), Some(Algorithm::Sha512));
        assert_eq!(Algorithm::find("MD5"), None);
    }
}
