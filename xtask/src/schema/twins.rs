//! Values that stand there under several spellings of a key, with and without the prefix
//! of a module.

use std::mem::discriminant;

use foldhash::HashSet;

use super::path::is_inside;
use super::violation::Violation;
use crate::yaml::Document;

/// Gives all that is to be said of a document.
type Judge<'a> = dyn Fn(&Document) -> Vec<Violation> + 'a;

/// Puts right what was said of such values, which are those at `paths`, by who keeps one
/// of them: OSM's loader takes one after the other, and so refuses what it would refuse of
/// each by itself; what else is to be said is said of the last, which it keeps. Without
/// a judge nobody knows which of the values is meant, so nothing is said of any.
pub(super) fn judge(
    doc: &Document,
    paths: &HashSet<String>,
    of: Option<&Judge<'_>>,
    violations: &mut Vec<Violation>,
) {
    /// Nobody writes a key more often, and each takes a walk over the document.
    const MOST: usize = 3;
    violations.retain(|own| !is_inside(&own.path, paths));
    let Some(of) = of else { return };
    let mark = |own: &Violation| (own.at.start, own.at.end, discriminant(&own.kind));
    let mut told = HashSet::default();
    for before in 0..MOST {
        let Some(single) = doc.without_twins(before) else {
            break;
        };
        let mut own = of(&single);
        own.retain(|own| {
            let is_minded = before == 0 || !own.tolerated;
            is_minded && is_inside(&own.path, paths) && !told.contains(&mark(own))
        });
        told.extend(own.iter().map(mark));
        violations.append(&mut own);
    }
}
