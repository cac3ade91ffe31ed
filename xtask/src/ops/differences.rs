//! In what two artifacts differ, for somebody who thought that they were one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::needs::config;
use crate::oci::{Manifest, Store};

/// So many are told in full.
const MOST: usize = 3;
/// No value is shown in more characters.
const LONGEST: usize = 60;

/// An artifact: its manifest and its config document.
pub(super) struct Side {
    manifest: Value,
    config: Value,
}

impl Side {
    /// Of these bytes. What is no JSON says nothing.
    pub fn of(manifest: &[u8], config: &[u8]) -> Self {
        Side {
            manifest: serde_json::from_slice(manifest).unwrap_or_default(),
            config: serde_json::from_slice(config).unwrap_or_default(),
        }
    }

    /// What lies under a digest; `None` where that can't be read, because nobody is helped by
    /// another error in the place of what the difference was looked for.
    pub fn read(store: &Store<'_>, digest: &str) -> Option<Self> {
        let fetched = store.fetch(digest).ok()?;
        let manifest: Manifest = serde_json::from_slice(&fetched.bytes).ok()?;
        let config = config(store, &manifest).ok()?;
        Some(Side::of(&fetched.bytes, &config))
    }
}

/// In what `here` differs from `there`, as a clause behind a semicolon; nothing where no
/// difference can be told.
pub(super) fn differences(there: &Side, here: &Side) -> String {
    let layers = |side: &Side| {
        let layers = side.manifest["layers"].as_array().into_iter().flatten();
        let digests = layers.map(|layer| layer["digest"].as_str().map(str::to_owned));
        digests.collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    walk(&there.config, &here.config, "", &mut found);
    let is_about_tree = !found.is_empty() && found.iter().all(|one| one.is_location());
    let of_config = tell(&found);
    found.clear();
    for key in keys(&there.manifest, &here.manifest) {
        // Digest and size of the config document follow from it.
        if key != "config" && key != "layers" {
            let (old, new) = (&there.manifest[&key], &here.manifest[&key]);
            walk(old, new, &key, &mut found);
        }
    }
    let kind = |side: &Side, pointer: &str| side.manifest.pointer(pointer).cloned();
    for pointer in ["/config/mediaType", "/layers/0/mediaType"] {
        let (old, new) = (kind(there, pointer), kind(here, pointer));
        let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
        let path = pointer[1..].replace('/', ".").replace(".0", "[0]");
        walk(&old, &new, &path, &mut found);
    }
    let of_manifest = tell(&found);
    let is_other = layers(there) != layers(here);
    let mut parts = Vec::new();
    if is_other {
        parts.push("the package itself".to_owned());
    }
    if !of_config.is_empty() {
        parts.push(format!("the config document ({of_config})"));
    }
    if !of_manifest.is_empty() {
        parts.push(format!("the manifest ({of_manifest})"));
    }
    match parts.is_empty() {
        true => String::new(),
        false if is_about_tree && parts.len() == 1 => format!(
            "; the package is the same, and the config document says otherwise what lies in its \
             tree ({of_config}), as where a part of the tree is published by itself"
        ),
        false if is_other => format!("; they differ in {}", parts.join(" and ")),
        false => format!(
            "; the package is the same, and they differ in {}",
            parts.join(" and ")
        ),
    }
}

/// A value that is another one; absent ones are null.
struct Difference {
    path: String,
    there: Value,
    here: Value,
}

impl Difference {
    /// Whether it is where a dependency lies (`docs/oci-artifacts.md`, "The config
    /// document").
    fn is_location(&self) -> bool {
        self.path.starts_with("dependencies[") && self.path.ends_with("].location")
    }
}

fn keys(one: &Value, other: &Value) -> BTreeSet<String> {
    let of = |value: &Value| value.as_object().cloned().unwrap_or_default();
    of(one)
        .into_iter()
        .chain(of(other))
        .map(|(k, _)| k)
        .collect()
}

fn walk(there: &Value, here: &Value, path: &str, found: &mut Vec<Difference>) {
    match (there, here) {
        _ if there == here => {}
        (Value::Object(_), Value::Object(_)) => {
            for key in keys(there, here) {
                let path = match path {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                walk(&there[&key], &here[&key], &path, found);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (i, (old, new)) in old.iter().zip(new).enumerate() {
                walk(old, new, &format!("{path}[{i}]"), found);
            }
        }
        _ => found.push(Difference {
            path: path.to_owned(),
            there: there.clone(),
            here: here.clone(),
        }),
    }
}

fn tell(found: &[Difference]) -> String {
    let one = |one: &Difference| {
        let path = plain(&one.path);
        match (&one.there, &one.here) {
            // The document itself.
            (Value::Null, _) if path.is_empty() => "there was none".to_owned(),
            _ if path.is_empty() => "all of it".to_owned(),
            (Value::Null, _) => format!("`{path}` is new"),
            (_, Value::Null) => format!("`{path}` is missing"),
            (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => {
                format!("`{path}`")
            }
            (old, new) => format!("`{path}` was {}, is {}", shown(old), shown(new)),
        }
    };
    let mut told: Vec<String> = found.iter().take(MOST).map(one).collect();
    if found.len() > MOST {
        told.push(format!("{} more", found.len() - MOST));
    }
    told.join(", ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{}`", plain(text)),
        other => format!("`{}`", plain(&other.to_string())),
    }
}

/// What others wrote, in one short line.
fn plain(text: &str) -> String {
    let text = text.replace(char::is_control, " ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn side(manifest: &Value, config: &Value) -> Side {
        Side::of(
            manifest.to_string().as_bytes(),
            config.to_string().as_bytes(),
        )
    }

    #[test]
    fn every_part_is_told_apart() {
        let manifest = json!({
            "schemaVersion": 2,
            "config": { "mediaType": "c", "digest": "sha256:1", "size": 1 },
            "layers": [{ "mediaType": "l", "digest": "sha256:2", "size": 1 }],
            "annotations": { "version": "1.0" },
        });
        let config = json!({
            "descriptorVersion": "1.0",
            "dependencies": [{ "descriptorId": "a", "location": "internal" }],
        });
        let told = |change: &dyn Fn(&mut Value, &mut Value)| {
            let (mut there, mut said) = (manifest.clone(), config.clone());
            change(&mut there, &mut said);
            differences(&side(&there, &said), &side(&manifest, &config))
        };
        assert_eq!(told(&|_, _| {}), "");
        // Both follow from the document.
        assert_eq!(told(&|m, _| m["config"]["digest"] = "sha256:9".into()), "");
        assert_eq!(
            told(&|_, c| c["dependencies"][0]["location"] = "external".into()),
            "; the package is the same, and the config document says otherwise what lies in its \
             tree (`dependencies[0].location` was `external`, is `internal`), as where a part of \
             the tree is published by itself"
        );
        assert_eq!(
            told(&|m, c| {
                m["annotations"]["created"] = "2020".into();
                c["dependencies"] = json!([]);
            }),
            "; the package is the same, and they differ in the config document (`dependencies`) \
             and the manifest (`annotations.created` is missing)"
        );
        let none = told(&|_, c| *c = Value::Null);
        assert!(
            none.ends_with("the config document (there was none)"),
            "{none}"
        );
        assert_eq!(
            told(&|m, c| {
                m["layers"][0]["digest"] = "sha256:3".into();
                m["layers"][0]["mediaType"] = "x\ny".into();
                for key in ["e", "f", "g", "h"] {
                    c[key] = 1.into();
                }
                c["descriptorVersion"] = "z".repeat(100).into();
            }),
            format!(
                "; they differ in the package itself and the config document (`descriptorVersion` \
                 was `{}…`, is `1.0`, `e` is missing, `f` is missing, 2 more) and the manifest \
                 (`layers[0].mediaType` was `x y`, is `l`)",
                "z".repeat(LONGEST)
            )
        );
    }
}
