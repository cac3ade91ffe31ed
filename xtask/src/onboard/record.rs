//! What the Store will know of a package.

use thiserror::Error;

use crate::descriptor::Kind;
use crate::digest::{base64, hex};
use crate::shield::{StoreView, Unreadable};
use crate::source::Package;

/// The two collections of the Store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shelf {
    /// Virtual network security functions. They come first: the Store refuses a
    /// service whose functions it does not have.
    Vnsfs,
    /// Network services.
    Nss,
}

impl Shelf {
    /// The collection that a kind of package goes to; `None` where the Store has
    /// none for it.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::ShieldVnsf => Some(Shelf::Vnsfs),
            Kind::ShieldNs => Some(Shelf::Nss),
            _ => None,
        }
    }

    /// Its name in addresses.
    pub fn path(self) -> &'static str {
        match self {
            Shelf::Vnsfs => "vnsfs",
            Shelf::Nss => "nss",
        }
    }

    /// The field of a record that holds the id.
    pub fn id_field(self) -> &'static str {
        match self {
            Shelf::Vnsfs => "vnsf_id",
            Shelf::Nss => "ns_id",
        }
    }

    /// The key of manifests that go there.
    pub fn manifest_key(self) -> &'static str {
        match self {
            Shelf::Vnsfs => "manifest:vnsf",
            Shelf::Nss => "manifest:ns",
        }
    }

    /// The word in messages.
    pub fn noun(self) -> &'static str {
        match self {
            Shelf::Vnsfs => "vNSF",
            Shelf::Nss => "network service",
        }
    }
}

/// What the Store will know of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The collection.
    pub shelf: Shelf,
    /// The id of the descriptor, which is that of the record.
    pub id: String,
    /// The name of the descriptor. Of services the Store wants it to be unique.
    pub name: String,
    /// Ids of the functions that a service consists of, each once.
    pub needs: Vec<String>,
    /// What the manifest gives as digest of the package inside.
    pub hash: Option<String>,
}

/// Why there is no record of a package, where the Store answers 500.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum RecordError {
    /// Neither a vNSF nor a network service.
    #[error("it is no SHIELD package, and the Store takes nothing else")]
    NotShield,
    /// The Store can't read the descriptor.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl Record {
    /// Reads a SHIELD package as the Store does; see [`StoreView`].
    ///
    /// # Errors
    ///
    /// The Store would fail to read it.
    pub fn of(package: &Package) -> Result<Self, RecordError> {
        let shelf = package.kind().and_then(Shelf::of);
        let shelf = shelf.ok_or(RecordError::NotShield)?;
        let inner = package.inner.as_ref();
        let descriptor = inner.and_then(|inner| inner.descriptor.as_ref());
        let descriptor = descriptor.ok_or(Unreadable::NoDescriptor)?;
        let view = StoreView::of(descriptor, shelf == Shelf::Nss)?;
        let manifest = package.descriptor.as_ref();
        let hash = manifest.and_then(|manifest| manifest.field("hash")?.str());
        Ok(Record {
            shelf,
            id: view.id,
            name: view.name,
            needs: view.needs,
            hash: hash.map(str::to_owned),
        })
    }

    /// Whether another manifest gives the same digest: in hexadecimal or in
    /// base64, as manifests have been written. `None` where one gives none.
    pub fn has_hash(&self, other: Option<&str>) -> Option<bool> {
        let (own, other) = (self.hash.as_deref()?, other?);
        Some(comparable(own) == comparable(other))
    }

    /// Whether the Store finds it by its id alone. Its addresses let through
    /// nothing but `[\w]+`, and the Trust Monitor asks for attestations there.
    pub fn is_addressable(&self) -> bool {
        self.id.chars().all(|c| c.is_alphanumeric() || c == '_')
    }
}

/// A digest in one form, whatever form it is written in.
fn comparable(hash: &str) -> String {
    const SHA256: usize = 32;
    let is_hex = hash.len() == 2 * SHA256;
    let bytes = base64(hash).filter(|bytes| !is_hex && bytes.len() == SHA256);
    bytes.map_or_else(|| hash.to_ascii_lowercase(), |bytes| hex(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_compared_in_any_form() {
        let hex = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let base64 = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
        let record = Record {
            shelf: Shelf::Vnsfs,
            id: "a".to_owned(),
            name: "a".to_owned(),
            needs: Vec::new(),
            hash: Some(hex.to_owned()),
        };
        assert_eq!(record.has_hash(Some(base64)), Some(true));
        assert_eq!(record.has_hash(Some(&hex.to_uppercase())), Some(true));
        assert_eq!(record.has_hash(Some("00")), Some(false));
        assert_eq!(record.has_hash(None), None);
    }
}
