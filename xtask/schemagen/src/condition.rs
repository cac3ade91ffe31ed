//! States the conditions of the modules (`must` and `when`) in words of our
//! own.
//!
//! A condition is an object with a `name` and what it is about. `defect` is
//! the number of a published defect in `docs/sol006-defects.md`; the statement
//! is then what was meant, and `literally` what the module says: `never` or
//! `always`. An expression that is not known here stops the compiler, so that
//! no release brings in a condition unseen.
//!
//! Names of nodes are relative to the node that has the condition, or where
//! that is a leaf, to the node that holds the leaf.

use anyhow::{Result, bail};
use serde_json::{Value, json};

/// States a `when`.
pub fn when(expression: &str) -> Result<Value> {
    let text = plain(expression);
    if let Some(leaf) = text.strip_prefix("../").filter(|leaf| is_name(leaf)) {
        return Ok(json!({"name": "there", "leaf": leaf}));
    }
    let mut values = Vec::new();
    let mut leafs = Vec::new();
    for part in text.split(")or(") {
        let part = part.trim_start_matches('(').trim_end_matches(')');
        let equation = part
            .strip_prefix("../")
            .and_then(|part| part.split_once("='"));
        let Some((leaf, value)) = equation else {
            bail!("the condition {text} has no statement");
        };
        let (leaf, value) = (bare(leaf), bare(value.trim_end_matches('\'')));
        if !is_name(leaf) || !is_name(value) {
            bail!("the condition {text} has no statement");
        }
        leafs.push(leaf);
        values.push(value.to_owned());
    }
    let (Some(leaf), true) = (
        leafs.first(),
        leafs.windows(2).all(|pair| pair[0] == pair[1]),
    ) else {
        bail!("the condition {text} has no statement");
    };
    // The identities are written in lower case, those of the condition not.
    if *leaf == "associated-layer-protocol" {
        // Written in another way, it might be true one day.
        let is_known = |value: &String| value.chars().any(char::is_uppercase);
        if !values.iter().all(is_known) {
            bail!("the condition {text} has no statement");
        }
        let values: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
        return Ok(json!({
            "name": "is",
            "leaf": leaf,
            "values": values,
            "defect": 1,
            "literally": "never",
        }));
    }
    Ok(json!({"name": "is", "leaf": leaf, "values": values}))
}

/// States a `must`; `own` are the names from the root to the node that has it.
pub fn must(expression: &str, own: &[String]) -> Result<Value> {
    let text = plain(expression);
    if let Some(statement) = compared(&text).or_else(|| listed(&text, own)) {
        return Ok(statement);
    }
    Ok(match text.as_str() {
        "../../virtual-compute-desc[id=current()]/virtual-memory/size\
         >=../../sw-image-desc[id=current()/../sw-image-desc]/min-ram" => {
            json!({"name": "image-memory"})
        }
        "../size-of-storage>=../../sw-image-desc[id=current()]/min-disk" => {
            json!({"name": "image-disk", "up": 1})
        }
        "../size-of-storage>=../../../sw-image-desc[id=current()]/min-disk" => {
            json!({"name": "image-disk", "up": 2})
        }
        ".<=../../../../df/vdu-profile[id=current()/../vdu-id]/max-number-of-instances" => {
            json!({"name": "profile-most", "bound": "max-number-of-instances"})
        }
        ".>=../../../../df/vdu-profile[id=current()/../vdu-id]/min-number-of-instances" => {
            json!({"name": "profile-least", "bound": "min-number-of-instances"})
        }
        "default-instantiation-levelorcount(instantiation-level)=1" => {
            json!({
                "name": "default-level",
                "leaf": "default-instantiation-level",
                "list": "instantiation-level",
            })
        }
        "default-instantiation-levelorcount(ns-instantiation-level)=1" => {
            json!({
                "name": "default-level",
                "leaf": "default-instantiation-level",
                "list": "ns-instantiation-level",
            })
        }
        "(count(vnf-to-level-mapping)+count(virtual-link-to-level-mapping)\
         +count(ns-to-level-mapping))>0" => {
            json!({
                "name": "some-mapping",
                "lists": [
                    "vnf-to-level-mapping",
                    "virtual-link-to-level-mapping",
                    "ns-to-level-mapping",
                ],
            })
        }
        "not(../../service-availability-level)" => {
            json!({"name": "said-above", "up": 1, "leaf": "service-availability-level"})
        }
        // The two containers have no meaning of their own, and are always
        // there to a reader of XPath.
        "not(entities)or(not(provider)andnot(requirer))" => {
            json!({
                "name": "either",
                "one": "entities",
                "others": ["provider", "requirer"],
                "defect": 13,
                "literally": "alone-never",
            })
        }
        _ => bail!("the condition {text} has no statement"),
    })
}

/// Comparisons of a leaf with one beside it, and of two leafs of a node.
fn compared(text: &str) -> Option<Value> {
    for (sign, name) in [("<=", "at-most"), (">=", "at-least"), ("!=", "differs")] {
        let Some((left, right)) = text.split_once(sign) else {
            continue;
        };
        if left == "." {
            let other = right.strip_prefix("../").filter(|name| is_name(name))?;
            return Some(json!({"name": name, "other": other}));
        }
        let leaf = |side: &str| {
            let leaf = side.strip_prefix("./").unwrap_or(side);
            is_name(leaf).then(|| leaf.to_owned())
        };
        if sign == "<=" {
            return Some(json!({
                "name": "ordered",
                "lesser": leaf(left)?,
                "greater": leaf(right)?,
            }));
        }
    }
    None
}

/// Conditions that a name stands in a list of the descriptor, or that it is
/// one of those that a forwarding graph lists.
fn listed(text: &str, own: &[String]) -> Option<Value> {
    let leaf = own.last()?.as_str();
    // A service stands two nodes below the top in both containers.
    let levels = own.len().checked_sub(2)?;
    if let Some(inner) = text.strip_prefix("boolean(") {
        let (way, value) = inner.strip_suffix("])")?.split_once("[.=current()")?;
        let list = way.trim_start_matches("../");
        let climbed = (way.len() - list.len()) / "../".len();
        // From the item of a list, or from a leaf.
        let (leaf, up) = match value.strip_prefix('/') {
            Some(leaf) => (Some(leaf), levels),
            None => (None, levels - 1),
        };
        let mut statement = json!({"name": "listed", "up": up, "list": list});
        let is_itself = leaf.is_none() && way == format!("../{}", own.last()?);
        let is_known = is_name(list) && leaf.is_none_or(is_name);
        if !is_known || (climbed != levels && !is_itself) {
            return None;
        }
        if let Some(leaf) = leaf {
            statement["leaf"] = leaf.into();
        } else if is_itself {
            // A leaf that is asked to be equal to itself.
            let meant = if list == "nsd-id" {
                "nested-nsd-id"
            } else {
                list
            };
            statement["list"] = meant.into();
            statement["defect"] = 3.into();
            statement["literally"] = "always".into();
        }
        return Some(statement);
    }
    // The node that these look at does not exist.
    let rest = text.strip_prefix(".=deref(../../")?;
    let (missing, beyond) = rest.split_once(')')?;
    let end = match leaf.ends_with("-profile-id") {
        true => String::new(),
        false => format!("/../{leaf}"),
    };
    if !is_name(missing) || !missing.ends_with("-profile-id") || beyond != end {
        return None;
    }
    let (profile, list) = match leaf {
        "vnf-profile-id" | "vnfd-id" => ("vnf-profile", "vnf-profile-id"),
        "pnf-profile-id" | "pnfd-id" => ("pnf-profile", "pnf-profile-id"),
        "ns-profile-id" | "nsd-id" => ("ns-profile", "nested-ns-profile-id"),
        _ => return None,
    };
    Some(if leaf.ends_with("-profile-id") {
        json!({"name": "graph-profile", "list": list, "defect": 2, "literally": "never"})
    } else {
        json!({
            "name": "graph-descriptor",
            "list": list,
            "profile": profile,
            "leaf": leaf,
            "defect": 2,
            "literally": "never",
        })
    })
}

/// An expression without spaces, and with one kind of quotes. Where a word
/// loses the space around it, the statements above are written alike.
fn plain(expression: &str) -> String {
    let text: String = expression.split_whitespace().collect();
    text.replace('"', "'")
}

/// Whether a text is the name of a node and nothing else.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A name without the prefix of its module.
fn bare(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(path: &str) -> Vec<String> {
        path.split('/').map(str::to_owned).collect()
    }

    #[test]
    fn comparisons_carry_their_leafs() -> Result<()> {
        let path = own("vnfd/rule/low");
        assert_eq!(
            must(". <= ../high", &path)?,
            json!({"name": "at-most", "other": "high"})
        );
        assert_eq!(
            must("./low <= ./high", &path)?,
            json!({"name": "ordered", "lesser": "low", "greater": "high"})
        );
        Ok(())
    }

    #[test]
    fn what_was_meant_stands_beside_what_is_written() -> Result<()> {
        let path = own("nsd/nsd/sapd/pnf/pnfd-id");
        assert_eq!(
            must("boolean(../pnfd-id[.=current()])", &path)?,
            json!({
                "name": "listed",
                "up": 2,
                "list": "pnfd-id",
                "defect": 3,
                "literally": "always"
            })
        );
        let statement = when("(../associated-layer-protocol = 'IPv4')")?;
        assert_eq!(statement["values"], json!(["ipv4"]));
        assert_eq!(statement["literally"], "never");
        Ok(())
    }

    #[test]
    fn an_unknown_condition_stops_the_compiler() {
        for expression in [
            "count(a) > 2",
            ". < ../b",
            "starts-with(., 'a')",
            "a = b",
            "../../a/b = 'c'",
            "(../a = 'b') and (../c = 'd')",
            "../a = 'b' and ../c = 'd'",
            "(../a = 'b') or (../c = 'd')",
            "../a != 'b'",
            "not(../a = 'b')",
            "../associated-layer-protocol = 'ipv4'",
            "boolean(../../../../x-id[.=current()])",
            "boolean(../x-id[.=current()/y-id])",
            "boolean(../../a/x-id[.=current()])",
            ". = deref(../../x-profile-id)/../other",
        ] {
            assert!(
                must(expression, &own("nsd/nsd/c/vnfd-id")).is_err(),
                "{expression}"
            );
            assert!(when(expression).is_err(), "{expression}");
        }
    }
}
