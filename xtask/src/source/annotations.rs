//! Annotations of artifacts that the configuration adds.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Annotations by their keys.
pub type OwnAnnotations = BTreeMap<AnnotationKey, String>;

/// The key of an annotation that a configuration may give.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(try_from = "String")]
pub struct AnnotationKey(String);

/// What the OCI keeps for itself (image-spec, "Annotations", "Rules").
const OCI: &str = "org.opencontainers.";

/// What it defines of that (image-spec, "Pre-Defined Annotation Keys"), but for what is set here
/// already.
const DEFINED: [&str; 10] = [
    "authors",
    "base.digest",
    "base.name",
    "description",
    "documentation",
    "licenses",
    "revision",
    "source",
    "url",
    "vendor",
];

impl TryFrom<String> for AnnotationKey {
    type Error = String;

    fn try_from(key: String) -> Result<Self, String> {
        let reserved = |why: &str| Err(format!("the annotation `{key}` can't be set: {why}"));
        if key.is_empty() || key.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return reserved("a key has at least one character, no spaces and no line breaks");
        }
        let Some(name) = key.strip_prefix(OCI) else {
            return Ok(AnnotationKey(key));
        };
        match name.strip_prefix("image.").unwrap_or_default() {
            "title" => reserved("it is the id of the package, by which it is known"),
            "version" => reserved("it is the version of the package, by which it is found"),
            "created" => reserved("it is the time of `SOURCE_DATE_EPOCH`, where that is set"),
            "ref.name" => reserved("it is the name under which a layout has the artifact"),
            name if DEFINED.contains(&name) => Ok(AnnotationKey(key)),
            _ => reserved("the OCI keeps `org.opencontainers.` for itself, and knows no such key"),
        }
    }
}

impl AnnotationKey {
    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_keys_say_what_they_are() {
        let read = |key: &str| AnnotationKey::try_from(key.to_owned());
        for key in [
            "org.opencontainers.image.source",
            "org.opencontainers.image.vendor",
            "org.opencontainers.image.base.name",
            "com.example/team",
            "x",
        ] {
            assert_eq!(read(key).map(|key| key.0), Ok(key.to_owned()));
        }
        for (key, why) in [
            ("org.opencontainers.image.title", "id"),
            ("org.opencontainers.image.version", "version"),
            ("org.opencontainers.image.created", "SOURCE_DATE_EPOCH"),
            ("org.opencontainers.image.ref.name", "layout"),
            ("org.opencontainers.image.mine", "keeps"),
            ("org.opencontainers.source", "keeps"),
            ("", "at least"),
            ("a b", "spaces"),
        ] {
            let said = read(key).expect_err(key);
            assert!(said.contains(why), "{said}");
        }
    }
}
