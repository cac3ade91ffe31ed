//! Lists the leafrefs and conditions of a module as they are written.
//!
//! The list is for those who state a condition that a new release brings; it
//! is XPath, and no part of the schemas.

use crate::yang::{Base, Kind, Node, Type};

/// Adds a document to the report, one line for each statement: the schema, the
/// path of the node, the statement and its argument, separated by tabs.
pub fn add(report: &mut String, file: &str, root: &Node) {
    walk(report, file, "", root);
}

/// Adds a node and all that is below it.
fn walk(report: &mut String, file: &str, parent: &str, node: &Node) {
    let path = match node.kind {
        Kind::Choice { .. } | Kind::Case { .. } => format!("{parent}/({})", node.name),
        _ => format!("{parent}/{}", node.name),
    };
    let mut line = |statement: &str, argument: &str| {
        // XPath may run over several lines, which mean no more than a space.
        let words: Vec<&str> = argument.split_whitespace().collect();
        report.push_str(&format!(
            "{file}\t{path}\t{statement}\t{}\n",
            words.join(" ")
        ));
    };
    for condition in &node.whens {
        line("when", condition);
    }
    for condition in &node.musts {
        line("must", condition);
    }
    match &node.kind {
        Kind::Leaf { ty, .. } | Kind::LeafList { ty, .. } => {
            leafrefs(ty, &mut |target| line("leafref", target));
        }
        Kind::Container { children, .. }
        | Kind::List { children, .. }
        | Kind::Choice {
            cases: children, ..
        }
        | Kind::Case { children } => {
            for child in children {
                walk(report, file, &path, child);
            }
        }
        Kind::Any { .. } => {}
    }
}

/// Gives out the paths of the leafrefs that a type consists of.
fn leafrefs(ty: &Type, found: &mut impl FnMut(&str)) {
    if let Some(path) = &ty.leafref {
        found(path);
    }
    if let Base::Union(members) = &ty.base {
        for member in members {
            leafrefs(member, found);
        }
    }
}
