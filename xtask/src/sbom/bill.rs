//! The bill itself, as data.

/// What is in a package and what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// The package first, then everything else.
    pub parts: Vec<Part>,
    /// Every file, of the package and of a package inside it.
    pub items: Vec<Item>,
}

impl Bill {
    /// The package.
    pub fn package(&self) -> &Part {
        &self.parts[0]
    }

    /// The files of a part that are in no smaller part of it.
    pub fn own_items(&self, part: &Part) -> Vec<usize> {
        let is_inner = |item: &&usize| {
            let mut inner = part.contains.iter().map(|i| &self.parts[*i]);
            inner.any(|inner| inner.items.binary_search(item).is_ok())
        };
        let items = part.items.iter();
        items.filter(|item| !is_inner(item)).copied().collect()
    }
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartKind {
    /// A package of a network function, service, slice or graph.
    Package,
    /// A VNF, NS or PNF that is known by the id of its descriptor.
    Function,
    /// A Helm chart.
    Chart,
    /// A Juju charm.
    Charm,
    /// A bundle of Juju charms.
    Bundle,
    /// The image of a virtual machine.
    Image,
    /// The image of a container.
    Container,
    /// Another artifact of an OCI registry.
    Artifact,
}

impl PartKind {
    /// The word in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            PartKind::Package => "package",
            PartKind::Function => "descriptor",
            PartKind::Chart => "helm-chart",
            PartKind::Charm => "charm",
            PartKind::Bundle => "juju-bundle",
            PartKind::Image => "vm-image",
            PartKind::Container => "container-image",
            PartKind::Artifact => "oci-artifact",
        }
    }
}

/// One thing that has a name: the package, a chart, an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Id or name, as its author writes it.
    pub name: String,
    /// Its version, where that is known to the letter.
    pub version: Option<String>,
    /// Who provides it.
    pub supplier: Option<String>,
    /// What its author says of it.
    pub description: Option<String>,
    /// Where it lies in the package, or what the descriptor calls it.
    pub location: Option<String>,
    /// Its digests, in hexadecimal.
    pub hashes: Vec<(Hash, String)>,
    /// A package URL (ECMA-427).
    pub purl: Option<String>,
    /// The licence that is declared for it, as an SPDX expression.
    pub licence: Option<String>,
    /// More that is worth knowing, by name.
    pub properties: Vec<(&'static str, String)>,
    /// Every file that is in it, as places in [`Bill::items`], sorted.
    pub items: Vec<usize>,
    /// What is directly in it, as places in [`Bill::parts`].
    pub contains: Vec<usize>,
    /// What it needs and does not hold, likewise.
    pub needs: Vec<usize>,
}

impl Part {
    /// A part of which nothing else is known.
    pub fn new(kind: PartKind, name: impl Into<String>) -> Self {
        Part {
            kind,
            name: name.into(),
            version: None,
            supplier: None,
            description: None,
            location: None,
            hashes: Vec::new(),
            purl: None,
            licence: None,
            properties: Vec::new(),
            items: Vec::new(),
            contains: Vec::new(),
            needs: Vec::new(),
        }
    }
}

/// What a file is in its package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The descriptor of the package.
    Descriptor,
    /// The text of a licence.
    Licence,
    /// The package inside a SHIELD package.
    Archive,
    /// Anything else.
    Other,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its path in the archive.
    pub path: String,
    /// The archive that it is in, where that is one inside the package.
    pub archive: Option<String>,
    /// What it is there.
    pub role: Role,
    /// SHA-1, which SPDX 2.3 asks for.
    pub sha1: String,
    /// SHA-256.
    pub sha256: String,
    /// What its `SPDX-License-Identifier` or its text says.
    pub licence: Option<String>,
}

/// An algorithm, by the length of its digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hash {
    /// MD5, in descriptors of OSM's older model.
    Md5,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// A digest as a descriptor gives it, if name and length agree; in lower
    /// case.
    pub fn read(algorithm: &str, hash: &str) -> Option<(Hash, String)> {
        let name: String = algorithm
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let (kind, digits) = match name.to_ascii_lowercase().as_str() {
            "md5" => (Hash::Md5, 32),
            "sha256" => (Hash::Sha256, 64),
            "sha384" => (Hash::Sha384, 96),
            "sha512" => (Hash::Sha512, 128),
            _ => return None,
        };
        let is_hex = hash.len() == digits && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| (kind, hash.to_ascii_lowercase()))
    }
}
