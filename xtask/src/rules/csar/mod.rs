//! Rules on CSARs: the packages of ETSI GS NFV-SOL 004 and SOL 007, finished,
//! as source folders, and as the configuration wants them made.

mod change_log;
mod digest;
mod layout;
mod licenses;
mod manifest;
mod meta;
mod metadata;
mod mismatch;
mod release_date;
mod signature;
mod source_missing;
mod stale_date;
mod stale_manifest;
mod tests;

use super::Lint;
use crate::csar::{self, Family, Manifest, Meta, Part};
use crate::diagnostic::{Diagnostic, Rule, Span};
use crate::source::{Csar, Form, Layout, Package, Text};

pub(super) const LINTS: &[&Lint] = &[
    &layout::LINT,
    &meta::LINT,
    &manifest::LINT,
    &metadata::LINT,
    &mismatch::LINT,
    &release_date::LINT,
    &stale_date::LINT,
    &source_missing::LINT,
    &stale_manifest::LINT,
    &digest::LINT,
    &signature::LINT,
    &change_log::LINT,
    &licenses::LINT,
    &tests::LINT,
];

/// The package as a CSAR.
fn csar(package: &Package) -> Option<(&Csar, Family)> {
    let csar = package.csar.as_ref()?;
    (package.layout == Layout::Csar).then_some((csar, Family::of(package.kind()?)?))
}

/// A finding about what the configuration says of a package.
fn configured(
    rule: &'static Rule,
    package: &Package,
    at: Option<&Span>,
    message: String,
) -> Diagnostic {
    match at {
        Some(at) => {
            Diagnostic::new(rule, at.clone(), message).also(package.span(), "this is the package")
        }
        None => Diagnostic::new(rule, package.span(), message),
    }
}

/// The manifest that was found.
struct Found<'a> {
    path: &'a str,
    file: &'a Text,
    manifest: Manifest<'a>,
    family: Family,
}

fn manifest(package: &Package) -> Option<Found<'_>> {
    let (csar, family) = csar(package)?;
    let path = csar.manifest.as_deref()?;
    let file = package.text(path)?;
    Some(Found {
        path,
        file,
        manifest: Manifest::parse(file.text()),
        family,
    })
}

impl Found<'_> {
    fn span(&self, at: std::ops::Range<usize>) -> Span {
        Span::new(self.file, at)
    }
}

/// The `TOSCA.meta`, if there is one.
fn meta(package: &Package) -> Option<(&Text, Meta<'_>)> {
    csar(package)?;
    let file = package.text(csar::META)?;
    Some((file, Meta::parse(file.text())))
}

/// Whether the finished package has a file or folder of that name.
fn has(package: &Package, own: &Csar, name: &str) -> bool {
    let name = name.trim_end_matches('/');
    let mut added = own.added.iter();
    added.any(|file| csar::is_at(&file.path, name))
        || package.files.iter().any(|file| {
            let placed = package.placed(&file.path);
            placed.is_some_and(|path| csar::is_at(&path, name))
        })
}

/// Says that a part is missing: the file or folder, or where `TOSCA.meta`
/// points at. `key` is the setting that adds it.
fn missing_part(
    rule: &'static Rule,
    package: &Package,
    part: Part,
    place: &str,
    key: &str,
    what: &str,
) -> Option<Diagnostic> {
    let (csar, family) = csar(package)?;
    if family == Family::Pnf && part != Part::ChangeLog {
        return None;
    }
    let place_of = |what: &str| match package.form {
        Form::Archive => format!("build the package again, with {what}"),
        _ => format!("add {what}, or name one with `{key}` in `[csar]` of the configuration"),
    };
    if let Some((file, meta)) = meta(package) {
        // What it names and what is not there, `csar/meta` tells.
        if meta.part(part).is_some() {
            return None;
        }
        let message = format!("`TOSCA.meta` names no {what}: it has no `{}`", part.key());
        let help = match has(package, csar, place) {
            true => format!("add the line `{}: {place}`", part.key()),
            false => format!("add `{place}` and the line `{}: {place}`", part.key()),
        };
        return Some(Diagnostic::new(rule, Span::whole(file), message).help(help));
    }
    if has(package, csar, place) {
        return None;
    }
    let message = format!("the package has no {what}");
    let help = place_of(&format!("`{place}`"));
    Some(Diagnostic::new(rule, package.span(), message).help(help))
}
