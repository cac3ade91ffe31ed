//! `attest`: a signed statement about an artifact, put where the artifact is.

use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

use super::key::{Passphrases, failed};
use super::place::{Access, OpenPlace};
use super::provenance::is_uri;
use super::settle::settle;
use super::sign_artifact::{PutSignature, repository_of};
use super::signatures::{put_bundle, put_classic};
use super::signing::KeyAndCertificates;
use super::{Error, Reporter};
use super::{attach, documents};
use crate::oci::{Beside, Fetched, Remote, Store};
use crate::provenance::PREDICATE_TYPE;
use crate::source::Workspace;
use crate::trust::sigstore::{ArtifactSigner, SignatureForm, Statement, Subject};

/// What to say about which artifact, and who says it.
#[derive(Clone, Debug)]
pub struct AttestOptions {
    /// The artifact: at a registry, in a layout or in an archive.
    pub reference: String,
    /// The file with what is said.
    pub file: PathBuf,
    /// What the file is: one of [`PREDICATES`], `in-toto` for a whole statement,
    /// or the URI of a predicate.
    pub kind: String,
    /// The file of the private key.
    pub key: PathBuf,
    /// The file of its certificate and those of its issuers.
    pub certificates: Option<PathBuf>,
    /// The forms of the attestation.
    pub forms: Vec<SignatureForm>,
}

/// What was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attested {
    /// The artifact, by its digest.
    pub reference: String,
    /// The digest that the statement is about.
    pub subject: String,
    /// The kind of predicate, as a URI.
    pub predicate_type: String,
    /// SHA-256 of the public key (SPKI), in hexadecimal.
    pub key: String,
    /// The attestations, in the order of the forms that were asked for.
    pub attestations: Vec<PutSignature>,
}

/// Why nothing is attested.
#[derive(Debug, Error)]
pub enum AttestError {
    /// A type that is neither a known name nor a URI.
    #[error(
        "`{0}` is no type; give one of {names}, `in-toto`, or the URI of a predicate such as `https://example.org/review/v1`",
        names = names()
    )]
    Type(String),
    /// A file that is not JSON.
    #[error("`{}` is no JSON document, which an attestation has to be", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The parser's words.
        source: serde_json::Error,
    },
    /// A predicate that is something else than an object.
    #[error(
        "the predicate in `{}` is no JSON object, which it has to be (in-toto Statement v1)",
        path.display()
    )]
    NoObject {
        /// The file.
        path: PathBuf,
    },
    /// A file that is not what was said.
    #[error(
        "`{}` is not of the type `{kind}`: it has no {fields}; give the URI of its predicate instead",
        path.display()
    )]
    Other {
        /// The file.
        path: PathBuf,
        /// The type.
        kind: String,
        /// The field by which it would be known.
        fields: String,
    },
    /// A file that is said to be a statement and is none.
    #[error("`{}` is no in-toto statement", path.display())]
    Statement {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: crate::trust::sigstore::SigstoreError,
    },
    /// A statement about something else.
    #[error("the statement in `{}` is not about {digest}, but about {about}", path.display())]
    NotAbout {
        /// The file.
        path: PathBuf,
        /// The artifact.
        digest: String,
        /// What it is about.
        about: String,
    },
}

/// The name of a kind of predicate, and by which field of a document it is
/// known, each with its URI.
type Predicate = (&'static str, &'static [(&'static str, &'static str)]);

const SPDX: (&str, &str) = ("spdxVersion", "https://spdx.dev/Document");
const CYCLONEDX: (&str, &str) = ("bomFormat", "https://cyclonedx.org/bom");
const OPENVEX: (&str, &str) = ("@context", "https://openvex.dev/ns");
const SLSA: (&str, &str) = ("buildDefinition", PREDICATE_TYPE);
const SLSA_02: (&str, &str) = ("buildType", "https://slsa.dev/provenance/v0.2");
const LINK: (&str, &str) = ("materials", "https://in-toto.io/Link/v1");
/// Of this one nothing is known.
const CUSTOM: (&str, &str) = ("", "https://cosign.sigstore.dev/attestation/v1");
const VULN: (&str, &str) = ("scanner", "https://cosign.sigstore.dev/attestation/vuln/v1");

/// The kinds of predicates with a name: first those of this program, then the
/// same as cosign calls them.
pub const PREDICATES: &[Predicate] = &[
    ("provenance", &[SLSA]),
    ("sbom-spdx", &[SPDX]),
    ("sbom-cyclonedx", &[CYCLONEDX]),
    ("vex", &[OPENVEX, CYCLONEDX]),
    ("vuln", &[VULN]),
    ("slsaprovenance", &[SLSA_02]),
    ("slsaprovenance02", &[SLSA_02]),
    ("slsaprovenance1", &[SLSA]),
    ("spdx", &[SPDX]),
    ("spdxjson", &[SPDX]),
    ("cyclonedx", &[CYCLONEDX]),
    ("openvex", &[OPENVEX]),
    ("link", &[LINK]),
    ("custom", &[CUSTOM]),
];

/// How many of them are those of this program.
const OWN: usize = 5;

fn names() -> String {
    let names = PREDICATES.iter().take(OWN);
    let names = names.map(|(name, _)| format!("`{name}`"));
    names.collect::<Vec<String>>().join(", ")
}

/// The URIs of the predicates that a name or a URI stands for. `None` if it is
/// neither.
pub(super) fn predicate_types(kind: &str) -> Option<Vec<String>> {
    if let Some((_, known)) = PREDICATES.iter().find(|(name, _)| *name == kind) {
        return Some(known.iter().map(|(_, uri)| (*uri).to_owned()).collect());
    }
    is_uri(kind).then(|| vec![kind.to_owned()])
}

/// The names of this program for a kind of predicate: several where one predicate serves
/// several kinds of documents.
pub(super) fn kinds_of(predicate_type: &str) -> Vec<&'static str> {
    let own = PREDICATES.iter().take(OWN);
    let is_one = |known: &&Predicate| known.1.iter().any(|(_, uri)| *uri == predicate_type);
    own.filter(is_one).map(|(name, _)| *name).collect()
}

/// Says something about an artifact with a private key. The same key, file,
/// artifact and place give the same bytes, so that saying it twice changes
/// nothing.
///
/// # Errors
///
/// The artifact is not there, the file is not what was said, a file of keys can't
/// be read, the passphrase is wrong, the certificate is for another key or not
/// for signing, the place can't be written.
pub fn attest(
    workspace: &Workspace,
    remote: &Remote,
    options: &AttestOptions,
    passphrases: &dyn Passphrases,
    reporter: &dyn Reporter,
) -> Result<Attested, Error> {
    let said = Said::read(workspace, &options.file, &options.kind)?;
    let place = OpenPlace::open(workspace, remote, &options.reference, Access::Change)?;
    let name = place.target()?;
    let subject = place.store.fetch(&name)?;
    let repository = repository_of(&place.store, &name);
    let statement = said.about(&options.file, &repository, &subject.digest)?;
    let own = KeyAndCertificates::read(&options.key, options.certificates.as_deref(), passphrases)?;
    let key = own.key.public_key().id();
    let seed = format!("{key}{}", statement.to_json());
    let put = settle(&place.store, &seed, || {
        let how = (&*options.key, &*options.forms);
        let put = put(&place.store, &subject, &statement, &own, how)?;
        let was_there = put.iter().all(|one| one.existed);
        Ok((put, was_there))
    })?;
    let reference = place.by_digest(&subject.digest);
    for one in put.iter().filter(|one| !one.existed) {
        reporter.status("Attested", &format!("{reference} ({})", one.form.id()));
    }
    place.finish()?;
    Ok(Attested {
        reference,
        subject: subject.digest,
        predicate_type: statement.predicate_type,
        key,
        attestations: put,
    })
}

/// Signs a statement with a key, which came from that file, and hangs it on the
/// artifact in each of the forms.
pub(super) fn put(
    store: &Store<'_>,
    subject: &Fetched,
    statement: &Statement,
    own: &KeyAndCertificates,
    (key, forms): (&Path, &[SignatureForm]),
) -> Result<Vec<PutSignature>, Error> {
    let signer = ArtifactSigner {
        key: &own.key,
        certificates: &own.certificates,
    };
    let mut all = Vec::new();
    for form in forms {
        let (digest, existed) = match form {
            SignatureForm::Classic => {
                let signed = signer.attestation(statement);
                let signed = signed.map_err(|source| failed(key, source))?;
                put_classic(store, &subject.digest, Beside::Attestations, signed)?
            }
            SignatureForm::Bundle => {
                let content = signer.attestation_bundle(statement);
                let content = content.map_err(|source| failed(key, source))?;
                put_bundle(store, subject, &signer, content, &statement.predicate_type)?
            }
        };
        all.push(PutSignature {
            form: *form,
            digest,
            existed,
        });
    }
    Ok(all)
}

/// What is to be said.
enum Said {
    Predicate(String, Value),
    Statement(Statement),
}

impl Said {
    fn read(workspace: &Workspace, file: &Path, kind: &str) -> Result<Self, Error> {
        let content = attach::read(&workspace.current_dir.join(file), file)?;
        if kind == "in-toto" {
            let statement = Statement::parse(&content);
            let statement = statement.map_err(|source| AttestError::Statement {
                path: file.to_owned(),
                source,
            })?;
            // cosign reads a text as well, which it writes for SPDX itself.
            let predicate = &statement.predicate;
            if !(predicate.is_object() || predicate.is_null() || predicate.is_string()) {
                let path = file.to_owned();
                return Err(AttestError::NoObject { path }.into());
            }
            return Ok(Said::Statement(statement));
        }
        let known = PREDICATES.iter().find(|(name, _)| *name == kind);
        if known.is_none() && !is_uri(kind) {
            return Err(AttestError::Type(kind.to_owned()).into());
        }
        let predicate: Value =
            serde_json::from_slice(&content).map_err(|source| AttestError::Json {
                path: file.to_owned(),
                source,
            })?;
        if !predicate.is_object() {
            let path = file.to_owned();
            return Err(AttestError::NoObject { path }.into());
        }
        let Some((_, known)) = known else {
            return Ok(Said::Predicate(kind.to_owned(), predicate));
        };
        let has = |(field, _): &&(&str, &str)| field.is_empty() || predicate.get(field).is_some();
        match known.iter().find(has) {
            Some(_) if !documents::says(kind, &predicate) => Err(AttestError::Other {
                path: file.to_owned(),
                kind: kind.to_owned(),
                fields: format!("`{}`", documents::wanted(kind)),
            }
            .into()),
            Some((_, uri)) => Ok(Said::Predicate((*uri).to_owned(), predicate)),
            None => {
                let fields = known.iter().map(|(field, _)| format!("`{field}`"));
                Err(AttestError::Other {
                    path: file.to_owned(),
                    kind: kind.to_owned(),
                    fields: fields.collect::<Vec<String>>().join(" and no "),
                }
                .into())
            }
        }
    }

    /// The statement about an artifact.
    fn about(self, file: &Path, repository: &str, digest: &str) -> Result<Statement, AttestError> {
        match self {
            Said::Predicate(predicate_type, predicate) => Ok(Statement {
                subjects: vec![Subject::of_digest(repository, digest)],
                predicate_type,
                predicate,
            }),
            Said::Statement(statement) if statement.is_about(digest) => Ok(statement),
            Said::Statement(statement) => {
                let about = statement.subjects.iter();
                let mut about: Vec<String> =
                    about.map(|one| format!("sha256:{}", one.sha256)).collect();
                if about.is_empty() {
                    about.push("nothing with a SHA-256".to_owned());
                }
                Err(AttestError::NotAbout {
                    path: file.to_owned(),
                    digest: digest.to_owned(),
                    about: about.join(", "),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_names_and_uris() {
        let of = |kind| predicate_types(kind).map(|all| all.join(" "));
        for (kind, expected) in [
            ("provenance", Some(PREDICATE_TYPE)),
            ("slsaprovenance1", Some(PREDICATE_TYPE)),
            ("spdxjson", Some(SPDX.1)),
            ("urn:example:x", Some("urn:example:x")),
            ("sarif", None),
            ("https:", None),
            ("https://a b", None),
            ("1x:y", None),
        ] {
            assert_eq!(of(kind).as_deref(), expected, "{kind}");
        }
        let vex = of("vex").expect("two");
        assert!(vex.contains(OPENVEX.1) && vex.contains(CYCLONEDX.1));
    }
}
