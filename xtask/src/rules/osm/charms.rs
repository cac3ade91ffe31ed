//! Charms: where descriptors name them and where packages hold them.

use crate::descriptor::{Kind, Model, local};
use crate::rules::names;
use crate::source::Package;
use crate::yaml::Node;

/// A charm that a descriptor names.
pub(super) struct Charm<'a> {
    /// The value of `charm`.
    pub node: Node<'a>,
    /// Its text.
    pub name: &'a str,
    /// Whether OSM looks for the folder of charms when the package arrives.
    pub is_checked: bool,
}

/// Whether a charm comes from a store: `cs:ubuntu`, `ch:...`.
pub(super) fn is_of_store(name: &str) -> bool {
    name.contains(':')
}

/// The day-1 and day-2 configurations of a deployment flavour.
pub(super) fn day12(df: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let path = ["lcm-operations-configuration", "operate-vnf-op-config"];
    names::within(df, &path)
        .into_iter()
        .flat_map(|config| names::list(config, "day1-2"))
}

/// All charms of the package's descriptor.
pub(super) fn of(package: &Package) -> Vec<Charm<'_>> {
    let mut charms = Vec::new();
    let Some(descriptor) = &package.descriptor else {
        return charms;
    };
    let Some(body) = descriptor.body() else {
        return charms;
    };
    match (descriptor.kind, descriptor.model) {
        (Kind::Vnf, Model::Sol006) => {
            let vnf = names::text(body, "id");
            // OSM looks for charms of the VNF up to the first flavour without
            // a configuration, and for charms of VDUs in all.
            let mut is_open = true;
            for df in names::list(body, "df") {
                let path = ["lcm-operations-configuration", "operate-vnf-op-config"];
                is_open &= names::within(df, &path).is_some();
                let vdus = names::ids(df, "vdu-profile", "id");
                for config in day12(df) {
                    let id = names::text(config, "id");
                    let is_checked = (id == vnf && is_open) || vdus.contains(&id);
                    for environment in names::list(config, "execution-environment-list") {
                        add(environment, is_checked, &mut charms);
                    }
                    // The form of the older model is carried along.
                    add(config, false, &mut charms);
                }
            }
            // Release NINE had configurations in lists of their own.
            for list in ["vnf-configuration", "vdu-configuration"] {
                for config in names::list(body, list) {
                    add(config, true, &mut charms);
                    for environment in names::list(config, "execution-environment-list") {
                        add(environment, true, &mut charms);
                    }
                }
            }
        }
        (Kind::Vnf, Model::OsmIm) => {
            if let Some(config) = local(body, "vnf-configuration") {
                add(config, true, &mut charms);
            }
            for vdu in names::list(body, "vdu") {
                if let Some(config) = local(vdu, "vdu-configuration") {
                    add(config, true, &mut charms);
                }
            }
        }
        (Kind::Ns, Model::Sol006 | Model::OsmIm) => {
            if let Some(config) = local(body, "ns-configuration") {
                add(config, false, &mut charms);
            }
        }
        _ => {}
    }
    charms
}

fn add<'a>(holder: Node<'a>, is_checked: bool, charms: &mut Vec<Charm<'a>>) {
    let found = local(holder, "juju").and_then(|juju| names::value(juju, "charm"));
    if let Some((node, name)) = found {
        charms.push(Charm {
            node,
            name,
            is_checked,
        });
    }
}

/// What lies directly in the package's folder of charms, where OSM looks for them.
pub(super) fn shipped(package: &Package) -> Vec<&str> {
    let found = below(package).filter(|rest| source(rest).is_none());
    sorted(found.filter_map(|rest| rest.split('/').next()))
}

/// The charms of which the package has the source, as it is before `charm build`
/// or `charmcraft` made a charm of it.
pub(super) fn sources(package: &Package) -> Vec<&str> {
    let found = below(package).filter_map(source);
    sorted(found.filter_map(|rest| rest.split('/').next()))
}

fn source(path: &str) -> Option<&str> {
    let mut folders = ["layers/", "ops/"].iter();
    folders.find_map(|folder| path.strip_prefix(folder))
}

fn below(package: &Package) -> impl Iterator<Item = &str> {
    names::files(package).filter_map(|path| {
        let path = path.strip_prefix("Scripts/").unwrap_or(path);
        path.strip_prefix("charms/")
    })
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}
