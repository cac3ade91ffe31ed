//! Paths of nodes in a document, as findings show them: `vnfd/vdu/0/id`.

use foldhash::HashSet;

/// The path of what a key leads to from a node.
pub(super) fn join(path: &str, key: &str) -> String {
    match path {
        "" => key.to_owned(),
        path => format!("{path}/{key}"),
    }
}

/// Whether a path is one of others, or leads on from one.
pub(super) fn is_inside(path: &str, others: &HashSet<String>) -> bool {
    let ends = path.match_indices('/').map(|(i, _)| i);
    ends.chain([path.len()])
        .any(|end| others.contains(&path[..end]))
}
