//! What came of the comparison.

use std::collections::{BTreeMap, BTreeSet};

use nfv::schema::Violation;

use super::tree::schema_path;
use crate::yang::Complaint;

/// Counts of verdicts, and the differences in full.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many documents both accept.
    pub accepted: usize,
    /// How many documents both refuse.
    pub refused: usize,
    /// How many of the refused have a shape that no instance can have.
    pub shape: usize,
    /// On how many libyang crashed, or found no end.
    pub crashed: usize,
    /// Those documents.
    pub crashes: Vec<String>,
    /// How many differ by a fault of libyang, by its name.
    pub known: BTreeMap<&'static str, usize>,
    /// How many faults of each class were tried.
    pub classes: BTreeMap<&'static str, usize>,
    /// On how many of each class the verdicts differ.
    pub unlike: BTreeMap<&'static str, usize>,
    /// How many nodes libyang complains of in documents that both refuse, and
    /// at how many of them we have a finding too.
    pub complaints: (usize, usize),
    /// How many nodes we have a finding at, and of how many libyang complains.
    pub findings: (usize, usize),
    /// What libyang complains of where we have no finding: message and count.
    pub unfound: BTreeMap<String, usize>,
    /// The documents on which the verdicts differ.
    pub different: Vec<String>,
}

impl Tally {
    /// Adds the counts of another.
    pub fn add(&mut self, other: Tally) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.shape += other.shape;
        self.crashed += other.crashed;
        self.crashes.extend(other.crashes);
        for (name, count) in other.known {
            *self.known.entry(name).or_default() += count;
        }
        for (name, count) in other.classes {
            *self.classes.entry(name).or_default() += count;
        }
        for (class, count) in other.unlike {
            *self.unlike.entry(class).or_default() += count;
        }
        self.complaints.0 += other.complaints.0;
        self.complaints.1 += other.complaints.1;
        self.findings.0 += other.findings.0;
        self.findings.1 += other.findings.1;
        for (message, count) in other.unfound {
            *self.unfound.entry(message).or_default() += count;
        }
        self.different.extend(other.different);
    }

    /// How many documents were judged.
    pub fn total(&self) -> usize {
        let known: usize = self.known.values().sum();
        self.accepted + self.refused + self.crashed + known + self.different.len()
    }

    /// Counts the nodes that each complains of, in a document that both
    /// refuse.
    pub fn compare(&mut self, ours: &[Violation], theirs: &[Complaint]) {
        let own: BTreeSet<String> = ours.iter().map(|v| schema_path(&v.path)).collect();
        let other: BTreeMap<String, &Complaint> = theirs
            .iter()
            .map(|complaint| (plain(&complaint.path), complaint))
            .collect();
        for (path, complaint) in &other {
            // Of some faults libyang gives the last names only, of some none.
            let is_found = match complaint.path.starts_with('/') {
                true => own.iter().any(|own| near(own, path)),
                false => own.iter().any(|own| own.ends_with(path.as_str())),
            };
            self.complaints.0 += 1;
            self.complaints.1 += usize::from(is_found);
            if !is_found {
                let text = format!("{path}: {}", complaint.message);
                *self.unfound.entry(text).or_default() += 1;
            }
        }
        self.findings.0 += own.len();
        let is_told = |own: &&String| {
            let mut others = other.iter();
            others.any(|(path, complaint)| match complaint.path.starts_with('/') {
                true => near(own, path),
                false => own.ends_with(path.as_str()),
            })
        };
        self.findings.1 += own.iter().filter(is_told).count();
    }
}

/// Whether two paths are of one node, or of a node and the one around it: what
/// is missing is told at the one or at the other.
fn near(a: &str, b: &str) -> bool {
    let is_in = |a: &str, b: &str| {
        let rest = a.strip_prefix(b);
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('/') && !rest[1..].contains('/')
        })
    };
    is_in(a, b) || is_in(b, a)
}

/// The path in the schema of a path of libyang: `nfv/vnfd/id` for
/// `/nfv:nfv/vnfd[id='a']/id`.
pub fn plain(path: &str) -> String {
    let mut names = Vec::new();
    let mut name = String::new();
    let mut quote = None;
    let mut depth = 0_usize;
    for c in path.chars() {
        match (c, quote) {
            (_, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"', None) if depth > 0 => quote = Some(c),
            ('[', None) => depth += 1,
            (']', None) => depth = depth.saturating_sub(1),
            ('/', None) if depth == 0 => names.push(std::mem::take(&mut name)),
            (':', None) if depth == 0 => name.clear(),
            _ if depth == 0 => name.push(c),
            _ => {}
        }
    }
    names.push(name);
    names.retain(|name| !name.is_empty());
    names.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_libyang_lose_keys_and_prefixes() {
        assert_eq!(plain("/m:nfv/vnfd[id='a/b']/x:id"), "nfv/vnfd/id");
        assert_eq!(plain("/m:a/b[k=\"it's\"][l='2']"), "a/b");
    }

    #[test]
    fn a_node_is_near_itself_and_the_one_around_it() {
        assert!(near("a/b", "a/b"));
        assert!(near("a/b", "a"));
        assert!(near("a", "a/b"));
        assert!(!near("a/b/c", "a"));
        assert!(!near("a/bc", "a/b"));
    }
}
