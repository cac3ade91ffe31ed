//! What is signed, read once.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::CmsError;
use crate::trust::algorithm::{DigestAlgorithm, Hasher};

/// Content without signed attributes has to be held as a whole: of more than
/// this, in MiB, it is not.
const MOST: u64 = 64;

/// What is signed: its digests, and its bytes where they are needed.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pub(super) digests: BTreeMap<DigestAlgorithm, Vec<u8>>,
    pub(super) bytes: Option<Vec<u8>>,
}

impl Content {
    /// Content of which a digest is known. That is enough to verify signatures
    /// with signed attributes, which nearly all have.
    pub fn of_digest(algorithm: DigestAlgorithm, digest: &[u8]) -> Self {
        Content {
            digests: BTreeMap::from([(algorithm, digest.to_owned())]),
            bytes: None,
        }
    }

    /// Content of which several digests are known.
    pub fn of_digests(digests: impl IntoIterator<Item = (DigestAlgorithm, Vec<u8>)>) -> Self {
        Content {
            digests: digests.into_iter().collect(),
            bytes: None,
        }
    }

    /// Reads content to its end.
    pub(super) fn read(
        reader: &mut dyn Read,
        algorithms: &[DigestAlgorithm],
        whole: bool,
    ) -> Result<Self, CmsError> {
        let new = |&algorithm: &DigestAlgorithm| (algorithm, Hasher::new(algorithm));
        let mut hashers: BTreeMap<_, _> = algorithms.iter().map(new).collect();
        let mut bytes = whole.then(Vec::new);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => buffer.get(..read).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(CmsError::Read(error)),
            };
            for hasher in hashers.values_mut() {
                hasher.update(read);
            }
            if let Some(bytes) = &mut bytes {
                bytes.extend_from_slice(read);
                if bytes.len() as u64 > MOST << 20 {
                    return Err(CmsError::TooLarge(MOST));
                }
            }
        }
        let finish = |(algorithm, hasher): (_, Hasher)| (algorithm, hasher.finish());
        Ok(Content {
            digests: hashers.into_iter().map(finish).collect(),
            bytes,
        })
    }

    /// Whether these bytes are the content, as far as it is known.
    pub(super) fn is(&self, bytes: &[u8]) -> bool {
        let same =
            |(algorithm, digest): (&DigestAlgorithm, &Vec<u8>)| algorithm.digest(bytes) == *digest;
        let known = self.bytes.as_deref();
        known.is_none_or(|known| known == bytes)
            && (known.is_some() || !self.digests.is_empty())
            && self.digests.iter().all(same)
    }
}
