//! `attach`: a file that speaks about an artifact, hung on it where it is.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

use super::place::{Access, OpenPlace};
use super::settle::settle;
use super::{Error, Reporter, documents};
use crate::oci::{Annotations, Fetched, Referrer, Remote, TITLE, media_type};
use crate::source::Workspace;

/// The largest file that is attached.
const LARGEST: u64 = 256 << 20;

/// What to attach.
#[derive(Clone, Debug)]
pub struct AttachOptions {
    /// The artifact: at a registry, in a layout or in an archive.
    pub reference: String,
    /// The file.
    pub file: PathBuf,
    /// What the file is: one of [`ATTACHMENT_TYPES`] or a media type.
    pub kind: String,
    /// Annotations of the new manifest.
    pub annotations: Annotations,
}

/// What hangs on the artifact now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// The artifact, by its digest.
    pub reference: String,
    /// Its digest.
    pub subject: String,
    /// The digest of the manifest that refers to it.
    pub digest: String,
    /// The media type of the file, and the type of the artifact that it is.
    pub media_type: String,
    /// Whether it was there already.
    pub existed: bool,
}

/// Why a file is not attached.
#[derive(Debug, Error)]
pub enum AttachError {
    /// A type that is neither a known name nor a media type.
    #[error(
        "`{0}` is no type; give one of {names} or a media type such as `text/markdown`",
        names = names()
    )]
    Type(String),
    /// SPDX as tags and values.
    #[error(
        "`{}` is SPDX as tags and values, and `{kind}` is JSON; attach it with `--type text/spdx`, or \
         have it converted for those who look for JSON",
        path.display()
    )]
    TagValue {
        /// The file.
        path: PathBuf,
        /// The type.
        kind: String,
    },
    /// A file that is not what was said.
    #[error(
        "`{}` is not of the type `{kind}`: it is no JSON document with {fields}; give its media type instead",
        path.display()
    )]
    Other {
        /// The file.
        path: PathBuf,
        /// The type.
        kind: String,
        /// The fields by which it would be known.
        fields: String,
    },
    /// A text that others can't read as JSON.
    #[error(
        "`{}` begins with a byte order mark, which a JSON document must not have (RFC 8259 §8.1); write it without one",
        .0.display()
    )]
    ByteOrderMark(PathBuf),
    /// What is signed and not only attached.
    #[error(
        "`{}` is what an attestation of the type `{kind}` says; `cargo nfv attest` signs and attaches it",
        path.display()
    )]
    Predicate {
        /// The file.
        path: PathBuf,
        /// The type.
        kind: String,
    },
    /// A statement about something else.
    #[error(
        "the statement in `{}` is about {about}, and neither about {digest} nor about a file in it",
        path.display()
    )]
    NotAbout {
        /// The file.
        path: PathBuf,
        /// The artifact.
        digest: String,
        /// What it is about.
        about: String,
    },
    /// A file that is too large.
    #[error("`{}` is larger than 256 MiB", .0.display())]
    TooLarge(PathBuf),
    /// A path without the name of a file.
    #[error("`{}` names no file", .0.display())]
    NoName(PathBuf),
}

/// A short name, and the fields by which documents of the type are known, each
/// with the media type that goes with it.
type Known = (&'static str, &'static [(&'static str, &'static str)]);

const SPDX: (&str, &str) = ("spdxVersion", "application/spdx+json");
const CYCLONEDX: (&str, &str) = ("bomFormat", "application/vnd.cyclonedx+json");
const SARIF: (&str, &str) = ("runs", "application/sarif+json");
const IN_TOTO: (&str, &str) = ("_type", media_type::IN_TOTO);
const OPENVEX: (&str, &str) = ("@context", "application/vnd.openvex+json");

/// The short names of types. The media types are those by which scanners look
/// for referrers (Trivy for SBOMs, Ratify for reports) or which the formats have
/// registered.
pub const ATTACHMENT_TYPES: &[Known] = &[
    ("sbom", &[SPDX, CYCLONEDX]),
    ("sbom-spdx", &[SPDX]),
    ("sbom-cyclonedx", &[CYCLONEDX]),
    ("sarif", &[SARIF]),
    ("vex", &[CYCLONEDX, OPENVEX]),
    ("vuln", &[SARIF, CYCLONEDX]),
    ("in-toto", &[IN_TOTO]),
];

fn names() -> String {
    let names = ATTACHMENT_TYPES.iter().map(|(name, _)| format!("`{name}`"));
    names.collect::<Vec<String>>().join(", ")
}

/// Attaches a file to an artifact. The same file, type and annotations give the
/// same bytes, so that attaching twice changes nothing.
///
/// # Errors
///
/// The artifact is not there, the file can't be read or is not of the type, the
/// place can't be written.
pub fn attach(
    workspace: &Workspace,
    remote: &Remote,
    options: &AttachOptions,
    reporter: &dyn Reporter,
) -> Result<Attached, Error> {
    let content = read(&workspace.current_dir.join(&options.file), &options.file)?;
    let media_type = media_type(&options.kind, &content, &options.file)?;
    let name = options.file.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| AttachError::NoName(options.file.clone()))?;
    let place = OpenPlace::open(workspace, remote, &options.reference, Access::Change)?;
    let subject = place.store.fetch(&place.target()?)?;
    if media_type == IN_TOTO.1 {
        is_about(&content, &subject, &options.file)?;
    }
    let referrer = Referrer {
        media_type: media_type.clone(),
        content,
        layer_annotations: [(TITLE.to_owned(), name.to_owned())].into(),
        annotations: options.annotations.clone(),
    };
    let seed = format!("{}{:?}", options.file.display(), options.annotations);
    let (digest, existed) = settle(&place.store, &seed, || {
        let (digest, existed) = referrer.put(&place.store, &subject)?;
        Ok(((digest, existed), existed))
    })?;
    let reference = place.by_digest(&subject.digest);
    if !existed {
        reporter.status("Attached", &format!("{name} to {reference}"));
    }
    place.finish()?;
    Ok(Attached {
        reference,
        subject: subject.digest,
        digest,
        media_type,
        existed,
    })
}

/// Refuses a statement (in-toto, "Statement v1") that names neither the artifact nor one
/// of its layers among its subjects.
fn is_about(content: &[u8], artifact: &Fetched, file: &Path) -> Result<(), AttachError> {
    let statement: Value = serde_json::from_slice(content).unwrap_or_default();
    let subjects = statement["subject"].as_array().into_iter().flatten();
    let about: Vec<String> = subjects
        .filter_map(|subject| subject["digest"]["sha256"].as_str())
        .map(|sha256| format!("sha256:{sha256}"))
        .collect();
    let manifest: Value = serde_json::from_slice(&artifact.bytes).unwrap_or_default();
    let layers = manifest["layers"].as_array().into_iter().flatten();
    let layers = layers.filter_map(|layer| layer["digest"].as_str());
    let mut own = layers.chain([artifact.digest.as_str()]);
    match own.any(|digest| about.iter().any(|about| about == digest)) {
        true => Ok(()),
        false => Err(AttachError::NotAbout {
            path: file.to_owned(),
            digest: artifact.digest.clone(),
            about: match about.is_empty() {
                true => "nothing with a SHA-256".to_owned(),
                false => about.join(", "),
            },
        }),
    }
}

pub(super) fn read(path: &Path, shown: &Path) -> Result<Vec<u8>, Error> {
    let io = |source| Error::Io {
        action: "read",
        path: shown.to_owned(),
        source,
    };
    let mut content = Vec::new();
    let file = File::open(path).map_err(io)?;
    file.take(LARGEST + 1)
        .read_to_end(&mut content)
        .map_err(io)?;
    match content.len() as u64 > LARGEST {
        true => Err(AttachError::TooLarge(shown.to_owned()).into()),
        false => Ok(content),
    }
}

/// The media type of a content that is said to be of a type.
fn media_type(kind: &str, content: &[u8], path: &Path) -> Result<String, AttachError> {
    let Some((_, known)) = ATTACHMENT_TYPES.iter().find(|(name, _)| *name == kind) else {
        return match is_media_type(kind) {
            true => Ok(kind.to_owned()),
            false => Err(AttachError::Type(kind.to_owned())),
        };
    };
    if content.starts_with(b"\xef\xbb\xbf") {
        return Err(AttachError::ByteOrderMark(path.to_owned()));
    }
    let document: Value = serde_json::from_slice(content).unwrap_or_default();
    let is_there = |(field, _): &&(&str, &str)| document.get(field).is_some();
    let (path, kind) = (path.to_owned(), kind.to_owned());
    let found = known.iter().find(is_there);
    if let Some(wanted) = found.and_then(|(field, _)| documents::misshapen(field, &document)) {
        return Err(AttachError::Other {
            fields: wanted.to_owned(),
            path,
            kind,
        });
    }
    match found {
        Some((_, media_type)) if documents::says(&kind, &document) => Ok((*media_type).to_owned()),
        Some(_) => Err(AttachError::Other {
            fields: format!("`{}`", documents::wanted(&kind)),
            path,
            kind,
        }),
        // It is the field of cosign's predicate.
        None if kind == "vuln" && document.get("scanner").is_some() => {
            Err(AttachError::Predicate { path, kind })
        }
        None if content.starts_with(b"SPDXVersion:") => Err(AttachError::TagValue { path, kind }),
        None => {
            let fields = known.iter().map(|(field, _)| format!("`{field}`"));
            Err(AttachError::Other {
                path,
                kind,
                fields: fields.collect::<Vec<String>>().join(" or "),
            })
        }
    }
}

/// Whether a text is a media type without parameters (RFC 6838 §4.2), as
/// descriptors have them.
fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        let first = name.bytes().next();
        first.is_some_and(|byte| byte.is_ascii_alphanumeric())
            && name.len() <= 127
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.split_once('/')
        .is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_names_and_media_types() {
        let of = |kind: &str, content: &str| {
            media_type(kind, content.as_bytes(), Path::new("x.json")).ok()
        };
        for (kind, content, expected) in [
            ("sbom-spdx", r#"{"spdxVersion":"SPDX-2.3"}"#, Some(SPDX.1)),
            (
                "sbom-spdx",
                r#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#,
                None,
            ),
            ("sbom-spdx", "SPDXVersion: SPDX-2.3", None),
            (
                "vex",
                r#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#,
                None,
            ),
            (
                "vex",
                r#"{"bomFormat":"CycloneDX","specVersion":"1.6","vulnerabilities":[{}]}"#,
                Some(CYCLONEDX.1),
            ),
            (
                "sbom-cyclonedx",
                r#"{"bomFormat":"CycloneDX","specVersion":"1.6","vulnerabilities":[{}]}"#,
                None,
            ),
            (
                "sbom",
                r#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#,
                Some(CYCLONEDX.1),
            ),
            ("sbom", r#"{"spdxVersion":"SPDX-2.3"}"#, Some(SPDX.1)),
            ("vuln", r#"{"scanner":{}}"#, None),
            (
                "vex",
                r#"{"@context":"https://openvex.dev"}"#,
                Some(OPENVEX.1),
            ),
            ("vuln", r#"{"runs":[]}"#, Some(SARIF.1)),
            ("text/markdown", "# x", Some("text/markdown")),
            ("sbom", "{}", None),
            ("sbom", r#"{"spdxVersion":"SPDX-1"}"#, None),
            ("sbom", r#"{"bomFormat":"CycloneDX"}"#, None),
            ("sarif", r#"{"runs":1}"#, None),
            ("sarif", "\u{feff}{\"runs\":[]}", None),
            ("text/", "", None),
            ("text/a b", "", None),
            ("a/b; c=d", "", None),
        ] {
            assert_eq!(of(kind, content).as_deref(), expected, "{kind} {content}");
        }
    }
}
