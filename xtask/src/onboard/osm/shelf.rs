//! The three collections of the NBI.

use crate::descriptor::Kind;

/// A collection of the NBI. The order is that in which packages go: a service is
/// refused without its functions, and a slice without its services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OsmShelf {
    /// VNF packages (SOL005, 9).
    Vnf,
    /// NS descriptors (SOL005, 5).
    Ns,
    /// Network slice templates, which are OSM's own.
    Nst,
}

impl OsmShelf {
    /// All of them, in the order in which packages go.
    pub const ALL: [OsmShelf; 3] = [OsmShelf::Vnf, OsmShelf::Ns, OsmShelf::Nst];

    /// The collection that a kind of package goes to; `None` where OSM has none
    /// for it.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Vnf => Some(OsmShelf::Vnf),
            Kind::Ns => Some(OsmShelf::Ns),
            Kind::Nst => Some(OsmShelf::Nst),
            _ => None,
        }
    }

    /// The word in listings.
    pub fn as_str(self) -> &'static str {
        match self {
            OsmShelf::Vnf => "VNF",
            OsmShelf::Ns => "NS",
            OsmShelf::Nst => "NST",
        }
    }

    /// What is kept there, in messages.
    pub fn noun(self) -> &'static str {
        match self {
            OsmShelf::Vnf => "VNFD",
            OsmShelf::Ns => "NSD",
            OsmShelf::Nst => "NST",
        }
    }

    /// The path of the collection below the NBI.
    pub(super) fn path(self) -> &'static str {
        match self {
            OsmShelf::Vnf => "vnfpkgm/v1/vnf_packages",
            OsmShelf::Ns => "nsd/v1/ns_descriptors",
            OsmShelf::Nst => "nst/v1/netslice_templates",
        }
    }

    /// The name of the content below a resource.
    pub(super) fn content(self) -> &'static str {
        match self {
            OsmShelf::Vnf => "package_content",
            OsmShelf::Ns => "nsd_content",
            OsmShelf::Nst => "nst_content",
        }
    }

    /// The name of the descriptor below a resource.
    pub(super) fn descriptor(self) -> &'static str {
        match self {
            OsmShelf::Vnf => "vnfd",
            OsmShelf::Ns => "nsd",
            OsmShelf::Nst => "nst",
        }
    }

    /// A field of a resource as SOL005 has it: `onboardingState`, and of an NSD
    /// `nsdOnboardingState`.
    pub(super) fn field(self, name: &str) -> String {
        match self {
            OsmShelf::Vnf | OsmShelf::Nst => name.to_owned(),
            OsmShelf::Ns => {
                let (first, rest) = name.split_at(name.len().min(1));
                format!("nsd{}{rest}", first.to_ascii_uppercase())
            }
        }
    }
}
