//! What the rules of this family share: the manifest's fields, and what they
//! name.

use crate::descriptor::Descriptor;
use crate::source::{Form, Package};
use crate::yaml::{Node, Shape};

/// The manifest and its fields, if the package is a SHIELD package.
pub(super) fn of(package: &Package) -> Option<(&Descriptor, Node<'_>)> {
    let descriptor = package.descriptor.as_ref()?;
    if !descriptor.kind.is_shield() || package.form == Form::Loose {
        return None;
    }
    Some((descriptor, descriptor.body()?))
}

/// A field that says something.
pub(super) fn field<'a>(node: Node<'a>, key: &str) -> Option<(Node<'a>, &'a str)> {
    let node = node.get(key)?;
    Some((node, node.str()?))
}

/// A field that names a file, if it is safe to follow.
pub(super) fn path<'a>(node: Node<'a>, key: &str) -> Option<(Node<'a>, &'a str)> {
    field(node, key).filter(|(_, path)| unsafe_reason(path).is_none() && !is_placeholder(path))
}

/// Why a path must not be followed.
pub(super) fn unsafe_reason(path: &str) -> Option<&'static str> {
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.contains('\\') {
        Some("it holds a backslash")
    } else if path.starts_with('/') || drive {
        Some("it is absolute")
    } else if path.split('/').any(|part| part == "..") {
        Some("it leads out of the package with `..`")
    } else {
        None
    }
}

/// Path of a file beside the manifest, among the package's files.
pub(super) fn beside(package: &Package, name: &str) -> String {
    match package.descriptor_path.rfind('/') {
        Some(slash) => format!("{}{name}", &package.descriptor_path[..=slash]),
        None => name.to_owned(),
    }
}

/// The inner package's name without its ending, which is also the name of the
/// folder inside.
pub(super) fn stem(node: Node<'_>) -> Option<&str> {
    path(node, "package")?.1.strip_suffix(".tar.gz")
}

/// The package inside, if it is a finished file.
pub(super) fn finished(package: &Package) -> Option<&Package> {
    package
        .inner
        .as_deref()
        .filter(|inner| inner.form == Form::Archive)
}

/// Whether a text is what a template leaves to its author.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let bracketed = text.len() > 2 && text.starts_with('<') && text.ends_with('>');
    let word = text.to_ascii_lowercase();
    bracketed || matches!(word.as_str(), "tbd" | "/path/to/file" | "digest_of_file")
}

/// Calls `f` for every scalar, with the key that leads to it.
pub(super) fn scalars<'a>(node: Node<'a>, f: &mut impl FnMut(&'a str, Node<'a>)) {
    let mut seen = std::collections::HashSet::new();
    let mut open = vec![(node, "")];
    while let Some((node, key)) = open.pop() {
        if !seen.insert(node.index()) {
            continue;
        }
        match node.shape() {
            Shape::Scalar => f(key, node),
            Shape::Sequence => open.extend(node.items().map(|item| (item, key))),
            Shape::Mapping => open.extend(node.entries().map(|e| (e.value(), e.key()))),
        }
    }
}
