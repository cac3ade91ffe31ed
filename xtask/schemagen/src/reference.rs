//! Turns the path of a leafref into the notation of the schemas.
//!
//! A reference is found from the leaf that holds it: `up` says how many
//! parents to go up, `path` which children to go down, and `leaf` which of
//! their leafs must have the same value. With `root`, the way begins at the
//! top of the document instead. With `deref`, it begins at the leafs that
//! another reference points to. A step of `path` that is an object has the
//! name under `node` and, under `where`, the leafs by which it is chosen, each
//! with the way to the value that it must have.
//!
//! `external` names the kind of descriptor that a reference leaves its own
//! for. `repaired` is the way that was meant, where the module has another;
//! `defect` is the number of that defect in `docs/sol006-defects.md`, and a
//! repair without a way means that nothing can be asked of the reference.

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

/// A way through the data, as the module writes it.
struct Way {
    /// The reference that the way begins at the target of.
    deref: Option<Box<Way>>,
    /// Whether the way begins at the top of the document.
    is_absolute: bool,
    /// How many parents to go up first.
    up: usize,
    /// The names to go down then, the last of which is a leaf.
    down: Vec<Step>,
}

/// A step down.
struct Step {
    name: String,
    /// The leaf by which the node is chosen, with the way to its value.
    filter: Option<(String, Way)>,
}

/// Writes the leafref with that path in the notation of the schemas; `own` are
/// the names from the root to the leaf that holds it.
pub fn leafref(path: &str, own: &[String]) -> Result<Value> {
    // Space has no meaning in a path.
    let text: String = path.split_whitespace().collect();
    let way = parse(&text)?;
    let mut object = way.notation()?;
    if let Some(kind) = external(&way, own) {
        object.insert("external".into(), kind.into());
    }
    if let Some(repaired) = repaired(&way, own)? {
        object.insert("repaired".into(), repaired);
    }
    Ok(Value::Object(object))
}

/// Reads a path without spaces.
fn parse(text: &str) -> Result<Way> {
    if let Some(rest) = text.strip_prefix("deref(") {
        let Some((inner, rest)) = rest.split_once(")/") else {
            bail!("deref without an end in {text}");
        };
        let mut way = parse(rest)?;
        way.deref = Some(Box::new(parse(inner)?));
        return Ok(way);
    }
    let (is_absolute, text) = match text.strip_prefix('/') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut up = 0;
    let mut down = Vec::new();
    for part in parts(text) {
        match part {
            ".." if down.is_empty() => up += 1,
            _ => down.push(step(part)?),
        }
    }
    if down.is_empty() {
        bail!("the path {text} leads to no leaf");
    }
    Ok(Way {
        deref: None,
        is_absolute,
        up,
        down,
    })
}

/// Splits a path at the slashes outside of predicates.
fn parts(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(|c| {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        c == '/' && depth == 0
    })
    .collect()
}

/// Reads a step down: a name, and perhaps one predicate.
fn step(text: &str) -> Result<Step> {
    let (name, predicate) = match text.split_once('[') {
        Some((name, rest)) => (name, rest.strip_suffix(']')),
        None => (text, None),
    };
    let name = bare(name);
    if name.is_empty() || name.contains(['.', '(', '*']) {
        bail!("the step {text} has no statement");
    }
    let filter = match predicate.map(|predicate| predicate.split_once("=current()/")) {
        None if text.contains('[') => bail!("the predicate of {text} has no end"),
        None => None,
        Some(Some((key, value))) => Some((bare(key).to_owned(), parse(value)?)),
        Some(None) => bail!("the predicate of {text} has no statement"),
    };
    Ok(Step {
        name: name.to_owned(),
        filter,
    })
}

/// A name without the prefix of its module.
fn bare(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

impl Way {
    /// The way in the notation of the schemas.
    fn notation(&self) -> Result<Map<String, Value>> {
        let mut object = Map::new();
        if let Some(deref) = &self.deref {
            object.insert("deref".into(), Value::Object(deref.notation()?));
        }
        if self.is_absolute {
            object.insert("root".into(), true.into());
        }
        if self.up > 0 {
            object.insert("up".into(), self.up.into());
        }
        let Some((leaf, path)) = self.down.split_last() else {
            bail!("a path leads to no leaf");
        };
        if !path.is_empty() {
            let steps: Result<Vec<Value>> = path.iter().map(Step::notation).collect();
            object.insert("path".into(), steps?.into());
        }
        object.insert("leaf".into(), leaf.name.as_str().into());
        Ok(object)
    }

    /// The names to go down.
    fn names(&self) -> Vec<&str> {
        self.down.iter().map(|step| step.name.as_str()).collect()
    }
}

impl Step {
    fn notation(&self) -> Result<Value> {
        Ok(match &self.filter {
            None => self.name.as_str().into(),
            Some((key, way)) => json!({
                "node": self.name,
                "where": {key: Value::Object(way.notation()?)},
            }),
        })
    }
}

/// How many nodes there are from the root of a document to a descriptor, and
/// which kind of descriptor that is.
fn descriptor<'a>(names: &[&'a str]) -> (usize, Option<&'a str>) {
    match names {
        [root, rest @ ..] if *root == "nfv" || *root == "nsd" || root.ends_with("-catalog") => {
            (2, rest.first().copied())
        }
        [root, ..] => (1, Some(root)),
        [] => (0, None),
    }
}

/// The kind of descriptor that a way leaves its own for.
fn external(way: &Way, own: &[String]) -> Option<String> {
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let (depth, kind) = descriptor(&own);
    let target = target(way, &own)?;
    let (_, other) = descriptor(&target);
    let is_outside = way.is_absolute || own.len() - way.up < depth;
    // A descriptor of the same kind is another one only if it is named.
    let names_one = way.down.len() == 2 && !way.is_absolute;
    (is_outside && (other != kind || names_one))
        .then(|| other.map(str::to_owned))
        .flatten()
}

/// The names from the root to the leaf that a way leads to; those behind a
/// `deref` are not known here.
fn target<'a>(way: &'a Way, own: &[&'a str]) -> Option<Vec<&'a str>> {
    if way.deref.is_some() {
        return None;
    }
    if way.is_absolute {
        return Some(way.names());
    }
    let mut names = own.get(..own.len().checked_sub(way.up)?)?.to_vec();
    names.extend(way.names());
    Some(names)
}

/// The way that was meant, where the module has another.
fn repaired(way: &Way, own: &[String]) -> Result<Option<Value>> {
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let (depth, kind) = descriptor(&own);
    let names = way.names();
    // The flavour is that of the link which the profile is for, whether or
    // not a connection point uses the link.
    if own.ends_with(&["virtual-link-profile", "flavour"])
        && names == ["flavour", "id"]
        && way.deref.is_some()
    {
        return Ok(Some(json!({
            "defect": 4,
            "deref": {"up": 1, "leaf": "id"},
            "up": 1,
            "path": ["flavour"],
            "leaf": "id",
        })));
    }
    if own.ends_with(&["file-storage-data", "int-virtual-link-desc"])
        && names == ["sw-image-desc", "id"]
    {
        return Ok(Some(json!({
            "defect": 6,
            "up": way.up,
            "path": ["int-virtual-link-desc"],
            "leaf": "id",
        })));
    }
    if let [.., "dependencies", leaf] = own.as_slice()
        && let [list, _] = names.as_slice()
        && leaf.ends_with(list)
    {
        return Ok(Some(json!({
            "defect": 8,
            "up": way.up,
            "path": [list],
            "leaf": "id",
        })));
    }
    if way.is_absolute && names.first() == Some(&"nfv") {
        let (_, other) = descriptor(&names);
        if other != kind || names.len() <= 3 {
            return Ok(None);
        }
        return Ok(Some(json!({
            "defect": 5,
            "up": own.len() - depth,
            "path": &names[2..names.len() - 1],
            "leaf": names[names.len() - 1],
        })));
    }
    // The container of one service has no room for the services in it.
    if own.first() == Some(&"nsd")
        && way.deref.is_none()
        && names == ["nsd", "id"]
        && own.len() - way.up < depth
    {
        return Ok(Some(json!({"defect": 7})));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(path: &str, own: &str) -> Value {
        let own: Vec<String> = own.split('/').map(str::to_owned).collect();
        leafref(path, &own).expect("a reference")
    }

    #[test]
    fn relative_absolute_and_chosen_ways() {
        assert_eq!(
            written("../../../v:vdu/id", "vnfd/df/vdu-profile/id"),
            json!({"up": 3, "path": ["vdu"], "leaf": "id"})
        );
        assert_eq!(
            written("/v:vnfd/v:ext-cpd/v:id", "vnfd/mgmt-cp"),
            json!({"root": true, "path": ["vnfd", "ext-cpd"], "leaf": "id"})
        );
        assert_eq!(
            written("deref(../vdu-id)/../int-cpd/id", "vnfd/ext-cpd/int-cpd/cpd"),
            json!({
                "deref": {"up": 1, "leaf": "vdu-id"},
                "up": 1,
                "path": ["int-cpd"],
                "leaf": "id"
            })
        );
        assert_eq!(
            written(
                "../../vdu[id = current()/../vdu-ref]/param/id",
                "vnfd-catalog/vnfd/action/ref"
            ),
            json!({
                "up": 2,
                "path": [
                    {"node": "vdu", "where": {"id": {"up": 1, "leaf": "vdu-ref"}}},
                    "param"
                ],
                "leaf": "id"
            })
        );
    }

    #[test]
    fn what_lies_in_another_descriptor_is_marked() {
        assert_eq!(
            written("../../vnfd/id", "nsd/nsd/vnfd-id"),
            json!({"up": 2, "path": ["vnfd"], "leaf": "id", "external": "vnfd"})
        );
        let nested = written("../../nsd/id", "nsd/nsd/nested-nsd-id");
        assert_eq!(nested["external"], "nsd");
        assert_eq!(nested["repaired"], json!({"defect": 7}));
        let own = written("../../../nsd/df/vnf-profile/id", "nsd/nsd/vnffgd/x");
        assert_eq!(own.get("external"), None);
    }

    #[test]
    fn a_reference_from_the_top_of_the_container_stays_in_its_descriptor() {
        let path = "/nfv:nfv/nfv:vnfd/nfv:int-virtual-link-desc/nfv:id";
        for (own, up) in [
            ("vnfd/vdu/int-cpd/link", 3),
            ("nfv/vnfd/vdu/int-cpd/link", 3),
        ] {
            let reference = written(path, own);
            assert_eq!(
                reference["repaired"],
                json!({"defect": 5, "up": up, "path": ["int-virtual-link-desc"], "leaf": "id"})
            );
            assert_eq!(reference.get("external"), None);
        }
    }

    #[test]
    fn what_is_not_understood_stops_the_compiler() {
        let own = ["a".to_owned()];
        for path in ["../*", "../a[1]/b", "deref(../a", "..", "../a[b='c']/d"] {
            assert!(leafref(path, &own).is_err(), "{path}");
        }
    }
}
