//! Which packages a change affects: those that it touches, and those that need them.

use std::collections::{HashMap, HashSet};

use crate::descriptor::{Kind, needs};
use crate::source::Package;

/// For each package, whether a change affects it: those that it touches, and who needs one of them
/// by the id that it has, or had `before`, and who needs that.
pub fn affected(
    packages: &[Package],
    mut touched: Vec<bool>,
    before: &[(Kind, String)],
) -> Vec<bool> {
    // By the ids that they are needed by.
    let mut needy: HashMap<(Kind, String), Vec<usize>> = HashMap::new();
    for (i, package) in packages.iter().enumerate() {
        for own in package.with_inner() {
            let needs = own.descriptor.as_ref().map(needs).unwrap_or_default();
            for need in needs {
                if let Some(kind) = need.kind.descriptor() {
                    needy.entry((kind, need.id)).or_default().push(i);
                }
            }
        }
    }
    let mut seen: HashSet<(Kind, String)> = HashSet::new();
    let mut open: Vec<(Kind, String)> = before.to_vec();
    let all = packages.iter().zip(&touched);
    open.extend(
        all.filter(|(_, touched)| **touched)
            .flat_map(|(p, _)| offers(p)),
    );
    while let Some(offer) = open.pop() {
        for i in needy.get(&offer).into_iter().flatten() {
            if !std::mem::replace(&mut touched[*i], true) {
                open.extend(offers(&packages[*i]).filter(|offer| !seen.contains(offer)));
            }
        }
        seen.insert(offer);
    }
    touched
}

/// What a package is to others: its kind and id, and those of the package that it
/// wraps.
fn offers(package: &Package) -> impl Iterator<Item = (Kind, String)> {
    let all = package.with_inner();
    all.filter_map(|p| Some((p.kind()?, p.id()?.to_owned())))
}
