//! What the things that hang on an artifact say of themselves, so that a reader can tell
//! them apart. Nothing of it is verified.

use serde_json::Value;

use super::{Error, documents};
use crate::oci::{Annotations, Descriptor, Manifest, Store, StoreError, TITLE, media_type};

/// The largest document or attestation that is looked into.
const LARGEST: u64 = 64 << 20;
/// The most parts of one manifest that are told.
const MOST: usize = 256;

/// One file, signature or attestation in a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The digest of the layer that it is.
    pub digest: String,
    /// Its media type.
    pub media_type: String,
    /// The name of the file.
    pub title: Option<String>,
    /// What an attestation says, as the URI of its predicate; of a bundle that only
    /// signs, that of cosign.
    pub predicate_type: Option<String>,
    /// Whether it is a signature and says nothing else.
    pub is_signature: bool,
    /// Which kinds of documents it is, by the names of `attest`, where its media type or
    /// predicate leaves that open.
    pub kinds: Vec<&'static str>,
    /// Who has made it, as it says itself.
    pub signer: Option<ClaimedSigner>,
    /// Why a signature can't be read.
    pub fault: Option<String>,
}

/// Somebody whom a signature names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedSigner {
    /// The subject of the certificate.
    pub subject: Option<String>,
    /// SHA-256 of the public key (SPKI), in hexadecimal.
    pub key: Option<String>,
}

/// What is in a manifest that hangs on an artifact.
///
/// # Errors
///
/// The place can't be read. A part that is not there or damaged is told with what is known
/// of it.
pub(super) fn contents(store: &Store<'_>, manifest: &Manifest) -> Result<Vec<Content>, Error> {
    let mut contents = Vec::new();
    for layer in manifest.layers.iter().take(MOST) {
        let is_only = manifest.layers.len() == 1;
        let of_manifest = is_only.then_some(&manifest.annotations);
        contents.push(content(store, layer, of_manifest)?);
    }
    Ok(contents)
}

fn content(
    store: &Store<'_>,
    layer: &Descriptor,
    of_manifest: Option<&Annotations>,
) -> Result<Content, Error> {
    /// The annotations with the kind of predicate: of an image of cosign, of a bundle.
    const PREDICATES: [&str; 2] = ["predicateType", "dev.sigstore.bundle.predicateType"];
    let noted = |name: &str| {
        let all = std::iter::once(&layer.annotations).chain(of_manifest);
        let mut found = all.filter_map(|annotations| annotations.get(name));
        found.find(|value| !value.is_empty()).cloned()
    };
    let mut content = Content {
        digest: layer.digest.clone(),
        media_type: layer.media_type.clone(),
        title: noted(TITLE),
        predicate_type: PREDICATES.iter().find_map(|name| noted(name)),
        is_signature: false,
        kinds: Vec::new(),
        signer: None,
        fault: None,
    };
    #[cfg(feature = "sign")]
    if signed::is_signed(&layer.media_type) {
        signed::look_into(store, layer, &mut content)?;
        return Ok(content);
    }
    // A statement that nobody has signed, as `publish --provenance` writes it without a key.
    if layer.media_type == media_type::IN_TOTO
        && let Some(bytes) = blob(store, layer)?
    {
        let statement: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        content.predicate_type = statement["predicateType"].as_str().map(str::to_owned);
    }
    if layer.media_type.starts_with("application/vnd.cyclonedx")
        && let Some(bytes) = blob(store, layer)?
    {
        let document: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        content.kinds = kinds(&document, &["sbom-cyclonedx", "vex"]);
    }
    Ok(content)
}

/// Which of some kinds a document of CycloneDX is; none of another document.
fn kinds(document: &Value, all: &[&'static str]) -> Vec<&'static str> {
    if document.get("bomFormat").is_none() {
        return Vec::new();
    }
    let is_one = |kind: &&&'static str| documents::says(kind, document);
    all.iter().filter(is_one).copied().collect()
}

/// The bytes of a part; `None` where it is not there, is another, or too large.
fn blob(store: &Store<'_>, layer: &Descriptor) -> Result<Option<Vec<u8>>, Error> {
    if layer.size > LARGEST {
        return Ok(None);
    }
    let read: Result<_, StoreError> = store.blob(&layer.digest, LARGEST as usize);
    match read.map_err(Error::from) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.is_of_one() => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(feature = "sign")]
mod signed {
    use super::{ClaimedSigner, Content, blob, kinds};
    use crate::diagnostic::with_reasons;
    use crate::oci::{Descriptor, Store};
    use crate::ops::Error;
    use crate::trust::sigstore::{
        ArtifactSignature, Attestation, BUNDLE_FAMILY, ENVELOPE_TYPE, SIGN_PREDICATE,
        SIMPLE_SIGNING_TYPE, SigstoreError,
    };

    /// Whether a part is a signature or an attestation.
    pub fn is_signed(media_type: &str) -> bool {
        [SIMPLE_SIGNING_TYPE, ENVELOPE_TYPE].contains(&media_type)
            || media_type.starts_with(BUNDLE_FAMILY)
    }

    /// Adds what a signature or an attestation says.
    pub fn look_into(
        store: &Store<'_>,
        layer: &Descriptor,
        content: &mut Content,
    ) -> Result<(), Error> {
        content.is_signature = layer.media_type == SIMPLE_SIGNING_TYPE
            || content.predicate_type.as_deref() == Some(SIGN_PREDICATE);
        let Some(bytes) = blob(store, layer)? else {
            content.fault = Some("it is not there, damaged or too large".to_owned());
            return Ok(());
        };
        if let Err(error) = tell(&bytes, layer, content) {
            content.fault = Some(with_reasons(&error));
        }
        Ok(())
    }

    fn tell(bytes: &[u8], layer: &Descriptor, content: &mut Content) -> Result<(), SigstoreError> {
        let annotation = |name: &str| layer.annotations.get(name).map(String::as_str);
        if layer.media_type == SIMPLE_SIGNING_TYPE {
            let signature = ArtifactSignature::classic(bytes.to_owned(), annotation)?;
            content.signer = claimed(&signature);
            return Ok(());
        }
        let attestation = match layer.media_type == ENVELOPE_TYPE {
            true => Attestation::classic(bytes, annotation)?,
            false => Attestation::bundle(bytes, annotation)?,
        };
        // The annotation is a copy of it, which nobody has signed.
        let statement = attestation.statement();
        content.is_signature = statement.predicate_type == SIGN_PREDICATE;
        content.predicate_type = Some(statement.predicate_type.clone());
        content.kinds = match super::super::attest::kinds_of(&statement.predicate_type) {
            several if several.len() > 1 => kinds(&statement.predicate, &several),
            one => one,
        };
        content.signer = claimed(attestation.signature());
        Ok(())
    }

    fn claimed(signature: &ArtifactSignature) -> Option<ClaimedSigner> {
        let certificate = signature.certificates().first();
        let key = certificate.and_then(|one| one.public_key().ok());
        let signer = ClaimedSigner {
            subject: certificate.map(|one| one.subject()),
            key: match key {
                Some(key) => Some(key.id()),
                None => signature.key_hint(),
            },
        };
        (signer.subject.is_some() || signer.key.is_some()).then_some(signer)
    }
}
