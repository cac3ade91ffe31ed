//! Digests as manifests carry them.

use crate::digest::{base64, hex};
use crate::yaml::Node;

/// What stands where a digest belongs.
pub enum Written {
    /// A SHA-256, in lower-case hexadecimal.
    Sha256(String),
    /// Something for the build or the author to fill in.
    Open,
    /// Anything else.
    Other,
}

/// Reads a digest: hexadecimal, or base64 as older packages have it.
pub fn read(text: &str) -> Written {
    let text = text.trim();
    if is_placeholder(text) || (!text.is_empty() && text.bytes().all(|b| b == b'0')) {
        return Written::Open;
    }
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Written::Sha256(text.to_ascii_lowercase());
    }
    match base64(text) {
        Some(bytes) if bytes.len() == 32 => Written::Sha256(hex(&bytes)),
        _ => Written::Other,
    }
}

/// Whether the manifest's digests are SHA-256. Manifests from before the field
/// came up carry nothing else.
pub fn is_sha256(body: Node<'_>) -> bool {
    let name = body.get("hashing_algorithm").and_then(|name| name.str());
    name.is_none_or(names_sha256)
}

/// Whether a name means SHA-256: `SHA_256`, `SHA-256`, `sha256`.
pub fn names_sha256(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .collect();
    plain.eq_ignore_ascii_case("sha256")
}

/// Whether a text is what a template leaves to its author.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let bracketed = text.len() > 2 && text.starts_with('<') && text.ends_with('>');
    let word = text.to_ascii_lowercase();
    // As the manifests of the early forms had it: `_image_hash_here_`.
    let is_here = word.starts_with('_') && word.ends_with("_here_");
    bracketed || is_here || matches!(word.as_str(), "tbd" | "/path/to/file" | "digest_of_file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for name in ["SHA_256", "SHA-256", "sha256", "Sha 256"] {
            assert!(names_sha256(name), "{name}");
        }
        for name in ["SHA_1", "MD5", "SHA_2560", ""] {
            assert!(!names_sha256(name), "{name}");
        }
    }

    #[test]
    fn hexadecimal_base64_and_neither() {
        let hexadecimal = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
        let in_base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        for text in [hexadecimal, in_base64] {
            let Written::Sha256(read) = read(text) else {
                panic!("{text}");
            };
            assert_eq!(read, hexadecimal.to_ascii_lowercase());
        }
        assert!(matches!(read("<image_hash_here>"), Written::Open));
        assert!(matches!(read(&"0".repeat(64)), Written::Open));
        assert!(matches!(
            read("d41d8cd98f00b204e9800998ecf8427e"),
            Written::Other
        ));
    }
}
