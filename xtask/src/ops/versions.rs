//! Versions as people number them: which of several is the highest.

use std::cmp::Ordering;

/// The highest of several tags that are versions, or of several names that end
/// with one behind a colon. Without a version among them, the only one there
/// is or `latest`.
pub(super) fn highest(names: &[String]) -> Option<String> {
    let tag = |name: &str| name.rsplit(':').next().unwrap_or_default().to_owned();
    // What only points to a digest is no version.
    let names = names.iter().filter(|name| !is_pointer(&tag(name)));
    let mut names: Vec<&String> = names.collect();
    names.sort_by(|a, b| compare(&tag(a), &tag(b)));
    let numbered = names.iter().rev().find(|name| {
        let tag = tag(name);
        let tag = tag.trim_start_matches('v');
        tag.starts_with(|c: char| c.is_ascii_digit()) && !is_preliminary(tag)
    });
    let named = || names.iter().find(|name| tag(name) == "latest");
    let only = match names.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    let found = numbered.or_else(named).or(only);
    found.map(|name| (*name).clone())
}

/// The same for what is needed by its id alone: where there are preliminary versions only,
/// the highest of those, because somebody has published them to be used and nobody is there
/// to name one. `Ok(None)` where there is nothing.
///
/// # Errors
///
/// Several names, of which none is the highest; they are given back.
pub(super) fn highest_needed(names: &[String]) -> Result<Option<String>, Vec<String>> {
    if let Some(found) = highest(names) {
        return Ok(Some(found));
    }
    let tag = |name: &str| name.rsplit(':').next().unwrap_or_default().to_owned();
    let there = names.iter().filter(|name| !is_pointer(&tag(name)));
    let there: Vec<&String> = there.collect();
    let numbered = there.iter().filter(|name| {
        let tag = tag(name);
        let tag = tag.trim_start_matches('v');
        tag.starts_with(|c: char| c.is_ascii_digit())
    });
    let found = numbered.max_by(|a, b| compare(&tag(a), &tag(b)));
    match found {
        Some(found) => Ok(Some((*found).clone())),
        None if there.is_empty() => Ok(None),
        None => Err(there.into_iter().cloned().collect()),
    }
}

/// The tag by which an artifact is found by the digest of what it was made of;
/// `None` for what is no digest.
pub(super) fn sources_tag(digest: &str) -> Option<String> {
    let hex = digest.strip_prefix("sha256:")?;
    Some(format!("{SOURCES}{hex}"))
}

const SOURCES: &str = "sources-";

/// Whether a tag stands for something else than a version: the fallback of the
/// referrers API, what cosign hangs beside an image, or what an artifact was made
/// of.
pub(super) fn is_pointer(tag: &str) -> bool {
    let is_digest = |hex: &str| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    let beside = tag.strip_prefix("sha256-");
    let beside = beside.map(|rest| rest.split('.').next().unwrap_or_default());
    beside.is_some_and(is_digest) || tag.strip_prefix(SOURCES).is_some_and(is_digest)
}

/// `1.0-rc1` comes before `1.0` (Semantic Versioning 2.0.0, §9).
fn is_preliminary(version: &str) -> bool {
    let version = version.split(['+', '_']).next().unwrap_or_default();
    version.contains('-')
}

/// Compares two versions part by part: numbers as numbers, and a part that is
/// not there before any that is, unless that is a preliminary one.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let parts = |version: &str| -> (Vec<String>, Option<Vec<String>>) {
        let version = version.trim_start_matches('v');
        let version = version.split(['+', '_']).next().unwrap_or_default();
        let split = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        match version.split_once('-') {
            Some((release, preliminary)) => (split(release), Some(split(preliminary))),
            None => (split(version), None),
        }
    };
    let ((a_release, a_rest), (b_release, b_rest)) = (parts(a), parts(b));
    let by_release = by_parts(&a_release, &b_release);
    by_release
        .then_with(|| match (a_rest, b_rest) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => by_parts(&a, &b),
        })
        .then_with(|| a.cmp(b))
}

pub(super) fn by_parts(a: &[String], b: &[String]) -> Ordering {
    for (a, b) in a.iter().zip(b) {
        let order = match (a.parse::<u64>(), b.parse::<u64>()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => a.cmp(b),
        };
        if order.is_ne() {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_their_order() {
        let sorted = [
            "0.9",
            "1.0-alpha",
            "1.0-rc.2",
            "1.0-rc.10",
            "1.0",
            "1.0.1",
            "1.2",
            "1.10",
            "v2",
            "2.1",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn the_highest_that_is_finished() {
        let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let of = |list: &[&str]| highest(&names(list));
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(of(&["1.2", "1.10", "2.0-rc1", "latest"]), some("1.10"));
        assert_eq!(of(&["main", "latest", "dev"]), some("latest"));
        assert_eq!(of(&["main"]), some("main"));
        assert_eq!(of(&["main", "dev"]), None);
        assert_eq!(of(&["a:1.0", "a:1.1"]), some("a:1.1"));
        let pointer = format!("sha256-{}.sig", "a".repeat(64));
        assert_eq!(of(&[&pointer, "0.1"]), some("0.1"));
        assert_eq!(of(&[&pointer]), None);
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["2.0-alpha", "2.0-beta"]), None);
    }

    #[test]
    fn what_is_needed_may_be_preliminary() {
        let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let of = |list: &[&str]| highest_needed(&names(list));
        let some = |name: &str| Ok(Some(name.to_owned()));
        assert_eq!(of(&["1.0", "2.0-rc1"]), some("1.0"));
        assert_eq!(of(&["2.0-rc.10", "2.0-rc.9", "draft"]), some("2.0-rc.10"));
        assert_eq!(of(&["a:1.0-alpha", "a:1.0-beta"]), some("a:1.0-beta"));
        assert_eq!(of(&["draft", "final"]), Err(names(&["draft", "final"])));
        assert_eq!(of(&["draft"]), some("draft"));
        assert_eq!(of(&[&format!("sha256-{}", "a".repeat(64))]), Ok(None));
    }
}
