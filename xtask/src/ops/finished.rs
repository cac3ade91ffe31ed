//! A finished package, read as what it is, for documents about it.

use super::Error;
use super::source_of;
use super::target::Target;
use crate::source::{self, Finding, Package, Selection, Workspace};

/// Reads what `name` names: a file, or a reference of the image layout.
///
/// # Errors
///
/// It is not there, is no package, or is one of which two readers would see
/// different things: a document about it would be true for one of them.
pub(super) fn read(workspace: &Workspace, name: &str) -> Result<(Target, Package), Error> {
    let target = source_of::finished(workspace, name).map_err(|error| match error {
        Error::NoSuchTarget { name, .. } if is_place(&name) => Error::NotHere(name),
        error => error,
    })?;
    let selection = Selection {
        archives: vec![(target.path.clone(), target.shown.clone())],
        ..Selection::default()
    };
    let scan = source::scan(workspace, &selection).map_err(Error::Scan)?;
    let mut packages = scan.packages.into_iter();
    let package = packages.find(|package| package.shown == target.shown);
    let unsound = |reason: &str| Error::Unsound {
        package: target.shown.clone(),
        reason: reason.to_owned(),
        command: "verify",
    };
    let package = package.ok_or_else(|| unsound("it is no package"))?;
    if let Some(reason) = fault(&package) {
        return Err(unsound(&reason));
    }
    Ok((target, package))
}

/// Whether a name is that of a place, of which nothing is read here.
fn is_place(name: &str) -> bool {
    let begins = |start: &&str| name.starts_with(*start);
    name.contains("://") || ["oci:", "oci-archive:"].iter().any(begins)
}

/// Why nothing can be said of a package that holds for everybody.
pub(super) fn fault(package: &Package) -> Option<String> {
    let grave = package.findings.iter().find_map(|finding| match finding {
        Finding::Archive { reason, .. } => Some(reason.clone()),
        Finding::UnsafeMember { span, reason } => Some(format!(
            "its member `{}` is not safe to unpack: {reason}",
            span.file.path()
        )),
        Finding::NoDescriptor { because, .. } => {
            Some(format!("no descriptor was found; {because}"))
        }
        Finding::NotYaml { doc } => Some(format!("`{}` is no YAML", doc.file().path())),
        Finding::SeveralDescriptors { .. } => Some("it has several descriptors".to_owned()),
        _ => None,
    });
    let inner = package.inner.as_deref().and_then(|inner| {
        let name = inner.shown.rsplit("!/").next().unwrap_or(&inner.shown);
        let reason = fault(inner)?;
        Some(format!("the package `{name}` in it is at fault: {reason}"))
    });
    let is_shield = package.kind().is_some_and(|kind| kind.is_shield());
    let nameless = match (is_shield, package.descriptor.is_some()) {
        (true, _) => "the package inside is not there, or has a path that must not be followed",
        (false, true) => "its descriptor has no id",
        (false, false) => "what is named as its descriptor is none",
    };
    let nameless = package.id().is_none().then(|| nameless.to_owned());
    grave.or(inner).or(nameless)
}
