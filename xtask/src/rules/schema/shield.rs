//! SHIELD manifests, of which there have been several forms.

use super::{Tried, groups, keys, report, violations, words};
use crate::descriptor::{Descriptor, Kind};
use crate::diagnostic::Diagnostic;
use crate::rules::shield::store_drift::{self, Drift};
use crate::rules::{Context, Place};
use crate::schema::{Violation, ViolationKind, by_name};
use crate::source::{Form, Package, Profile, ShieldProfile, inner_file};

/// What the Store takes.
const STORE: &str = "shield/store-head";

/// The schemas of SHIELD manifests with what each finds, that of the Store first, and which of
/// them fits best. `schema_version` is the same in several generations, so the profile that
/// fits is found by trying. What the build of the package writes is missing in none.
pub(super) fn tried(
    descriptor: &Descriptor,
    package: Option<&Package>,
    profile: ShieldProfile,
) -> Option<(usize, Vec<Tried>)> {
    // With another root key every schema sees nothing but an unknown key, and
    // `shield/root-key` says it better.
    let has_root = |key| {
        descriptor
            .doc
            .root()
            .is_some_and(|root| root.get(key).is_some())
    };
    if !has_root("manifest:ns") && !has_root("manifest:vnsf") {
        return None;
    }
    let names: &[&str] = match profile {
        ShieldProfile::Any => &[STORE, "shield/docs", "shield/legacy"],
        ShieldProfile::Docs => &["shield/docs"],
        ShieldProfile::Legacy => &["shield/legacy"],
        ShieldProfile::StoreHead => &[STORE],
    };
    let tried: Vec<Tried> = names
        .iter()
        .filter_map(|name| by_name(name))
        .map(|schema| {
            let mut found = violations(schema, descriptor, Profile::Osm);
            // What is built without a profile is what the Store takes, whatever it was before.
            let for_store = profile == ShieldProfile::Any || schema.name == STORE;
            found.retain(|violation| {
                !package.is_some_and(|p| is_filled_in(violation, p, for_store))
            });
            (schema, found)
        })
        .collect();
    // The first of several with the same number: the Store's own model.
    let best = (0..tried.len()).min_by_key(|&i| groups(&tried[i].1).len())?;
    Some((best, tried))
}

/// Whether a key is missing that the build writes: in any form, or in that of the Store.
fn is_filled_in(violation: &Violation, package: &Package, for_store: bool) -> bool {
    let manifest = package.descriptor.as_ref();
    let (around, key) = match &violation.kind {
        ViolationKind::MissingKey { key, .. } => (violation.path.as_str(), key.as_str()),
        // A key without a value is as good as none.
        ViolationKind::WrongType { .. } | ViolationKind::Count { .. } => {
            let Some((around, key)) = violation.path.rsplit_once('/') else {
                return false;
            };
            let mut holder = manifest.and_then(|manifest| manifest.body());
            for key in around.split('/').skip(1) {
                holder = holder.and_then(|holder| holder.get(key));
            }
            let node = holder.and_then(|holder| holder.get(key));
            if !node.is_some_and(|node| node.text().is_some() && node.str().is_none()) {
                return false;
            }
            (around, key)
        }
        _ => return false,
    };
    if package.form == Form::Archive {
        return false;
    }
    match (around.split_once('/'), key) {
        (None, "hash" | "hashing_algorithm") => true,
        (None, "schema_version") => for_store,
        (None, "package" | "descriptor") => {
            package.inner.is_some() && inner_file(package).is_some()
        }
        (Some((_, "security_info")), "hash") => {
            let info = manifest.and_then(|manifest| manifest.field("security_info"));
            let name = info.and_then(|info| info.get("attestation_filename")?.str());
            let name = name.and_then(crate::shield::plain);
            name.is_some_and(|name| package.file(&name).is_some())
        }
        _ => false,
    }
}

/// Holds a manifest against the forms that are accepted, and tells what the Store refuses of
/// one that is only older.
pub(super) fn check(
    descriptor: &Descriptor,
    package: &Package,
    profile: ShieldProfile,
    context: &Context<'_>,
    out: &mut Vec<Diagnostic>,
) {
    let Some((best, tried)) = tried(descriptor, Some(package), profile) else {
        return;
    };
    let (schema, found) = &tried[best];
    let is_there = |kind, id: &str| !context.find(kind, id).is_empty();
    if !found.is_empty() {
        return report(found, &Place::new(descriptor, schema, &is_there), out);
    }
    // Who asks for another form has not the Store of today in mind.
    let is_drift = profile == ShieldProfile::Any && best > 0;
    let Some(store) = by_name(STORE).filter(|_| is_drift) else {
        return;
    };
    let drift = violations(store, descriptor, Profile::Osm);
    let mut of = Drift {
        descriptor,
        is_first: true,
        is_service: descriptor.kind == Kind::ShieldNs,
        package,
    };
    for group in groups(&drift) {
        let Some(first) = group.first() else {
            continue;
        };
        let keys = keys(&group);
        let message = match first.kind {
            ViolationKind::MissingKey { .. } => words::missing(&keys, &first.path),
            _ => words::message(first),
        };
        out.push(store_drift::field(first, &keys, &of, &message));
        of.is_first = false;
    }
}
