//! Values that stand there under several spellings of a key, with and without the prefix
//! of a module.

use std::mem::discriminant;
use std::ops::Range;

use foldhash::HashSet;

use super::path::is_inside;
use super::violation::{Violation, ViolationKind};
use crate::yaml::Document;

/// What stands there under several spellings of a key.
#[derive(Default)]
pub(super) struct Twins {
    /// The paths of all such values.
    pub paths: HashSet<String>,
    /// Bytes of the keys of lists with a prefix, with their values, that OSM's loader does
    /// not look at: it has the key without one.
    pub unread: Vec<Range<usize>>,
}

/// Gives all that is to be said of a document.
type Judge<'a> = dyn Fn(&Document) -> Vec<Violation> + 'a;

/// Puts right what was said of such values, by who keeps one
/// of them: OSM's loader takes one after the other, and so refuses what it would refuse of
/// each by itself; what else is to be said is said of the last, which it keeps. Without
/// a judge nobody knows which of the values is meant, so nothing is said of any.
pub(super) fn judge(
    doc: &Document,
    twins: &Twins,
    of: Option<&Judge<'_>>,
    violations: &mut Vec<Violation>,
) {
    /// Nobody writes a key more often, and each takes a walk over the document.
    const MOST: usize = 3;
    let paths = &twins.paths;
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
    let mut unread = twins.unread.clone();
    unread.sort_by_key(|at| at.start);
    violations.retain(|own| {
        let before = unread.partition_point(|at| at.start <= own.at.start);
        let is_unread = before > 0 && own.at.end <= unread[before - 1].end;
        !is_unread || matches!(own.kind, ViolationKind::SameKey { .. })
    });
}
