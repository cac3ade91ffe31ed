//! What the rules of this family share: the manifest's fields, and what they
//! name.

use std::path::Path;

use crate::descriptor::{Descriptor, Kind};
use crate::diagnostic::{Diagnostic, Rule, Span};
use crate::rules::Context;
pub(super) use crate::shield::digest::is_placeholder;
pub(super) use crate::shield::unsafe_reason;
use crate::shield::{self, plain};
use crate::source::{Finding, Form, MemberLink, Package, inner_file};
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

/// The attestation file that the manifest of a package names: the mapping that does, the place and
/// the name.
pub(super) fn attestation(package: &Package) -> Option<(Node<'_>, Node<'_>, &str)> {
    let (_, body) = of(package)?;
    let info = body.get("security_info")?;
    let (node, name) = path(info, "attestation_filename")?;
    Some((info, node, name))
}

/// Path of a file beside the manifest, among the package's files.
pub(super) fn beside(package: &Package, name: &str) -> String {
    let name = plain(name).unwrap_or_default();
    match package.descriptor_path.rfind('/') {
        Some(slash) => format!("{}{name}", &package.descriptor_path[..=slash]),
        None => name.to_owned(),
    }
}

/// The folder at the top of the package inside, and the name of its file.
pub(super) fn stem(package: &Package) -> Option<String> {
    Some(shield::stem(&inner_file(package)?)?.to_owned())
}

/// The descriptors in the folder that becomes the package inside, by their paths there, where
/// there are several and the manifest names none of them.
pub(super) fn variants(package: &Package, context: &Context<'_>) -> Vec<String> {
    let (None, Some(stem)) = (&package.inner, stem(package)) else {
        return Vec::new();
    };
    let name_of = |path: &Path| Some(path.file_name()?.to_str()?.to_owned());
    let kind = match package.kind() {
        Some(Kind::ShieldNs) => Kind::Ns,
        _ => Kind::Vnf,
    };
    let mut variants = Vec::new();
    for other in &context.packages {
        match other.form {
            Form::Loose if other.kind() == Some(kind) => {
                let folder = other.path.parent().and_then(name_of);
                if folder.as_ref() == Some(&stem) {
                    variants.extend(name_of(&other.path));
                }
            }
            Form::Folder if name_of(&other.path).as_ref() == Some(&stem) => {
                for finding in &other.findings {
                    if let Finding::SeveralDescriptors { spans } = finding {
                        let names = spans.iter().map(|span| Path::new(span.file.path()));
                        variants.extend(names.filter_map(name_of));
                    }
                }
            }
            _ => {}
        }
    }
    variants.sort();
    let variants = variants.iter();
    variants.map(|name| format!("{stem}/{name}")).collect()
}

/// The package inside, if it is a finished file.
pub(super) fn finished(package: &Package) -> Option<&Package> {
    package
        .inner
        .as_deref()
        .filter(|inner| inner.form == Form::Archive)
}

/// The finding about what a manifest names and is a link in the archive, if it is one. `what`
/// is called by its name and stands `place`.
pub(super) fn linked(
    (rule, span): (&'static Rule, Span),
    archive: &Package,
    path: &str,
    (what, place): (&str, &str),
) -> Option<Diagnostic> {
    let link = archive.link_at(path)?;
    let MemberLink { name, target, .. } = link;
    let is_it = name == path;
    let message = match is_it {
        true => format!("{what} is a link in {place}, and no file"),
        false => format!("{what} lies behind a link in {place}"),
    };
    let option = match link.is_symbolic {
        true => "--dereference",
        false => "--hard-dereference",
    };
    let packed = if is_it {
        "the file itself"
    } else {
        "the folder itself"
    };
    Some(
        Diagnostic::new(rule, span, message)
            .label(format!("`{name}` leads to `{target}`"))
            .note("the Store follows links where it unpacks; nothing that reads the archive itself does")
            .help(format!("pack {packed}: `tar {option}`")),
    )
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
