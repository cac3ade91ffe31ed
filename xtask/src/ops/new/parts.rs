//! What of the tree a new package is made of.

use std::collections::BTreeSet;

use super::{NewError, NewOptions};
use crate::descriptor::Kind;
use crate::rules;
use crate::source::{Form, Layout, Package, Scan};

/// A package of the tree that the new one is made of.
pub(super) struct Part<'a> {
    pub id: String,
    pub package: &'a Package,
}

/// The packages that the new one is made of: those that were asked for, or for
/// a service and a slice all there are, or for a SHIELD package the only one.
pub(super) fn parts<'a>(options: &NewOptions, scan: &'a Scan) -> Result<Vec<Part<'a>>, NewError> {
    let Some(kind) = options.kind.part() else {
        return Ok(Vec::new());
    };
    let is_shield = options.kind.layout() == Layout::Shield;
    let mut seen = BTreeSet::new();
    let mut there: Vec<Part<'a>> = Vec::new();
    for package in &scan.packages {
        let is_fit = package.kind() == Some(kind)
            && package.form != Form::Archive
            && (!is_shield || package.layout == Layout::Osm);
        let Some(id) = package.id().filter(|id| !id.contains(char::is_control)) else {
            continue;
        };
        if is_fit && seen.insert(id) {
            let id = id.to_owned();
            there.push(Part { id, package });
        }
    }
    let mut wanted: Vec<&String> = options.vnf.iter().chain(&options.ns).collect();
    wanted.extend(&options.package);
    let wrapper = |id: &str| {
        scan.packages.iter().find(|outer| {
            let inner = outer.inner.as_deref();
            inner.is_some_and(|inner| inner.kind() == Some(kind) && inner.id() == Some(id))
        })
    };
    if wanted.is_empty() {
        if !is_shield {
            return Ok(there);
        }
        there.retain(|part| wrapper(&part.id).is_none());
        return match there.len() {
            0 => Err(NewError::NothingToWrap {
                kind: kind.as_str(),
                word: if kind == Kind::Ns { "ns" } else { "vnf" },
            }),
            1 => Ok(there),
            _ => Err(NewError::SeveralToWrap {
                kind: kind.as_str(),
                ids: there.into_iter().map(|part| part.id).collect(),
            }),
        };
    }
    let mut chosen: Vec<Part<'a>> = Vec::new();
    for id in wanted {
        if chosen.iter().any(|part| part.id == *id) {
            continue;
        }
        let Some(at) = there.iter().position(|part| part.id == *id) else {
            let mut all = scan.packages.iter();
            let is_it = |p: &&Package| p.kind() == Some(kind) && p.id() == Some(id.as_str());
            if let Some(other) = all.find(is_it).filter(|p| p.layout == Layout::Csar) {
                return Err(NewError::OtherLayout {
                    id: id.clone(),
                    place: other.shown.clone(),
                    what: "a CSAR",
                });
            }
            let ids = there.iter().map(|part| part.id.as_str());
            return Err(NewError::NoPart {
                kind: kind.as_str(),
                id: id.clone(),
                nearest: rules::nearest(id, ids).map(str::to_owned),
            });
        };
        if let (true, Some(outer)) = (is_shield, wrapper(id)) {
            return Err(NewError::Wrapped {
                id: id.clone(),
                place: outer.shown.clone(),
            });
        }
        chosen.push(there.swap_remove(at));
    }
    Ok(chosen)
}
