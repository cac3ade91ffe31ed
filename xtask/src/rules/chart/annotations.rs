//! The annotations that make a chart a NEPHELE artifact.

use crate::descriptor::{Descriptor, Kind};
use crate::source::Package;
use crate::yaml::Node;

/// Every chart of the package, with the folder it stands in: the package
/// itself, or charts that travel inside it.
pub(super) fn charts(package: &Package) -> impl Iterator<Item = (&str, &Descriptor)> {
    let own = package.descriptor.iter();
    let own = own.map(|descriptor| (package.descriptor_path.as_str(), descriptor));
    let inside = package.charts.iter();
    own.chain(inside.map(|(path, descriptor)| (path.as_str(), descriptor)))
        .filter(|(_, descriptor)| descriptor.kind == Kind::Chart)
        .map(|(path, descriptor)| {
            let folder = path.rfind('/').map_or("", |slash| &path[..=slash]);
            (folder, descriptor)
        })
}

/// The annotation of that name, if it says something.
pub(super) fn get<'a>(chart: &'a Descriptor, name: &str) -> Option<(Node<'a>, &'a str)> {
    let node = chart.body()?.get("annotations")?.get(name)?;
    Some((node, node.str()?))
}
