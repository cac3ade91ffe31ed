//! What a descriptor can know of those beside it.

use std::collections::{BTreeMap, BTreeSet};

use crate::descriptor::{Descriptor, Kind, Model, local};

/// The connection points of functions that are in SOL006 already, and the services
/// that are not.
#[derive(Clone, Debug, Default)]
pub struct Known {
    functions: BTreeMap<String, BTreeSet<String>>,
    old_services: BTreeSet<String>,
}

impl Known {
    /// Looks through the descriptors of a tree.
    pub fn of<'a>(descriptors: impl IntoIterator<Item = &'a Descriptor>) -> Self {
        let mut known = Known::default();
        for descriptor in descriptors {
            let Some(id) = descriptor.id() else {
                continue;
            };
            match (descriptor.kind, descriptor.model) {
                (Kind::Vnf, Model::Sol006) => {
                    let points = descriptor.field("ext-cpd").into_iter();
                    let ids = points.flat_map(|list| list.items());
                    let ids = ids.filter_map(|point| local(point, "id")?.str());
                    let ids = ids.map(str::to_owned).collect();
                    known.functions.insert(id.to_owned(), ids);
                }
                (Kind::Ns, Model::OsmIm) => {
                    known.old_services.insert(id.to_owned());
                }
                _ => {}
            }
        }
        known
    }

    /// What the connection point `name` of a function is called. That of a function
    /// that was migrated has an ending, and that of another has not.
    pub(super) fn point(&self, function: Option<&str>, name: &str) -> String {
        let new = external(name);
        let points = function.and_then(|id| self.functions.get(id));
        match points {
            Some(points) if points.contains(name) && !points.contains(&new) => name.to_owned(),
            _ => new,
        }
    }

    /// Whether a service is one of the old model.
    pub(super) fn is_old_service(&self, id: &str) -> bool {
        self.old_services.contains(id)
    }
}

/// The id of the external connection point that an old one becomes.
pub(super) fn external(name: &str) -> String {
    format!("{name}-ext")
}

/// The id of the internal connection point that an interface becomes.
pub(super) fn internal(name: &str) -> String {
    format!("{name}-int")
}
