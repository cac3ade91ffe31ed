//! The names of a manifest's metadata, and where their values come from.

use super::settings::Settings;
use crate::descriptor::{Descriptor, Kind};

/// What a manifest is about; each has names of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// A VNF package (SOL004).
    Vnf,
    /// An NS package (SOL007).
    Ns,
    /// A PNFD archive (SOL004).
    Pnf,
}

/// A name of the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The name.
    pub name: &'static str,
    /// The field of the descriptor that says the same; none for what only the
    /// author or the configuration can say.
    pub field: Option<&'static str>,
    /// Whether it came with v2.7.1.
    pub is_new: bool,
}

/// The versions that the packages keep to that are built here: the first with
/// all the names that are written.
const VERSIONS: &str = "2.7.1";

const fn old(name: &'static str, field: Option<&'static str>) -> Wanted {
    Wanted {
        name,
        field,
        is_new: false,
    }
}

const fn new(name: &'static str, field: Option<&'static str>) -> Wanted {
    Wanted {
        name,
        field,
        is_new: true,
    }
}

/// The name of the versions, in every family.
const COMPATIBLE: &str = "compatible_specification_versions";

/// SOL004 §4.3.2: four names up to v2.6.1, eight since.
const VNF: [Wanted; 8] = [
    new("vnfd_id", Some("id")),
    old("vnf_provider_id", Some("provider")),
    old("vnf_product_name", Some("product-name")),
    old("vnf_release_date_time", None),
    new("vnf_software_version", Some("software-version")),
    old("vnf_package_version", Some("version")),
    new("vnfm_info", Some("vnfm-info")),
    new(COMPATIBLE, None),
];

/// SOL007 §4.3.
const NS: [Wanted; 6] = [
    old("nsd_invariant_id", Some("invariant-id")),
    old("nsd_name", Some("name")),
    old("nsd_designer", Some("designer")),
    old("nsd_file_structure_version", Some("version")),
    old("nsd_release_date_time", None),
    new(COMPATIBLE, None),
];

/// SOL004 §4.3.2.
const PNF: [Wanted; 5] = [
    old("pnfd_name", Some("name")),
    old("pnfd_provider", Some("provider")),
    old("pnfd_archive_version", Some("version")),
    old("pnfd_release_date_time", None),
    new(COMPATIBLE, None),
];

impl Family {
    /// The family of a descriptor; none for what has no such package.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Vnf => Some(Family::Vnf),
            Kind::Ns => Some(Family::Ns),
            Kind::Pnf => Some(Family::Pnf),
            _ => None,
        }
    }

    /// The specification with the clause.
    pub fn specification(self) -> &'static str {
        match self {
            Family::Vnf | Family::Pnf => "SOL004",
            Family::Ns => "SOL007",
        }
    }

    /// The name of the release date.
    pub fn release_date(self) -> &'static str {
        match self {
            Family::Vnf => "vnf_release_date_time",
            Family::Ns => "nsd_release_date_time",
            Family::Pnf => "pnfd_release_date_time",
        }
    }
}

/// Every name, in the order in which it is written.
pub fn names(family: Family) -> &'static [Wanted] {
    match family {
        Family::Vnf => &VNF,
        Family::Ns => &NS,
        Family::Pnf => &PNF,
    }
}

/// The highest of the versions that a manifest says it keeps to, as SDC takes
/// them; 2.6.1 where it says none.
pub fn highest(versions: Option<&str>) -> (u32, u32, u32) {
    let number = |version: &str| {
        let mut parts = version.trim().trim_start_matches(['v', 'V']).split('.');
        let mut next = || parts.next().and_then(|part| part.parse().ok());
        Some((next()?, next().unwrap_or(0), next().unwrap_or(0)))
    };
    let all = versions.unwrap_or_default().split(',').filter_map(number);
    all.max().unwrap_or((2, 6, 1))
}

/// The names that a manifest must have.
pub fn wanted(family: Family, versions: Option<&str>) -> impl Iterator<Item = &'static Wanted> {
    let is_new = highest(versions) >= (2, 7, 1);
    names(family)
        .iter()
        .filter(move |wanted| is_new || !wanted.is_new)
}

/// A value as it can stand in one line.
pub fn tidy_value(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The metadata for a package of this descriptor, in order; no value where
/// neither the descriptor nor the settings give one. `released` is the time of
/// `SOURCE_DATE_EPOCH`, if it is set.
pub fn metadata(
    descriptor: &Descriptor,
    settings: &Settings,
    released: Option<&str>,
) -> Vec<(&'static Wanted, Option<String>)> {
    let Some(family) = Family::of(descriptor.kind) else {
        return Vec::new();
    };
    let value = |wanted: &Wanted| match (wanted.field, wanted.name) {
        (Some(field), _) => of_descriptor(descriptor, field).or_else(|| settings.field(field)),
        (None, COMPATIBLE) => {
            let versions = settings.specification_versions.as_ref();
            Some(versions.map_or_else(|| VERSIONS.to_owned(), |list| list.join(",")))
        }
        (None, _) => {
            let date = settings.release_date.as_deref().or(released);
            date.map(str::to_owned)
        }
    };
    let tidy = |value: String| Some(tidy_value(&value)).filter(|value| !value.is_empty());
    names(family)
        .iter()
        .map(|wanted| (wanted, value(wanted).and_then(tidy)))
        .collect()
}

/// What the descriptor says, a list with commas between its items.
pub fn of_descriptor(descriptor: &Descriptor, field: &str) -> Option<String> {
    let node = descriptor.field(field)?;
    let text = match node.text() {
        Some(_) => node.str()?.to_owned(),
        None => {
            let items: Vec<&str> = node.items().filter_map(|item| item.str()).collect();
            items.join(",")
        }
    };
    (!text.trim().is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_decide_the_names() {
        let count = |family, versions| wanted(family, versions).count();
        assert_eq!(count(Family::Vnf, None), 4);
        assert_eq!(count(Family::Vnf, Some("2.6.1")), 4);
        assert_eq!(count(Family::Vnf, Some("2.6.1, 2.7.1")), 8);
        assert_eq!(count(Family::Vnf, Some("v3.3.1")), 8);
        assert_eq!(count(Family::Ns, Some("3.3.1")), 6);
        assert_eq!(count(Family::Pnf, Some("2.10.1")), 5);
        assert_eq!(highest(Some("nonsense")), (2, 6, 1));
    }
}
